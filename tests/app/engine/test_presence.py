"""Where money is money, this computer's address goes on record with consent only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.shell import SettingsSnapshot
from app.store import index
from tests.app.engine.apps import App, Line, World


def on_record(app: App, addresses: set[str]) -> bool:
    """Whether the newest profile on the chain, as the index has it, names exactly these."""
    profile = app.read(lambda session: index.profile(session, app.address))
    return profile is not None and set(profile.addresses) == addresses


def test_no_address_is_on_record_before_consent_and_after_it_was_taken_back(
    apps: Any, world: World, lines: Callable[[], Line], tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy")
    app.join(world.through(lines(), tmp_path, practice=False))
    world.practice.fund(app.address)
    app.eventually(lambda: on_record(app, set()))  # it has a profile, and that says no place
    own = set(app.wait(SettingsSnapshot, lambda shown: shown.addresses).addresses)
    for consent, told in ((True, own), (False, set())):
        app.ask(cmd.ChangeSettings(share_direct_address=consent))
        app.eventually(lambda told=told: on_record(app, told))
    assert len({entry.key for entry in app.entries("profile")}) == 3


def test_on_the_practice_network_the_loopback_address_is_on_record(
    apps: Any, lines: Callable[[], Line]
) -> None:
    app: App = apps("Baltic Grid", lines())
    own = set(app.wait(SettingsSnapshot, lambda shown: shown.addresses).addresses)
    assert all(address.startswith("/ip4/127.0.0.1/tcp/") for address in own)
    app.eventually(lambda: on_record(app, own))


def test_the_router_is_not_asked_where_everybody_is_on_this_computer(
    apps: Any, world: World, lines: Callable[[], Line], tmp_path: Path
) -> None:
    app: App = apps("Nordhaven Energy")
    app.join(world.through(lines(), tmp_path, practice=False))
    app.ask(cmd.ChangeSettings(open_port=True))
    shown = app.wait(SettingsSnapshot, lambda shown: shown.open_port and shown.addresses)
    assert shown.router == "off"


def test_neighbours_are_looked_for_from_when_that_is_wanted_until_it_is_not(
    apps: Any,
    world: World,
    lines: Callable[[], Line],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not from the next start of the app on: whoever switches it off does not want to be seen."""
    happened: list[str] = []

    class Near:
        def __init__(self, *about: object) -> None:
            pass

        def open(self) -> None:
            happened.append("open")

        def close(self) -> None:
            happened.append("close")

    monkeypatch.setattr("p2p.host.Neighbours", Near)
    app: App = apps("Nordhaven Energy")
    app.join(world.through(lines(), tmp_path, practice=False))
    app.wait(SettingsSnapshot, lambda shown: shown.addresses)
    assert happened == []
    app.ask(cmd.ChangeSettings(find_on_lan=True))
    app.eventually(lambda: happened == ["open"])
    app.ask(cmd.ChangeSettings(appearance="dark"))  # which changes nothing there
    app.ask(cmd.ChangeSettings(find_on_lan=False))
    app.eventually(lambda: happened == ["open", "close"])
    app.ask(cmd.ChangeSettings(find_on_lan=True))
    app.eventually(lambda: happened == ["open", "close", "open"])
