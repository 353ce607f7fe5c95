"""The bridge: commands down before the engine is there, snapshots up in the Qt thread, an end."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.cli.window import assemble
from app.domain.commands import CreateIdentity, LookAt, LookRound, OpenRecords
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, ShellSnapshot
from chain.vault import Argon2

S = TypeVar("S")
CHEAP = Argon2(1, 1024)
WAIT_MS = 60_000


class Page(QObject):
    """What a window is to a bridge: a receiver in the Qt thread."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[int] = set()
        self.ends: list[str] = []

    def told(self, message: object) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append(message)

    def ended(self, why: str) -> None:
        self.threads.add(threading.get_ident())
        self.ends.append(why)

    def newest(self, kind: type[S]) -> S | None:
        return next((one for one in reversed(self.heard) if isinstance(one, kind)), None)

    def codes(self) -> list[str]:
        return [one.code for one in self.heard if isinstance(one, Notice)]

    def step(self) -> str:
        run = self.newest(FirstRunSnapshot)
        return run.step if run else ""


Make = Callable[[], tuple[Bridge, Page]]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    """A bridge to the test's one profile, and who listens to it; not started."""
    with ExitStack() as made:

        def bridge() -> tuple[Bridge, Page]:
            one = Bridge(tmp_path / "profile", tmp_path / "practice", vault_cost=CHEAP)
            page = Page()
            one.told.connect(page.told)
            one.ended.connect(page.ended)
            made.callback(one.stop)
            return one, page

        yield bridge


def engines() -> int:
    return sum(thread.name == "engine" for thread in threading.enumerate())


def test_what_is_asked_before_the_engine_is_there_is_answered_by_it(
    make: Make, qtbot: QtBot
) -> None:
    bridge, page = make()
    bridge.ask(CreateIdentity("Nordhaven Energy", "correct horse"))
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "recovery", timeout=WAIT_MS)
    assert bridge.stop()


def test_everything_is_told_in_the_thread_of_the_window(make: Make, qtbot: QtBot) -> None:
    bridge, page = make()
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "welcome", timeout=WAIT_MS)
    bridge.ask(LookRound())
    qtbot.waitUntil(lambda: page.step() == "network", timeout=WAIT_MS)
    assert page.newest(ShellSnapshot)
    assert bridge.stop()
    qtbot.waitUntil(lambda: page.ends == [""], timeout=WAIT_MS)
    assert page.threads == {threading.get_ident()}


def test_a_locked_engine_is_told_what_is_looked_at(make: Make, qtbot: QtBot) -> None:
    bridge, page = make()
    bridge.ask(CreateIdentity("Nordhaven Energy", "correct horse"))
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "recovery", timeout=WAIT_MS)
    assert bridge.stop()
    again, page = make()
    again.start()
    qtbot.waitUntil(lambda: page.step() == "locked", timeout=WAIT_MS)
    again.ask(LookAt(frozenset({RecordsSnapshot})))
    again.ask(OpenRecords("aa"))
    qtbot.waitUntil(lambda: page.codes() != [], timeout=WAIT_MS)
    assert page.codes() == ["locked"], "of the second alone"
    assert again.stop()


def test_a_windows_engine_hears_which_page_is_in_front(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(Bridge, "ask", lambda bridge, command: asked.append(command))
    window, _ = assemble(tmp_path / "profile", tmp_path / "practice")
    qtbot.addWidget(window)
    window.go("records")
    assert asked == [LookAt(frozenset({RecordsSnapshot}))]


def test_stopping_waits_for_the_engine_and_frees_the_profile(make: Make, qtbot: QtBot) -> None:
    bridge, page = make()
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "welcome", timeout=WAIT_MS)
    assert engines() == 1
    assert bridge.stop()
    assert engines() == 0
    assert bridge.stop()  # twice is once
    bridge.ask(LookRound())  # nobody is there; nothing happens
    again, page = make()
    again.start()
    qtbot.waitUntil(lambda: page.step() == "welcome", timeout=WAIT_MS)
    assert again.stop()


def test_a_window_that_closes_at_once_does_not_wait_for_what_it_started(
    make: Make, qtbot: QtBot
) -> None:
    bridge, page = make()
    bridge.start()
    assert bridge.stop()
    assert engines() == 0
    qtbot.waitUntil(lambda: page.ends == [""], timeout=WAIT_MS)
    never, _ = make()
    assert never.stop()  # was not even started


def test_a_second_engine_on_the_profile_says_that_it_is_open(make: Make, qtbot: QtBot) -> None:
    bridge, page = make()
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "welcome", timeout=WAIT_MS)
    second, other = make()
    second.start()
    qtbot.waitUntil(lambda: bool(other.ends), timeout=WAIT_MS)
    notice = other.newest(Notice)
    assert notice is not None
    assert (notice.kind, notice.code, notice.about) == ("rule", "profile.in_use", "start")
    assert "already open" in other.ends[0]
    assert second.stop()
    bridge.ask(LookRound())  # the first goes on
    qtbot.waitUntil(lambda: page.step() == "network", timeout=WAIT_MS)
    assert bridge.stop()


def test_what_cannot_be_shown_is_said_once_and_ends_nothing(
    make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.engine.projections import shell

    bridge, page = make()
    bridge.start()
    qtbot.waitUntil(lambda: page.step() == "welcome", timeout=WAIT_MS)
    with monkeypatch.context() as broken:
        broken.setattr(shell, "home", lambda frame: 1 // 0)
        bridge.ask(LookRound())
        qtbot.waitUntil(lambda: page.step() == "network", timeout=WAIT_MS)
        qtbot.waitUntil(lambda: page.newest(Notice) is not None, timeout=WAIT_MS)
        for _ in range(3):
            bridge.ask(CreateIdentity("", "correct horse"))  # refused; each time all is shown anew
        qtbot.waitUntil(lambda: page.codes().count("identity.name") == 3, timeout=WAIT_MS)
    assert page.codes().count("bug") == 1
    bridge.ask(CreateIdentity("Nordhaven Energy", "correct horse"))
    qtbot.waitUntil(lambda: page.step() == "recovery", timeout=WAIT_MS)
    assert bridge.stop()
