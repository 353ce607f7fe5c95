"""What is read from the contracts' storage is what the contracts answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chain import abi, exchange, registry
from chain.agreement import Domain, Offer, dataset_id, order_id
from chain.contracts.__main__ import _vyper
from chain.errors import Unreachable
from chain.exchange import FUNDED, NONE, approve_call, deposit_call, fund_call, refund_call
from chain.gateway import Call, Gateway
from chain.state import SLOTS, State, final_state, newest_state, slot_of
from tests.chain.conftest import Account, Chain, signed_offer
from tests.chain.liar import Liar, Lie, declined, storage_word


def test_the_slots_are_where_the_compiler_puts_them() -> None:
    lines = _vyper("-f", "layout", "-p", ".", "Exchange.vy", "Registry.vy").splitlines()
    found = {}
    for contract, line in zip(("Exchange", "Registry"), lines, strict=True):
        for path, entry in _variables(json.loads(line)["storage_layout"]):
            found[contract, path] = entry["slot"]
    assert SLOTS.items() <= found.items()


def _variables(layout: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in layout.items():
        if "slot" in entry:
            yield path + name, entry
        else:
            yield from _variables(entry, f"{path}{name}.")


def paid(chain: Chain, owner: Account, buyer: Account) -> tuple[Offer, bytes, bytes]:
    """(Offer, its order id, its dataset): funded, with a bond of the owner and some to spare."""
    registration = chain.register(owner)
    place, token = chain.network.registry, chain.network.tokens[0].address
    dataset = dataset_id(place, owner.address, registration.root, registration.records)
    for who in (owner, buyer):
        data = abi.interface("PracticeDollar").calldata("mint", who.address, 10_000_000)
        chain.send(Call(token, data), who)
        chain.send(approve_call(token, chain.network.exchange, 10_000_000), who)
    chain.send(deposit_call(chain.network, token, 700), owner)
    offer, signature, _ = signed_offer(chain, owner, buyer, dataset, bond=600)
    chain.send(fund_call(chain.network, offer, signature), buyer)
    return offer, order_id(Domain(chain.network.chain_id, chain.network.exchange), offer), dataset


@contextmanager
def several(chain: Chain, *lies: Lie, liars: int = 1, honest: int = 2) -> Iterator[Gateway]:
    """A gateway whose first endpoints lie and whose others do not."""
    doors = [Liar(chain.url, *lies) for _ in range(liars)]
    doors += [Liar(chain.url) for _ in range(honest)]
    gateway = Gateway(replace(chain.network, rpc_urls=tuple(door.url for door in doors)), 5.0)
    try:
        yield gateway
    finally:
        gateway.close()
        for door in doors:
            door.close()


def agrees_with_the_contracts(chain: Chain, state: State, offer: Any, order: bytes) -> None:
    gateway, network = chain.gateway, chain.network
    assert state.order(order) == exchange.read_order(gateway, network, order)
    assert state.epoch(offer.owner) == exchange.read_epoch(gateway, network, offer.owner)
    free = exchange.read_free_bond(gateway, network, offer.owner, offer.token)
    assert state.free_bond(offer.owner, offer.token) == free == 100
    assert state.dataset(offer.dataset) == registry.read_dataset(gateway, network, offer.dataset)


def test_storage_says_what_the_contracts_say(chain: Chain, owner: Account, buyer: Account) -> None:
    offer, order, dataset = paid(chain, owner, buyer)
    chain.send(exchange.cancel_all_call(chain.network), owner)
    chain.send(registry.withdraw_call(chain.network, dataset), owner)
    for honest in (1, 3):
        with several(chain, liars=0, honest=honest) as gateway:
            state = newest_state(gateway, chain.network)
            agrees_with_the_contracts(chain, state, offer, order)
            assert gateway.proves is (True if honest > 1 else None)
            assert state.order(order).state == FUNDED
            assert state.order(bytes(32)).state == NONE
            assert state.epoch(offer.owner) == 1
            row = state.dataset(dataset)
            assert row is not None
            assert row.withdrawn
            assert state.dataset(bytes(32)) is None
            # What is not final yet is not there yet.
            assert final_state(gateway, chain.network).epoch(offer.owner) == 0
    chain.mine(chain.network.confirmations)
    assert final_state(chain.gateway, chain.network).epoch(offer.owner) == 1


def test_an_ended_order_is_seen(chain: Chain, owner: Account, buyer: Account) -> None:
    offer, order, _ = paid(chain, owner, buyer)
    chain.send(refund_call(chain.network, offer), owner)
    with several(chain) as gateway:
        assert newest_state(gateway, chain.network).order(order).state == exchange.REFUNDED


def test_a_lie_about_storage_fools_nobody_but_who_asks_only_the_liar(chain: Chain) -> None:
    lie = storage_word(FUNDED | 2**40 << 8)
    with several(chain, lie, liars=1, honest=0) as gateway:
        assert newest_state(gateway, chain.network).order(bytes(32)).state == FUNDED
    for liars, honest in ((1, 1), (1, 2), (2, 1)):  # a proof needs one who gives it
        with several(chain, lie, liars=liars, honest=honest) as gateway:
            assert newest_state(gateway, chain.network).order(bytes(32)).state == NONE
            assert gateway.proves


def test_without_proofs_a_majority_has_to_say_the_same(chain: Chain) -> None:
    lie, no_proofs = storage_word(FUNDED), declined("eth_getProof")
    doors = [
        Liar(chain.url, no_proofs, lie),
        Liar(chain.url, no_proofs),
        Liar(chain.url, no_proofs),
    ]
    gateway = Gateway(replace(chain.network, rpc_urls=tuple(door.url for door in doors)), 5.0)
    try:
        assert newest_state(gateway, chain.network).order(bytes(32)).state == NONE
        assert gateway.proves is False
        doors[1].lies = (no_proofs, storage_word(exchange.PAID))
        with pytest.raises(Unreachable, match="Only 1 of the network's 3 endpoints say the same"):
            newest_state(gateway, chain.network).order(bytes(32))
        doors[1].lies = (no_proofs, lie)  # two of three: beyond what is promised
        assert newest_state(gateway, chain.network).order(bytes(32)).state == FUNDED
    finally:
        gateway.close()
        for door in doors:
            door.close()


def test_a_state_that_does_not_exist_is_unreachable(chain: Chain) -> None:
    with (
        several(chain, storage_word(7), liars=1, honest=0) as gateway,
        pytest.raises(Unreachable, match="no such state"),
    ):
        newest_state(gateway, chain.network).order(bytes(32))


def test_a_key_is_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        slot_of("Exchange", "orders", bytes(31))
