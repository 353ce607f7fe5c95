"""A whole trade between two whom nobody can dial: they meet at relays, one of which dies."""

from __future__ import annotations

import os
import random
from functools import partial
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot
from tests.story.dying import died_at, hold_at
from tests.story.people import Human, World
from tests.story.relays import (
    PATIENCE,
    STALE,
    RelayProcess,
    behind_a_router,
    until_one_connects,
    until_told,
    with_a_stale_profile,
)
from tests.story.trading import (
    assert_traded_once,
    at_once,
    buy,
    paid,
    register,
    shows,
)

CHUNKS = 24
HELD_AT = 2


def until_known(other: Human, address: str, addresses: int) -> None:
    """Until ``other`` has read on the record how ``address`` is reached."""

    def circuits(told: tuple[str, ...]) -> bool:
        return len(told) == addresses and all("/p2p-circuit/" in each for each in told)

    until_told(other, address, circuits)


@pytest.mark.timeout(600)
def test_the_relay_in_use_dies_and_the_delivery_goes_on_over_the_other_one(
    world: World, pair: tuple[Human, Human], relays: list[RelayProcess], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "soundings.bin"
    data.write_bytes(random.Random(24).randbytes(CHUNKS * 256 * 4064 - 8000))
    gate, diary = tmp_path / "gate", tmp_path / "chunks"
    os.mkfifo(gate)
    owner.starts_with(behind_a_router)
    buyer.starts_with(partial(behind_a_router, partial(hold_at, {HELD_AT: gate}, diary)))
    for relay in relays:
        owner.person.ask(cmd.AddRelay(relay.address))
    owner.wait(
        SettingsSnapshot,
        lambda shown: [relay.state for relay in shown.relays] == ["reserved", "reserved"],
    )
    owner.wait(ShellSnapshot, lambda shell: shell.connection == "relay")
    until_known(buyer, owner.wait(SettingsSnapshot, lambda shown: shown.address).address, 2)

    dataset = register(owner, data, "Soundings")
    thread = paid(owner, buyer, dataset)
    with gate.open("wb"):  # returns when the buyer's disk has come to the gate
        until_one_connects(relays).kill()
    owner.wait(
        SettingsSnapshot,
        lambda shown: {relay.state for relay in shown.relays} == {"reserved", "unreachable"},
    )
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=PATIENCE), lambda: buy(buyer, thread)
    )
    assert [int(chunk) for chunk in died_at(diary)] == list(range(CHUNKS))  # each came once
    assert_traded_once(world, owner, buyer, thread, data, folder)


@pytest.mark.timeout(600)
def test_two_whose_addresses_on_record_are_stale_find_each_other_through_a_relay(
    world: World, pair: tuple[Human, Human], relays: list[RelayProcess], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "tides.bin"
    data.write_bytes(random.Random(25).randbytes(3 * 256 * 4064))
    for human in pair:
        human.starts_with(with_a_stale_profile)
        for row in human.wait(SettingsSnapshot, lambda shown: shown.address).relays:
            human.person.ask(cmd.RemoveRelay(row.address))
        human.person.ask(cmd.AddRelay(relays[0].address))
        shown = human.wait(
            SettingsSnapshot,
            lambda shown: [relay.state for relay in shown.relays] == ["reserved"],
        )
        other = buyer if human is owner else owner
        until_told(other, shown.address, lambda told: told == (STALE,))

    thread = paid(owner, buyer, register(owner, data, "Tides"))
    _, folder = at_once(
        lambda: shows(owner, thread, "done", seconds=PATIENCE), lambda: buy(buyer, thread)
    )
    assert_traded_once(world, owner, buyer, thread, data, folder)
    assert not relays[0].connects()  # it only said where they are
