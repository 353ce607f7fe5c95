"""Network files: what is written is read back, and every mistake is named."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.address import ZERO_ADDRESS
from chain.network import MAX_FILE_BYTES, Network, Token

REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
EXCHANGE = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
DOLLAR = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"


def network() -> Network:
    return Network(
        name="Company chain",
        chain_id=31337,
        rpc_urls=("http://127.0.0.1:8545", "https://node.example/v2/secret-access-key"),
        registry=REGISTRY,
        exchange=EXCHANGE,
        tokens=(
            Token(DOLLAR, "PUSD", "Practice dollar", 6, True),
            Token(ZERO_ADDRESS, "ETH", "Ether", 18, False),
        ),
        confirmations=2,
        practice=True,
        start_block=7,
        min_reveal_within=20,
        min_window=20,
        fee_symbol="ETH",
        free_gas=False,
    )


def test_a_saved_file_loads_to_the_same_network(tmp_path: Path) -> None:
    path = tmp_path / "company.json"
    network().save(path)
    assert Network.load(path) == network()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["company.json"]


def test_saving_replaces_and_failing_to_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "company.json"
    path.write_text("old")
    network().save(path)
    assert Network.load(path) == network()
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OSError, match="taken"):
        network().save(folder)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["company.json", "taken"]


def test_addresses_in_one_case_are_accepted_and_written_with_checksum() -> None:
    document = network().to_json()
    document["registry"] = REGISTRY.lower()
    document["tokens"][0]["address"] = DOLLAR.lower()
    assert Network.from_json(document) == network()


def test_tokens_are_found_by_address() -> None:
    found = network().token(DOLLAR)
    assert found is not None
    assert found.symbol == "PUSD"
    assert network().token(REGISTRY) is None


def test_an_access_key_shows_neither_in_repr_nor_in_errors() -> None:
    assert "secret-access-key" not in repr(network())
    for url in (
        "ftp://node.example/secret-access-key",
        "http://node.example:99999/secret-access-key",
        "http://[::1/secret-access-key",
        "http://user:secret-access-key@nodê℀.example",
    ):
        with pytest.raises(ValueError, match="rpc_urls") as caught:
            Network.from_json(network().to_json() | {"rpc_urls": [url]})
        assert "secret-access-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lading": 2}, "another version"),
        ({"lading": True}, "another version"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": " a"}, "space"),
        ({"chain_id": 0}, "chain_id"),
        ({"chain_id": "31337"}, "chain_id"),
        ({"chain_id": True}, "chain_id"),
        ({"chain_id": 1.0}, "chain_id"),
        ({"rpc_urls": []}, "rpc_urls"),
        ({"rpc_urls": "http://127.0.0.1"}, "list"),
        ({"rpc_urls": [f"http://127.0.0.1:{port}" for port in range(1, 18)]}, "1 to 16"),
        ({"rpc_urls": ["http://127.0.0.1"] * 2}, "same endpoint twice"),
        ({"rpc_urls": ["file:///etc/passwd"]}, "rpc_urls"),
        ({"rpc_urls": ["http://"]}, "rpc_urls"),
        ({"rpc_urls": ["http://a b"]}, "rpc_urls"),
        ({"registry": ZERO_ADDRESS}, "registry"),
        ({"registry": REGISTRY.swapcase()}, "registry"),
        ({"registry": None}, "registry"),
        ({"exchange": REGISTRY}, "two contracts"),
        ({"exchange": EXCHANGE[:-1] + "8"}, "typing mistake"),
        ({"tokens": {}}, "list"),
        ({"tokens": [None]}, "a token"),
        ({"confirmations": -1}, "confirmations"),
        ({"practice": 1}, "practice"),
        ({"start_block": 2**53}, "start_block"),
        ({"min_reveal_within": 0}, "min_reveal_within"),
        ({"min_window": 10**9}, "min_window"),
        ({"fee_symbol": "x" * 17}, "fee_symbol"),
        ({"free_gas": 0}, "free_gas"),
        ({"extra": 1}, "unknown entries: extra"),
    ],
)
def test_each_mistake_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Network.from_json(network().to_json() | change)


@pytest.mark.parametrize("name", sorted(network().to_json()))
def test_each_missing_entry_is_named(name: str) -> None:
    document = network().to_json()
    del document[name]
    with pytest.raises(ValueError, match=f"lacks {name}"):
        Network.from_json(document)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"decimals": 37}, "decimals"),
        ({"decimals": -1}, "decimals"),
        ({"decimals": "6"}, "decimals"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": "\u202eDSUP"}, "symbol"),
        ({"name": "x" * 65}, "name"),
        ({"permit": "yes"}, "permit"),
        ({"address": "0x12"}, "address"),
        ({"address": ZERO_ADDRESS}, "no permit"),
        ({"address": DOLLAR, "more": 0}, "more"),
    ],
)
def test_each_mistake_in_a_token_is_named(change: dict[str, Any], words: str) -> None:
    token = network().tokens[0].to_json()
    with pytest.raises(ValueError, match=words):
        Token.from_json(token | change)


def test_a_token_is_listed_once() -> None:
    document = network().to_json()
    document["tokens"] += document["tokens"][:1]
    with pytest.raises(ValueError, match="twice"):
        Network.from_json(document)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 50_000, b"1" * 9_000, b"null"])
def test_a_file_that_is_not_json_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "n.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"n\.json"):
        Network.load(path)


def test_a_file_too_large_is_refused_unread_and_its_neighbour_read(tmp_path: Path) -> None:
    content = json.dumps(network().to_json()).encode()
    path = tmp_path / "n.json"
    path.write_bytes(content.ljust(MAX_FILE_BYTES))
    assert Network.load(path) == network()
    path.write_bytes(content.ljust(MAX_FILE_BYTES + 1))
    with pytest.raises(ValueError, match="too large"):
        Network.load(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(network().to_json())), JSON)
def test_any_value_anywhere_is_a_network_or_a_value_error(name: str, value: object) -> None:
    document = network().to_json() | {name: value}
    try:
        read = Network.from_json(document)
    except ValueError:
        return
    assert Network.from_json(read.to_json()) == read
