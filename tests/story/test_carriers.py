"""One delivery that goes on by whatever way there is: nobody chooses, and nothing goes twice."""

from __future__ import annotations

import os
import random
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import SettingsSnapshot
from p2p.limits import CHUNKS_UNACKNOWLEDGED
from tests.story.dying import died_at, hold_at, note_sent, ways_of
from tests.story.people import Human, World
from tests.story.relays import PATIENCE, RelayProcess, until_one_connects, until_told
from tests.story.trading import assert_traded_once, at_once, buy, paid, register, shows
from tests.story.ways import DirectWay, takes_the_best_way, told_to_be_at

LOST_AT = (2, 20, 40)
"""The chunks at which a way is lost. What was on its way then can still arrive, but nothing of the
next part."""
CHUNKS = 60
"""Few enough to be stored in the app's own process, where they are written down."""


@pytest.mark.timeout(600)
def test_a_line_then_the_session_then_a_relay_then_a_parcel_carry_one_delivery(
    world: World, pair: tuple[Human, Human], relays: list[RelayProcess], tmp_path: Path
) -> None:
    owner, buyer = pair
    assert all(b - a > CHUNKS_UNACKNOWLEDGED for a, b in pairwise((*LOST_AT, CHUNKS)))
    data = tmp_path / "soundings.bin"
    data.write_bytes(random.Random(60).randbytes(CHUNKS * 256 * 4064 - 8000))
    sent, stored, place = tmp_path / "sent", tmp_path / "stored", tmp_path / "place"
    gates = {chunk: tmp_path / f"gate-{chunk}" for chunk in LOST_AT}
    for gate in gates.values():
        os.mkfifo(gate)
    without_line, without_session, without_relay = gates.values()
    with DirectWay() as way:
        owner.starts_with(partial(told_to_be_at, way.link.port, place, partial(note_sent, sent)))
        way.lead_to(place)
        buyer.starts_with(partial(takes_the_best_way, partial(hold_at, gates, stored)))
        for relay in relays:
            owner.person.ask(cmd.AddRelay(relay.address))
        me = owner.wait(
            SettingsSnapshot,
            lambda shown: [relay.state for relay in shown.relays] == ["reserved", "reserved"],
        ).address
        until_told(
            buyer, me, lambda told: len(told) == 3 and any(f"/{way.link.port}/" in a for a in told)
        )
        thread = paid(owner, buyer, register(owner, data, "Soundings"))

        with without_line.open("wb"):  # returns when the buyer's disk has come to the gate
            assert set(ways_of(sent, thread)) == {"line"}
            way.do(way.link.cut_newest)
        with without_session.open("wb"):
            assert ways_of(sent, thread)[-1] == "session"
            assert not any(relay.connects() for relay in relays)
            way.do(way.link.shut)
        with without_relay.open("wb"):
            until_one_connects(relays)
            for relay in relays:
                relay.kill()
        page = buyer.wait(
            OrderSnapshot,
            lambda page: (
                page.order == thread
                and page.delivery
                and page.delivery.confirmed_parts > LOST_AT[-1]
            ),
        )
        assert page.delivery is not None
        assert page.delivery.confirmed_parts < CHUNKS

        owner.wait(
            OrderSnapshot, lambda page: page.order == thread and "save_parcel" in page.actions
        )
        owner.person.ask(cmd.ExportParcel(thread, tmp_path / "stick", 0))
        owner.person.heard("done.parcel")
        went = ways_of(sent, thread)
        buyer.person.ask(cmd.ImportParcel((tmp_path / "stick",), thread))
        buyer.wait(
            OrderSnapshot,
            lambda page: (
                page.order == thread and page.delivery and page.delivery.confirmed_parts == CHUNKS
            ),
        )
        assert "ReceiptSigned" not in {type(event).__name__ for event in buyer.events(thread)}

        way.do(way.link.open)
        _, folder = at_once(
            lambda: shows(owner, thread, "done", seconds=PATIENCE), lambda: buy(buyer, thread)
        )
    assert ways_of(sent, thread) == went  # the receipt and the key took nothing else along
    assert [int(chunk) for chunk in died_at(stored)] == list(range(CHUNKS))  # each came once
    assert_traded_once(world, owner, buyer, thread, data, folder)
