"""The computer stays awake while data moves: by whom it is asked, and when it is let go."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusVirtualObject
from pytestqt.qtbot import QtBot

from app.domain.snapshots.shell import HomeSnapshot
from app.ui.awake import SERVICES, Awake, MacKeeper, Service, on_bus
from tests.ui.desk_samples import BUSY_HOME, SETTINGS

AWAKE = replace(SETTINGS, stay_awake=True)


class Noted:
    """A keeper that says what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def hold(self, why: str) -> None:
        self.told.append(why)

    def release(self) -> None:
        self.told.append("")


def home(*states: str) -> HomeSnapshot:
    one = BUSY_HOME.running[0]
    return HomeSnapshot(running=tuple(replace(one, state=state) for state in states))


def test_it_is_held_only_while_data_moves_and_the_setting_says_so(qtbot: QtBot) -> None:
    noted, parent = Noted(), QObject()
    awake = Awake(noted, parent)
    assert awake.possible
    awake.told(home("running"))
    awake.told(SETTINGS)
    assert noted.told == []
    awake.told(AWAKE)
    awake.told(home("running", "paused"))  # held once, not once more
    assert noted.told == ["Data is being delivered"]
    for states in (("waiting", "paused", "queued"), ()):
        awake.told(home(*states))
    assert noted.told[1:] == [""]
    awake.told(home("paused", "leaving"))
    awake.told(home("paused", "checking"))
    awake.told(SETTINGS)
    awake.told(AWAKE)
    awake.end()
    assert [bool(one) for one in noted.told[2:]] == [True, False, True, False]


def test_where_it_is_impossible_nothing_is_held(qtbot: QtBot) -> None:
    awake = Awake(None, QObject())
    assert not awake.possible
    awake.told(AWAKE)
    awake.told(home("running"))
    awake.end()


@pytest.fixture
def address() -> Iterator[str]:
    """A session bus of its own."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("there is no dbus-daemon")
    running = subprocess.Popen(
        [daemon, "--session", "--print-address=1", "--nofork"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    yield running.stdout.readline().strip()
    running.terminate()
    running.wait()
    running.stdout.close()


class Desktop(QDBusVirtualObject):
    """What a desktop offers, and who holds it awake."""

    def __init__(self, address: str, *services: Service) -> None:
        super().__init__()
        self.bus = QDBusConnection.connectToBus(address, f"desktop-{id(self)}")
        self.asked: list[tuple[str, str, list[object]]] = []
        self.callers: list[str] = []
        for service in services:
            assert self.bus.registerService(service.name)
            assert self.bus.registerVirtualObject(service.path, self)

    def introspect(self, path: str) -> str:
        return ""

    def handleMessage(  # noqa: N802  Qt's own name
        self, message: QDBusMessage, connection: QDBusConnection
    ) -> bool:
        self.asked.append((message.interface(), message.member(), message.arguments()))
        self.callers.append(message.service())
        return connection.send(message.createReply(7))

    def is_there(self, caller: str) -> bool:
        return caller in self.bus.interface().registeredServiceNames().value()

    def leave(self) -> None:
        QDBusConnection.disconnectFromBus(self.bus.name())


@pytest.mark.parametrize("services", [SERVICES, SERVICES[1:]])
def test_a_desktop_is_asked_on_its_bus_and_let_go(
    qtbot: QtBot, address: str, services: tuple[Service, ...]
) -> None:
    desktop = Desktop(address, *services)
    keeper = on_bus(lambda name: QDBusConnection.connectToBus(address, name))
    assert keeper is not None
    for _ in range(2):
        keeper.hold("Data is being delivered")
        keeper.hold("Data is being delivered")
        qtbot.waitUntil(lambda: bool(desktop.asked), timeout=30_000)
        assert desktop.asked == [
            (services[0].interface, "Inhibit", ["Lading", "Data is being delivered"])
        ]
        (caller,) = desktop.callers
        assert desktop.is_there(caller)
        keeper.release()
        qtbot.waitUntil(lambda who=caller: not desktop.is_there(who), timeout=30_000)
        keeper.release()
        desktop.asked.clear()
        desktop.callers.clear()
    desktop.leave()


def test_a_bus_without_such_a_service_and_no_bus_make_it_impossible(
    qtbot: QtBot, address: str, tmp_path: Path
) -> None:
    assert on_bus(lambda name: QDBusConnection.connectToBus(address, name)) is None
    nowhere = f"unix:path={tmp_path / 'none'}"
    assert on_bus(lambda name: QDBusConnection.connectToBus(nowhere, name)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
def test_the_program_of_macos_runs_as_long_as_it_is_held(tmp_path: Path, qtbot: QtBot) -> None:
    program, said = tmp_path / "caffeinate", tmp_path / "said"
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexec sleep 1000\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    keeper = MacKeeper(program)
    keeper.release()
    keeper.hold("Data is being delivered")
    keeper.hold("Data is being delivered")
    qtbot.waitUntil(lambda: said.exists() and bool(said.read_text()), timeout=30_000)
    assert said.read_text() == f"-i -w {os.getpid()}\n"
    running = keeper._running
    assert running is not None
    assert running.poll() is None
    keeper.release()
    assert running.poll() is not None
