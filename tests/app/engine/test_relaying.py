"""Relays of a profile: chosen, checked, kept over a restart, told on record once they have worked;
and whether others reach this computer, as the window says it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trio

from app.domain import commands as cmd
from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot
from app.engine import relaying
from app.store import index, texts
from p2p.identity import peer_id_of
from p2p.relay import Bounds, Doing, Relay
from p2p.reservations import RelayState
from tests.app.engine.apps import App, Line, World

PATIENCE = 90.0  # seconds until something is on record, on a busy machine
GONE = f"/ip4/127.0.0.1/tcp/1/p2p/{peer_id_of(b'g' * 32)}"


class Station:
    """A relay in a thread of its own."""

    def __init__(self, name: str, bounds: Bounds | None = None) -> None:
        self.relay = Relay(hashlib.sha256(name.encode()).digest(), bounds)
        self._up = threading.Event()
        self._thread = threading.Thread(target=trio.run, args=(self._run,))
        self._thread.start()
        self._up.wait()

    async def _run(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        with trio.CancelScope() as self._scope:
            async with trio.open_nursery() as nursery:
                await nursery.start(self.relay.run)
                self.address = self.relay.addresses[0]
                self._up.set()

    @property
    def doing(self) -> Doing:
        def look() -> Doing:
            return self.relay.doing

        return trio.from_thread.run_sync(look, trio_token=self._token)

    def stop(self) -> None:
        if self._thread.is_alive():
            trio.from_thread.run_sync(self._scope.cancel, trio_token=self._token)
            self._thread.join()


@pytest.fixture(scope="module")
def station() -> Iterator[Callable[..., Station]]:
    with ExitStack() as made:

        def make(name: str, bounds: Bounds | None = None) -> Station:
            relay = Station(name, bounds)
            made.callback(relay.stop)
            return relay

        yield make


@pytest.fixture(scope="module")
def hidden(world: World, apps: Any, lines: Any, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Somebody on a network where addresses are not shared unless one agrees."""
    app: App = apps("Nordhaven Energy")
    place = tmp_path_factory.mktemp("file")
    app.join(world.through(lines(), place, practice=False))
    world.practice.fund(app.address)
    app.wait(ShellSnapshot, lambda shell: shell.connection == "unlisted")
    return app


def addresses_on_record(app: App) -> tuple[str, ...]:
    profile = app.read(lambda session: index.profile(session, app.address))
    return () if profile is None else tuple(profile.addresses)


def standing(app: App, *states: str) -> SettingsSnapshot:
    return app.wait(
        SettingsSnapshot, lambda shown: tuple(relay.state for relay in shown.relays) == states
    )


@pytest.mark.parametrize(
    "address",
    ["", "relay.example", "/ip4/192.0.2.7/tcp/4001", GONE[:-1], GONE + "/p2p-circuit",
     "/dns/" + "a." * 120 + "org" + GONE[14:]],
)  # fmt: skip
def test_what_is_no_relays_address_is_refused(hidden: App, address: str) -> None:
    assert hidden.refused(cmd.AddRelay(address), "relay.address").kind == "rule"
    assert not hidden.wait(SettingsSnapshot, lambda shown: shown.address).relays


def test_a_relay_is_used_told_on_record_kept_and_removed(
    hidden: App, station: Callable[..., Station]
) -> None:
    relay = station("first")
    hidden.eventually(
        lambda: hidden.entries("profile") and hidden.entries("profile")[-1].state == "final"
    )
    assert addresses_on_record(hidden) == ()
    hidden.ask(cmd.AddRelay(GONE))
    standing(hidden, "unreachable")
    assert hidden.wait(ShellSnapshot, lambda shell: shell.code).connection == "unlisted"
    hidden.ask(cmd.AddRelay(f"Address     {relay.address}"))  # as `lading relay` prints it
    shown = standing(hidden, "unreachable", "reserved")
    hidden.wait(ShellSnapshot, lambda shell: shell.connection == "relay")
    through = f"{relay.address}/p2p-circuit/p2p/{shown.peer_id}"
    hidden.eventually(lambda: addresses_on_record(hidden) == (through,), PATIENCE)
    hidden.refused(cmd.AddRelay(relay.address), "relay.known")
    elsewhere = relay.address.replace("127.0.0.1", "127.0.0.2")
    assert elsewhere != relay.address
    hidden.refused(cmd.AddRelay(elsewhere), "relay.known")  # the same one at another address
    hidden.restart()
    standing(hidden, "unreachable", "reserved")
    hidden.ask(cmd.ChangeSettings(share_direct_address=True))
    hidden.eventually(lambda: len(addresses_on_record(hidden)) == 2, PATIENCE)
    assert addresses_on_record(hidden)[1] == through
    relay.stop()  # for an hour, say: that is no reason for an entry on record
    standing(hidden, "unreachable", "unreachable")
    # That an address is shared lets nobody in who is outside.
    hidden.wait(ShellSnapshot, lambda shell: shell.connection == "unlisted")
    hidden.ask(cmd.ChangeSettings(share_direct_address=False))
    hidden.eventually(lambda: addresses_on_record(hidden) == (through,), PATIENCE)
    for address in (relay.address, GONE):
        hidden.ask(cmd.RemoveRelay(address))
    standing(hidden)
    hidden.eventually(lambda: addresses_on_record(hidden) == (), PATIENCE)
    hidden.ask(cmd.RemoveRelay(GONE))  # again is no harm


def test_what_a_full_relay_answers_is_shown(hidden: App, station: Callable[..., Station]) -> None:
    full = station("full", Bounds(reservations=0))
    hidden.ask(cmd.AddRelay(full.address))
    (row,) = standing(hidden, "refused").relays
    assert row.reason == "The relay has no free place now."
    hidden.ask(cmd.RemoveRelay(full.address))
    standing(hidden)


def test_that_it_is_tried_again_is_left_to_the_page() -> None:
    broke = "The connection to the relay broke off. It will be tried again."
    row = relaying._row(RelayState(GONE, "unreachable", broke))
    assert row.reason == "The connection to the relay broke off."


def test_four_are_enough(hidden: App) -> None:
    *many, fifth = (
        f"/ip4/127.0.0.1/tcp/1/p2p/{peer_id_of(bytes([number]) * 32)}" for number in range(5)
    )
    for address in many:
        hidden.ask(cmd.AddRelay(address))
    hidden.wait(SettingsSnapshot, lambda shown: [r.address for r in shown.relays] == many)
    hidden.refused(cmd.AddRelay(fifth), "relay.many")
    for address in many:
        hidden.ask(cmd.RemoveRelay(address))
    standing(hidden)


def test_two_meet_through_a_relay_that_only_one_of_them_chose(
    hidden: App,
    world: World,
    apps: Any,
    line: Line,
    station: Callable[..., Station],
    tmp_path: Path,
) -> None:
    relay = station("second")
    other: App = apps("Baltic Grid Analytics")
    other.join(world.through(line, tmp_path, practice=False))
    world.practice.fund(other.address)
    hidden.ask(cmd.AddRelay(relay.address))
    hidden.eventually(lambda: addresses_on_record(hidden), PATIENCE)
    dataset = hidden.register("6e" * 16, tmp_path, b"relayed" * 1000)
    other.ask(cmd.AskOwner(dataset, "Are you there?"))
    hidden.eventually(lambda: relay.doing.passed_bytes, PATIENCE)
    said = ["Are you there?"]
    hidden.eventually(lambda: [q.text for q in hidden.read(texts.questions)] == said, PATIENCE)
    assert relay.doing.reservations == 1
    hidden.ask(cmd.RemoveRelay(relay.address))
    standing(hidden)
