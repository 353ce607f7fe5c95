"""A record that is not what was registered: the apps end it by themselves, whatever dies meanwhile.

The owner's app is honest, but its memory is not: one record is sealed with other content than was
registered. Nobody presses anything after the payment; the chain's clock is moved.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from app.cli.story import same_files
from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import SettingsSnapshot
from app.engine import evidence
from app.engine.points import DISPUTED, POINTS, Role
from chain import exchange
from chain.endpoint import Endpoint
from tests.story.people import Human, World
from tests.story.spoiling import spoil, spoil_and_withhold, withhold_key
from tests.story.test_deadlines import MARGIN, REVEAL_SECONDS, agree, chain_state, money
from tests.story.trading import PRICE_UNITS, press, register, shows

WRONG = 12
PAYING = ("paying", "wait_final", "receive", "wait_peer", "wait_key", "checking", "faulty", "check")


def of(role: Role) -> tuple[str, ...]:
    return tuple(p.name for p in POINTS if p.name in DISPUTED and role in p.roles)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "gauges.txt"
    file.write_text("".join(f"{hour},{hour * 7 % 113}\n" for hour in range(20_000)))
    return file


def paid(owner: Human, buyer: Human, data: Path, title: str) -> tuple[str, OrderSnapshot, int]:
    """As far as the payment: thread, page, and what the buyer had before."""
    thread, page = agree(owner, buyer, register(owner, data, title))
    before = money(buyer)
    pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
    press(buyer, thread, "pay", pay, *PAYING)
    return thread, page, before


def assert_dispute_ended(
    world: World, owner: Human, buyer: Human, thread: str, before: int
) -> None:
    """Both pages say so, the contract says so, and price and bond are the buyer's."""
    won = shows(buyer, thread, "dispute_won", seconds=120)
    lost = shows(owner, thread, "dispute_lost", seconds=120)
    assert won.ended == lost.ended == "refunded"
    for page in (won, lost):
        assert page.ending is not None
        assert (page.ending.code, page.ending.record, page.ending.proof) == (
            "dispute", WRONG + 1, True,
        )  # fmt: skip
        assert "complain" in {line.what for line in page.records}
    assert chain_state(world, won) == exchange.REFUNDED
    assert won.bond is not None
    token = won.price.currency.token
    address = next(e.buyer for e in buyer.events(thread) if isinstance(e, ev.RequestMade))
    assert world.gateway.token_balance(token, address) == before + won.bond.units
    made = [entry for entry in buyer.entries(thread) if entry.state != "failed"]
    assert Counter(entry.what for entry in made) == Counter(["fund", "complain"])


def saved(human: Human, thread: str, path: Path) -> evidence.Proof:
    """The proof that the app of one side writes."""
    human.person.ask(cmd.SaveProof(thread, path))
    human.wait(SettingsSnapshot, lambda news: path.exists())  # each block is news
    return evidence.read(json.loads(path.read_text()))


def test_a_wrong_record_is_won_back_by_itself_though_both_die_at_every_step(
    world: World, pair: tuple[Human, Human], data: Path, tmp_path: Path
) -> None:
    owner, buyer = pair
    diary = owner.diary
    diary.unlink(missing_ok=True)
    owner.starts_with(partial(spoil, WRONG, of("owner"), diary))
    buyer.dies_at(of("buyer"))
    with owner.kept_up(), buyer.kept_up():
        thread, _, before = paid(owner, buyer, data, "One record is wrong")
        page = shows(buyer, thread, "faulty", seconds=120)
        assert page.ending is None
        assert {tick.what: tick.ok for tick in page.ticks}["records"] is False
        world.let_pass(REVEAL_SECONDS - MARGIN)
        assert_dispute_ended(world, owner, buyer, thread, before)
    for human, role in ((owner, "owner"), (buyer, "buyer")):
        human.outlive(of("owner" if role == "owner" else "buyer"))
    assert_dispute_ended(world, owner, buyer, thread, before)
    for human in pair:
        proof = saved(human, thread, tmp_path / f"{human.name}.json")
        evidence.check(proof)
        assert proof.complaint.index == WRONG
        assert proof.complaint.offer.price == PRICE_UNITS
    owner.starts_with(None)
    buyer.starts_with(None)


def test_a_key_that_comes_only_by_the_record_opens_a_wrong_delivery_too(
    world: World, pair: tuple[Human, Human], data: Path
) -> None:
    owner, buyer = pair
    owner.starts_with(partial(spoil_and_withhold, WRONG))
    thread, _, before = paid(owner, buyer, data, "Wrong, and no key")
    shows(buyer, thread, "wait_key", seconds=120)
    world.let_pass(REVEAL_SECONDS - MARGIN)
    assert_dispute_ended(world, owner, buyer, thread, before)
    owner.starts_with(None)


def test_a_complaint_that_a_reorganisation_takes_back_is_made_again(
    world: World, pair: tuple[Human, Human], data: Path
) -> None:
    owner, buyer = pair
    owner.starts_with(partial(spoil_and_withhold, WRONG))
    thread, page, before = paid(owner, buyer, data, "Wrong, on two chains")
    shows(buyer, thread, "wait_key", seconds=120)
    world.let_pass(REVEAL_SECONDS - MARGIN)
    assert_dispute_ended(world, owner, buyer, thread, before)
    made = next(entry for entry in buyer.entries(thread) if entry.what == "complain")
    assert made.block_number is not None
    endpoint = Endpoint(world.network.rpc_urls[0])
    try:
        head = world.gateway.head().number
        endpoint.ask("anvil_reorg", head - made.block_number + 1, [])
    finally:
        endpoint.close()
    assert chain_state(world, page) != exchange.REFUNDED
    shows(buyer, thread, "complaining", seconds=60)  # nothing is kept that is not so any more
    assert_dispute_ended(world, owner, buyer, thread, before)
    owner.starts_with(None)


def test_a_reveal_that_was_signed_in_time_is_not_shown_after_it(
    world: World, pair: tuple[Human, Human], data: Path
) -> None:
    """Power goes between signing and sending, and is back after the deadline."""
    owner, buyer = pair
    owner.dies_at(("reveal_signed",))
    thread, page, before = paid(owner, buyer, data, "Signed in time")
    shows(buyer, thread, "check", seconds=120)
    world.let_pass(REVEAL_SECONDS - MARGIN)
    assert any(owner.person.was_killed() for _ in range(24))
    world.let_pass(MARGIN)
    shows(buyer, thread, "refunded", seconds=120)
    owner.come_back()
    owner.open(cmd.OpenOrder(thread))
    shows(owner, thread, "refunded", seconds=120)
    owner.wait(
        SettingsSnapshot,
        lambda news: [e.state for e in owner.entries(thread) if e.what == "reveal"] == ["failed"],
    )
    (reveal,) = (entry for entry in owner.entries(thread) if entry.what == "reveal")
    assert reveal.problem == "Its time had passed."
    assert world.gateway.receipt(reveal.attempts[0].hash) is None
    assert chain_state(world, page) == exchange.REFUNDED
    assert money(buyer) == before
    owner.starts_with(None)


def test_a_key_that_comes_only_by_the_record_opens_an_honest_delivery(
    world: World, pair: tuple[Human, Human], data: Path
) -> None:
    owner, buyer = pair
    owner.starts_with(withhold_key)
    thread, page, _ = paid(owner, buyer, data, "Right, and no key")
    shows(buyer, thread, "wait_key", seconds=120)
    world.let_pass(REVEAL_SECONDS - MARGIN)
    page = shows(buyer, thread, "check", seconds=120)
    assert "confirm" in page.actions
    assert page.delivery is not None
    assert same_files(data, Path(page.delivery.folder))
    assert chain_state(world, page) == exchange.REVEALED
    assert not [entry for entry in buyer.entries(thread) if entry.what == "complain"]
    owner.starts_with(None)


def test_a_wrong_record_whose_key_is_never_revealed_is_refunded(
    world: World, pair: tuple[Human, Human], data: Path
) -> None:
    owner, buyer = pair
    owner.starts_with(partial(spoil, WRONG))
    thread, page, before = paid(owner, buyer, data, "Wrong, and never revealed")
    shows(buyer, thread, "faulty", seconds=120)
    owner.kill()
    world.let_pass(REVEAL_SECONDS + 60)
    ended = shows(buyer, thread, "refunded", seconds=120)
    assert ended.ending is not None
    assert ended.ending.code == "unrevealed"
    assert chain_state(world, page) == exchange.REFUNDED
    assert money(buyer) == before
    owner.starts_with(None)
