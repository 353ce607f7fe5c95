"""Block hashes: the main network's blocks, another implementation's headers, a consortium's."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.vm.forks.cancun.blocks import CancunBlockHeader
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth_hash.auto import keccak
from eth_utils import to_hex

from chain import proofs

BLOCKS = json.loads((Path(__file__).parents[1] / "vectors/headers.json").read_text())["vectors"]


@pytest.mark.parametrize("block", BLOCKS, ids=["genesis", "block 1"])
def test_the_main_networks_blocks_hash_to_their_hashes(block: dict[str, Any]) -> None:
    header = proofs.header(block)
    assert header.pinned
    assert header.state_root == bytes.fromhex(block["stateRoot"][2:])


FIELDS = sorted(BLOCKS[1].keys() - {"hash"})


@pytest.mark.parametrize("name", FIELDS)
def test_a_block_with_any_field_changed_is_not_pinned(name: str) -> None:
    block = BLOCKS[1]
    value = block[name]
    changed = block | {name: value[:-1] + ("1" if value[-1] != "1" else "2")}
    assert not proofs.header(changed).pinned
    missing = {key: value for key, value in block.items() if key != name}
    if name in ("number", "timestamp", "stateRoot"):
        with pytest.raises(ValueError, match="expected"):
            proofs.header(missing)
    else:
        assert not proofs.header(missing).pinned


def answered(header: Any) -> dict[str, Any]:
    """A py-evm header as an endpoint answers it."""
    names = {
        "parent_hash": "parentHash", "uncles_hash": "sha3Uncles", "coinbase": "miner",
        "state_root": "stateRoot", "transaction_root": "transactionsRoot",
        "receipt_root": "receiptsRoot", "bloom": "logsBloom", "difficulty": "difficulty",
        "block_number": "number", "gas_limit": "gasLimit", "gas_used": "gasUsed",
        "timestamp": "timestamp", "extra_data": "extraData", "mix_hash": "mixHash",
        "nonce": "nonce", "base_fee_per_gas": "baseFeePerGas",
        "withdrawals_root": "withdrawalsRoot", "blob_gas_used": "blobGasUsed",
        "excess_blob_gas": "excessBlobGas", "parent_beacon_block_root": "parentBeaconBlockRoot",
        "requests_hash": "requestsHash",
    }  # fmt: skip
    found: dict[str, Any] = {"hash": to_hex(header.hash)}
    for name, _ in type(header)._meta.fields:
        value = getattr(header, name)
        if name == "bloom":
            found[names[name]] = f"0x{value:0512x}"
        else:
            found[names[name]] = to_hex(value) if isinstance(value, bytes) else hex(value)
    return found


@pytest.mark.parametrize("kind", [CancunBlockHeader, PragueBlockHeader])
def test_later_forks_hash_as_another_implementation_does(kind: Any) -> None:
    header = kind(
        difficulty=0, block_number=2**33, gas_limit=30_000_000, timestamp=1_800_000_000,
        coinbase=secrets.token_bytes(20), parent_hash=secrets.token_bytes(32),
        state_root=secrets.token_bytes(32), transaction_root=secrets.token_bytes(32),
        receipt_root=secrets.token_bytes(32), bloom=2**2047 + 1, gas_used=12_345,
        extra_data=b"lading", mix_hash=secrets.token_bytes(32), base_fee_per_gas=7,
        withdrawals_root=secrets.token_bytes(32), blob_gas_used=131072, excess_blob_gas=0,
        parent_beacon_block_root=secrets.token_bytes(32),
    )  # fmt: skip
    block = answered(header)
    assert proofs.header(block).pinned
    assert proofs.header(block | {"somethingNew": "0x1"}).pinned
    for name in ("baseFeePerGas", "blobGasUsed", "parentBeaconBlockRoot"):
        assert not proofs.header(block | {name: None}).pinned


def hash_of(block: dict[str, Any]) -> str:
    """Of a header with these fields, whatever their lengths."""
    fields = []
    for name, length in proofs._FIELDS:
        text = block[name]
        fields.append(int(text, 16) if length is None else bytes.fromhex(text[2:]))
    return to_hex(keccak(rlp.encode(fields)))


def with_extra(extra: bytes, hashed_as: bytes | None = None, **changes: str) -> dict[str, Any]:
    """A block with this extra data, and the hash of one with `hashed_as` in its place."""
    hashed = BLOCKS[1] | changes | {"extraData": to_hex(extra if hashed_as is None else hashed_as)}
    return hashed | {"hash": hash_of(hashed), "extraData": to_hex(extra)}


def qbft(*members: Any, validators: int = 2) -> bytes:
    """A consortium chain's extra data, with these members behind validators and vote."""
    encoded: bytes = rlp.encode([bytes(32), [b"\x01" * 20] * validators, [], *members])
    return encoded


SEALS = [b"\x07" * 65, b"\x08" * 65]
SEALED, HASHED = qbft(b"\x03", SEALS), qbft(b"", [])


@pytest.mark.parametrize("name", ["parentHash", "miner", "logsBloom", "nonce"])
def test_a_field_of_another_length_pins_nothing_even_under_its_own_hash(name: str) -> None:
    assert BLOCKS[1]["hash"] == hash_of(BLOCKS[1])
    shorter = BLOCKS[1] | {name: BLOCKS[1][name][:-2]}
    assert not proofs.header(shorter | {"hash": hash_of(shorter)}).pinned


@pytest.mark.parametrize(("size", "pinned"), [(32 * 1024, True), (32 * 1024 + 1, False)])
def test_extra_data_is_bounded(size: int, pinned: bool) -> None:
    assert proofs.header(with_extra(bytes(size))).pinned == pinned


OTHER_FORMS = {
    "four": qbft(b"\x03"),
    "six": qbft(b"\x03", SEALS, b""),
    "no list": qbft(b"\x03", b"\x07" * 65),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_nothing_is_left_out_of_extra_data_of_another_form(form: str) -> None:
    assert proofs.header(with_extra(SEALED, HASHED)).pinned
    assert not proofs.header(with_extra(OTHER_FORMS[form], HASHED)).pinned


def test_a_consortium_chains_hash_leaves_the_seals_out() -> None:
    block = with_extra(SEALED, HASHED, stateRoot=to_hex(secrets.token_bytes(32)))
    assert proofs.header(block).pinned
    assert not proofs.header(block | {"stateRoot": to_hex(secrets.token_bytes(32))}).pinned
    other = qbft(b"\x03", SEALS, validators=1)
    assert not proofs.header(block | {"extraData": to_hex(other)}).pinned
