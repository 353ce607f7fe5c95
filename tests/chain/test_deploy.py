"""Deterministic deployment on a real anvil, with and without the proxy."""

from collections.abc import Iterator

import pytest

from chain import abi
from chain.deploy import PROXY, addresses, create2_address, deploy, describe_token
from chain.errors import Refused, Unreachable
from chain.gateway import Gateway
from chain.network import Network, Token
from tests.chain.conftest import Account, Chain


@pytest.fixture
def bare() -> Iterator[Chain]:
    """A chain without any contract, not even the proxy; it mines what is sent."""
    chain = Chain("--disable-default-create2-deployer")
    yield chain
    chain.close()


def test_everything_is_deployed_where_there_is_nothing(bare: Chain) -> None:
    network = deploy(bare.url, bare.account().key, "Ours")
    assert (network.registry, network.exchange) == addresses(practice=False)
    assert network.confirmations == 12
    assert not network.practice
    assert (network.min_reveal_within, network.min_window) == (3600, 86400)
    assert [token.symbol for token in network.tokens] == ["ETH"]
    assert 0 < network.start_block <= int(bare.rpc("eth_blockNumber"), 16)
    place = [network.registry, hex(network.start_block)]
    assert bare.rpc("eth_getCode", *place) != "0x"
    assert bare.rpc("eth_getCode", place[0], hex(network.start_block - 1)) == "0x"
    assert bare.rpc("eth_getCode", PROXY, "latest") != "0x"
    gateway = Gateway(network)
    gateway.check()
    gateway.close()
    # Others import the description.
    assert Network.from_json(network.to_json()) == network


def test_deploying_again_changes_nothing_and_needs_no_account(bare: Chain) -> None:
    first = deploy(bare.url, bare.account().key, "Ours")
    head = bare.rpc("eth_blockNumber")
    assert deploy(bare.url, bare.account().key, "Ours") == first
    assert deploy(bare.url, None, "Ours") == first
    assert bare.rpc("eth_blockNumber") == head


def test_what_is_missing_is_added(bare: Chain) -> None:
    ordinary = deploy(bare.url, bare.account().key, "Ours")
    practice = deploy(bare.url, bare.account().key, "Practice", practice=True)
    assert practice.registry == ordinary.registry
    assert practice.exchange != ordinary.exchange
    assert (practice.min_reveal_within, practice.min_window) == (60, 60)
    assert practice.confirmations == 2
    assert practice.tokens[0].symbol == "PRAC"


def test_without_an_account_nothing_can_be_deployed(bare: Chain) -> None:
    with pytest.raises(Refused, match="needs an account"):
        deploy(bare.url, None, "Ours")


def test_an_account_without_money_is_told_so(bare: Chain) -> None:
    with pytest.raises(Refused, match="not enough"):
        deploy(bare.url, bare.account(coins=0).key, "Ours")


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        deploy("http://127.0.0.1:9", bytes(31) + b"\x01", "Ours")


def test_tokens_are_described_as_they_describe_themselves(chain: Chain, owner: Account) -> None:
    dollar = create2_address(abi.interface("PracticeDollar").creation_code())
    expected = Token(dollar, "PRAC", "Practice dollar", 6, permit=True)
    assert describe_token(chain.gateway, dollar) == expected
    for nothing in (owner.address, chain.network.registry):
        with pytest.raises(Refused, match="no ERC-20 token"):
            describe_token(chain.gateway, nothing)


def test_given_tokens_and_the_own_coin_are_listed(chain: Chain, owner: Account) -> None:
    dollar = chain.network.tokens[0]
    network = deploy(
        chain.url, owner.key, "Ours", practice=True, tokens=(owner.address,) * 0, fee_symbol="XYZ"
    )
    assert [token.symbol for token in network.tokens] == ["PRAC", "XYZ"]
    assert network.tokens[0] == dollar


def test_an_address_follows_from_the_code() -> None:
    # The examples of EIP-1014 use other deployers; this one is known by its history on every chain:
    # https://github.com/Arachnid/deterministic-deployment-proxy
    assert create2_address(b"a") != create2_address(b"b")
    assert addresses(practice=True)[0] == addresses(practice=False)[0]
    assert addresses(practice=True)[1] != addresses(practice=False)[1]
