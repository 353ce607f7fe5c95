"""``lading deploy`` against a second chain, and the file it writes for others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chain.deploy import addresses
from chain.gateway import Gateway
from chain.network import Network
from tests.app.cli.conftest import Here
from tests.app.cli.other_chain import CHAIN_ID, DEPLOYER_KEY, OtherChain

KEY = "LADING_DEPLOY_KEY"


def test_twice_is_once_and_the_second_time_costs_nothing(
    other: OtherChain,
    practice_file: Path,
    here: Here,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = other.transactions()
    again = tmp_path / "again.json"
    deploy = ("deploy", "--rpc", other.url, "--name", "Second chain", "--out", again, "--practice")
    without = here(*deploy)  # what is in place needs no account
    assert without.returncode == 0, without.stderr
    monkeypatch.setenv(KEY, DEPLOYER_KEY)
    ran = here(*deploy, "--json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said.pop("network_file") == str(again)
    assert said == json.loads(again.read_text()) == json.loads(practice_file.read_text())
    assert other.transactions() == before
    assert str(said["registry"]) in without.stdout


def test_the_file_is_all_that_others_need(practice_file: Path) -> None:
    network = Network.load(practice_file)
    assert (network.chain_id, network.practice, network.confirmations) == (CHAIN_ID, True, 2)
    assert (network.registry, network.exchange) == addresses(practice=True)
    assert [token.symbol for token in network.tokens] == ["PRAC", "ETH"]
    assert practice_file.stat().st_mode & 0o077 == 0  # an endpoint's address can hold a key
    gateway = Gateway(network)
    gateway.check()
    gateway.close()


def test_where_money_is_money_there_is_no_practice_dollar(plain_file: Path) -> None:
    network = Network.load(plain_file)
    assert not network.practice
    assert network.confirmations == 1
    assert (network.registry, network.exchange) == addresses(practice=False)
    assert [token.symbol for token in network.tokens] == ["ETH"]
    assert network.start_block > 0


def test_the_coin_is_called_what_the_chain_calls_it(
    other: OtherChain, practice_file: Path, here: Here, tmp_path: Path
) -> None:
    file = tmp_path / "network.json"
    deploy = ("deploy", "--rpc", other.url, "--name", "Mine", "--out", file, "--practice")
    assert here(*deploy, "--coin", "POL").returncode == 0
    network = Network.load(file)
    assert network.fee_symbol == "POL"
    assert [token.symbol for token in network.tokens] == ["PRAC", "POL"]


@pytest.mark.parametrize(
    ("options", "key", "because"),
    [
        ((), "0x12", "64 hexadecimal digits"),
        (("--key-fd", "999999999"), DEPLOYER_KEY, "cannot be read from file descriptor 999999999"),
        (("--token", "0x12"), DEPLOYER_KEY, "address"),
        (("--token", "0x" + "11" * 20), DEPLOYER_KEY, "no ERC-20 token"),
        (("--rpc", "http://127.0.0.1:9"), DEPLOYER_KEY, "cannot be reached"),
        (("--rpc", "ftp://127.0.0.1/"), DEPLOYER_KEY, "must be like http://host:port"),
        (("--rpc", "ftp://127.0.0.1/"), DEPLOYER_KEY, "What --rpc names is no endpoint"),
        (("--rpc", "127.0.0.1:8545"), DEPLOYER_KEY, "ask whoever runs the chain"),
        (("--rpc", ""), DEPLOYER_KEY, "1 to 2048 printable characters"),
        (("--name", ""), DEPLOYER_KEY, "name"),
        (("--coin", ""), DEPLOYER_KEY, "fee_symbol"),
        (("--out", "/nowhere/network.json"), DEPLOYER_KEY, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    options: tuple[str, ...],
    key: str,
    because: str,
    other: OtherChain,
    plain_file: Path,
    here: Here,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "network.json"
    usual = ("deploy", "--rpc", other.url, "--name", "Mine", "--out", file, "--json")
    monkeypatch.setenv(KEY, key)
    ran = here(*usual, *options)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert because in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert DEPLOYER_KEY[2:] not in ran.stderr
    assert not file.exists()


def test_where_nothing_is_deployed_an_account_is_needed(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = OtherChain(77_002)
    try:
        deploy = ("deploy", "--rpc", bare.url, "--name", "Mine", "--out", tmp_path / "network.json")
        nobody = here(*deploy)
        assert nobody.returncode == 1
        assert "needs an account" in nobody.stderr
        monkeypatch.setenv(KEY, "01" * 32)
        poor = here(*deploy)
        assert poor.returncode == 1
        assert "not enough" in poor.stderr
        paid = here(*deploy, "--key-fd", "FD", said=f"{DEPLOYER_KEY}\n")
        assert paid.returncode == 0, paid.stderr
    finally:
        bare.close()
