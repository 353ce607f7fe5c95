"""What is not there for a while: the chain, the other side, the will to go on."""

from __future__ import annotations

import os
import random
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
from filelock import FileLock

from app.cli.story import same_files
from app.domain import commands as cmd
from app.domain.bandwidth import LEAST_BYTES, Bandwidth
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot
from chain import anvil, exchange
from chain.process import birth
from tests.story.dying import (
    died_at,
    full_from,
    hold_at,
    note_sent,
    unreadable_from,
    ways_of,
)
from tests.story.people import Human, World
from tests.story.trading import (
    PAYING,
    assert_traded_once,
    at_once,
    buy,
    notice_request,
    order_rows,
    paid,
    press,
    register,
    request,
    shows,
    sign,
)

CHUNKS = 24
HELD_AT = 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "soundings.bin"
    file.write_bytes(random.Random(24).randbytes(CHUNKS * 256 * 4064 - 8000))
    return file


@pytest.fixture(scope="module")
def dataset(pair: tuple[Human, Human], data: Path) -> str:
    return register(pair[0], data, "Soundings")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    return gate


@pytest.fixture
def held(pair: tuple[Human, Human], gate: Path, tmp_path: Path) -> Iterator[Path]:
    """The buyer stops at a chunk until the gate is opened; the diary of stored chunks."""
    _, buyer = pair
    diary = tmp_path / "chunks"
    buyer.starts_with(partial(hold_at, {HELD_AT: gate}, diary))
    yield diary
    buyer.starts_with(None)


@pytest.fixture
def sent(pair: tuple[Human, Human], tmp_path: Path) -> Iterator[Path]:
    """The diary of the chunks that the owner sends."""
    owner, _ = pair
    diary = tmp_path / "sent"
    owner.starts_with(partial(note_sent, diary))
    yield diary
    owner.starts_with(None)


def stopped(human: Human, thread: str) -> OrderSnapshot:
    """The order's page, once it says what stops the delivery."""
    return human.wait(
        OrderSnapshot,
        lambda page: page.order == thread and page.delivery and page.delivery.problem,
    )


def stored(diary: Path) -> list[int]:
    return [int(index) for index in died_at(diary)]


def deliver(owner: Human, buyer: Human, dataset: str, gate: Path) -> tuple[str, BinaryIO]:
    """As far as a delivery that is held in the middle; its thread, and what to close to go on."""
    thread = paid(owner, buyer, dataset)
    return thread, gate.open("wb")  # returns when the buyer's disk has come to the gate


def finish(world: World, pair: tuple[Human, Human], thread: str, data: Path, diary: Path) -> None:
    owner, buyer = pair
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert stored(diary) == list(range(CHUNKS))  # each chunk came once
    assert_traded_once(world, owner, buyer, thread, data, folder)


def test_both_are_killed_in_the_middle_and_only_what_is_missing_is_sent_again(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, held: Path, gate: Path
) -> None:
    owner, buyer = pair
    thread, held_open = deliver(owner, buyer, dataset, gate)
    buyer.kill()
    owner.kill()
    held_open.close()
    assert stored(held) == list(range(HELD_AT + 1))
    at_once(owner.come_back, buyer.come_back)
    finish(world, pair, thread, data, held)


def test_the_buyer_pauses_and_goes_on(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, held: Path, gate: Path
) -> None:
    owner, buyer = pair
    thread, held_open = deliver(owner, buyer, dataset, gate)
    press(buyer, thread, "pause", cmd.PauseDelivery(thread), "paused")
    held_open.close()
    buyer.wait(
        OrderSnapshot, lambda page: page.delivery and page.delivery.confirmed_parts == HELD_AT + 1
    )
    shows(owner, thread, "other_paused")
    buyer.kill()
    owner.kill()
    at_once(owner.come_back, buyer.come_back)
    shows(owner, thread, "other_paused")
    buyer.wait(  # also after a start
        OrderSnapshot,
        lambda page: page.todo == "order.paused" and page.delivery.confirmed_parts == HELD_AT + 1,
    )
    assert stored(held) == list(range(HELD_AT + 1))
    resume = cmd.ResumeDelivery(thread)
    press(buyer, thread, "resume", resume, "wait_peer", "receive", "wait_key", "checking", "check")
    finish(world, pair, thread, data, held)


def test_the_buyer_pauses_all_with_one_that_runs_and_one_that_waits_and_both_go_on(
    pair: tuple[Human, Human], dataset: str, data: Path, held: Path, sent: Path, gate: Path
) -> None:
    owner, buyer = pair
    buyer.person.ask(cmd.ChangeSettings(at_once=1))
    buyer.wait(SettingsSnapshot, lambda shown: shown.at_once == 1)
    runs, held_open = deliver(owner, buyer, dataset, gate)
    waits = paid(owner, buyer, dataset)
    shows(buyer, waits, "queued")

    def both_say_that_it_is_paused(thread: str, parts: int) -> None:
        for human in pair:
            human.open(cmd.OpenOrder(thread))
        shows(owner, thread, "other_paused")
        page = shows(buyer, thread, "paused")
        assert "resume_all" in page.actions
        buyer.wait(
            OrderSnapshot,
            lambda page: page.order == thread and page.delivery.confirmed_parts == parts,
        )

    press(buyer, waits, "pause", cmd.PauseAll(), "paused")
    held_open.close()
    both_say_that_it_is_paused(waits, 0)
    both_say_that_it_is_paused(runs, HELD_AT + 1)
    buyer.kill()
    owner.kill()
    at_once(owner.come_back, buyer.come_back)
    both_say_that_it_is_paused(waits, 0)
    both_say_that_it_is_paused(runs, HELD_AT + 1)
    assert stored(held) == list(range(HELD_AT + 1))

    buyer.person.ask(cmd.ChangeSettings(at_once=4))
    buyer.wait(SettingsSnapshot, lambda shown: shown.at_once == 4)
    going = ("wait_peer", "receive", "wait_key", "checking", "check")
    press(buyer, runs, "resume_all", cmd.ResumeAll(), *going)
    gate.open("wb").close()  # the other one has come to that chunk, too
    for thread in (runs, waits):
        for human in pair:
            human.open(cmd.OpenOrder(thread))
        _, folder = at_once(
            partial(shows, owner, thread, "done", seconds=120), partial(buy, buyer, thread)
        )
        assert same_files(data, folder)
        assert len(ways_of(sent, thread)) >= CHUNKS  # and none that was acknowledged before
    assert sorted(stored(held)) == sorted([*range(CHUNKS)] * 2)


@pytest.mark.parametrize("every", [False, True], ids=["one", "all"])
def test_the_owner_pauses_and_goes_on(
    every: bool,
    world: World,
    pair: tuple[Human, Human],
    dataset: str,
    data: Path,
    held: Path,
    gate: Path,
) -> None:
    owner, buyer = pair
    thread, held_open = deliver(owner, buyer, dataset, gate)
    pause = cmd.PauseAll() if every else cmd.PauseDelivery(thread)
    press(owner, thread, "pause", pause, "paused")
    held_open.close()
    shows(buyer, thread, "other_paused")
    assert len(stored(held)) < CHUNKS
    owner.kill()
    owner.come_back()
    shows(owner, thread, "paused")
    resume, button = (
        (cmd.ResumeAll(), "resume_all") if every else (cmd.ResumeDelivery(thread), "resume")
    )
    press(owner, thread, button, resume, "deliver", "wait_check")
    finish(world, pair, thread, data, held)


def test_a_second_delivery_waits_its_turn_and_both_sides_say_so(
    pair: tuple[Human, Human], dataset: str, data: Path
) -> None:
    owner, buyer = pair
    slowly = cmd.ChangeSettings(bandwidth=Bandwidth(upload_bytes=LEAST_BYTES), at_once=1)
    owner.person.ask(slowly)
    owner.wait(SettingsSnapshot, lambda shown: shown.at_once == 1 and shown.bandwidth.upload_bytes)
    first = paid(owner, buyer, dataset)
    buyer.wait(
        OrderSnapshot,
        lambda page: page.order == first and page.delivery and page.delivery.state == "running",
    )
    second = paid(owner, buyer, dataset)
    shows(buyer, second, "other_queued")
    page = shows(owner, second, "queued")
    assert page.delivery is not None
    assert page.delivery.place == 1
    assert "deliver_next" not in page.actions  # it is that already
    owner.person.ask(cmd.ChangeSettings(bandwidth=Bandwidth(), at_once=4))
    for thread in (first, second):
        for human in pair:
            human.open(cmd.OpenOrder(thread))
        _, folder = at_once(
            partial(shows, owner, thread, "done", seconds=120), partial(buy, buyer, thread)
        )
        assert same_files(data, folder)


def test_files_that_change_while_they_are_delivered_stop_it_until_they_are_back(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, held: Path, gate: Path
) -> None:
    owner, buyer = pair
    content = data.read_bytes()
    thread, held_open = deliver(owner, buyer, dataset, gate)
    try:
        with data.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(bytes([content[-1] ^ 1]))
        held_open.close()
        stopped(owner, thread)
        assert len(stored(held)) < CHUNKS
        page = buyer.wait(OrderSnapshot, lambda page: page.order == thread)
        assert (page.held, page.ended) == (True, "")  # nothing was taken back or given away
        assert not {"ReceiptSigned", "KeyGiven"} & {
            type(event).__name__ for human in pair for event in human.events(thread)
        }
    finally:
        data.write_bytes(content)
    buyer.person.ask(cmd.ResumeDelivery(thread))  # now, not only when it is tried again anyway
    finish(world, pair, thread, data, held)


def test_an_owners_disk_that_cannot_be_read_is_said_there_and_it_goes_on_when_it_can(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, tmp_path: Path
) -> None:
    owner, buyer = pair
    mended = tmp_path / "mended"
    owner.starts_with(partial(unreadable_from, HELD_AT, mended))
    thread = paid(owner, buyer, dataset)
    page = stopped(owner, thread)
    assert page.delivery is not None
    assert "cannot be read" in page.delivery.problem
    page = buyer.wait(
        OrderSnapshot,
        lambda page: (
            page.order == thread and page.delivery and page.delivery.confirmed_parts == HELD_AT
        ),
    )
    assert page.delivery is not None
    assert (page.held, page.ended, page.delivery.problem) == (True, "", "")  # nobody is blamed
    mended.touch()
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert_traded_once(world, owner, buyer, thread, data, folder)
    owner.starts_with(None)


def test_a_disk_that_fills_up_in_the_middle_keeps_what_came_and_goes_on_with_space(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path, tmp_path: Path
) -> None:
    owner, buyer = pair
    space = tmp_path / "space"
    buyer.starts_with(partial(full_from, HELD_AT, space))
    thread = paid(owner, buyer, dataset)
    page = stopped(buyer, thread)
    assert page.delivery is not None
    assert "is full" in page.delivery.problem
    assert page.delivery.confirmed_parts == HELD_AT
    assert page.held
    buyer.kill()  # and the computer is switched off over it
    space.touch()
    buyer.come_back()
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert_traded_once(world, owner, buyer, thread, data, folder)
    buyer.starts_with(None)


def test_a_request_waits_for_an_owner_who_is_away_and_an_offer_for_the_buyer(
    world: World, pair: tuple[Human, Human], dataset: str, data: Path
) -> None:
    owner, buyer = pair
    known = order_rows(owner)
    owner.leave()
    thread = request(buyer, dataset)
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.proposal)
    assert page.proposal is not None
    assert page.proposal.state == "waiting"
    owner.come_back()
    assert notice_request(owner, known) == thread
    buyer.wait(OrderSnapshot, lambda page: page.proposal and page.proposal.state == "sent")
    buyer.leave()
    sign(owner, thread)
    buyer.come_back()
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=120), lambda: buy(buyer, thread)
    )
    assert_traded_once(world, owner, buyer, thread, data, folder)


def test_a_port_that_was_taken_meanwhile_is_exchanged_for_another(
    pair: tuple[Human, Human], dataset: str
) -> None:
    owner, buyer = pair

    def addresses() -> set[str]:
        shown = owner.wait(SettingsSnapshot, lambda settings: settings.addresses)
        return set(shown.addresses)

    before = addresses()
    port = int(next(iter(before)).split("/tcp/")[1].split("/")[0])
    owner.leave()
    with socket.create_server(("127.0.0.1", port)):
        owner.come_back()
        assert not addresses() & before
        known = order_rows(owner)
        thread = request(buyer, dataset)  # which finds the owner by its profile on record
        assert notice_request(owner, known) == thread


def saved_chain(world: World) -> bytes:
    """The chain as the node saves it next."""
    state = Path(world.practice.status()["folder"]) / "state.json"
    last = state.stat().st_mtime_ns
    while state.stat().st_mtime_ns == last or not anvil.is_whole(state):
        pass  # a few seconds at most
    return state.read_bytes()


def kill_node(world: World, saved: bytes) -> None:
    """SIGKILL; what was mined since ``saved`` is lost, however often it was saved in between."""
    status = world.practice.status()
    folder = Path(status["folder"])
    with FileLock(folder / "practice.lock"):  # nobody starts it again before this is over
        os.kill(status["pid"], signal.SIGKILL)
        while birth(status["pid"]) is not None:
            pass
        (folder / "state.copy.json").write_bytes(saved)
        (folder / "state.json").write_bytes(saved)


@pytest.mark.parametrize("moment", ["paid", "delivered"])
def test_the_chain_loses_its_last_seconds_in_the_middle(
    moment: str, world: World, pair: tuple[Human, Human], dataset: str, data: Path
) -> None:
    """The node is killed, and the payment is not in what it had saved: it is made once more."""
    owner, buyer = pair
    known = order_rows(owner)
    thread = request(buyer, dataset)
    assert notice_request(owner, known) == thread
    sign(owner, thread)
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
    saved = saved_chain(world)
    press(buyer, thread, "pay", pay, *PAYING)
    if moment == "paid":
        buyer.wait(
            OrderSnapshot,
            lambda page: ("fund", "recorded") in {(x.what, x.state) for x in page.records},
        )
    else:
        shows(buyer, thread, "wait_key", "checking", "check")
    kill_node(world, saved)
    identity = bytes.fromhex(page.order_id)
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=150), lambda: buy(buyer, thread)
    )
    for human in pair:
        human.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    assert same_files(data, folder)
    assert set((buyer.profile / "received").iterdir()) == buyer.folders()
    order = exchange.read_order(world.gateway, world.network, identity)
    assert order.state == exchange.PAID_RATED
    made = [entry for entry in buyer.entries(thread) if entry.state != "failed"]
    assert Counter(entry.what for entry in made) == Counter(["fund", "confirm"])
