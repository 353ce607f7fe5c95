"""A list of what was found that is scrolled and timed: ``python -m bench.scroll_side LISTINGS``.

The real page, beside the engine's own reading and searching of a real record in a thread of the
same process, as in the app. The list goes down by `STEP` every 16 ms, back at its end; first while
listings are still read for searching, then when all are. What is printed at the end is JSON: the
intervals between frames in milliseconds, of both.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

import trio
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.cli.window import SWITCH_SECONDS, make_application
from app.domain.snapshots.datasets import BrowseSnapshot
from app.engine.engine import TELL_SECONDS
from app.engine.finding import Finding
from app.engine.projections.frame import Frame
from app.store.database import Database
from app.ui.pages.browse import BrowsePage
from app.ui.pages.listings.cards import CardList
from bench import search_rows
from bench.frames_side import FRAME_MS, Frames

STEP = 60
"""Pixels a frame: a card in three frames."""
SECONDS = 10
"""So long each."""


class Engine(QObject):
    """Reads and searches in a thread of its own, and tells what it found."""

    told = Signal(object)

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._scope = trio.CancelScope()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=trio.run, args=(self._run,))
        self._thread.start()
        self._begun.wait()

    def ask(self, command: object) -> None:
        handler = self._finding.handlers[type(command)]
        self._token.run_sync_soon(handler, command)

    def close(self) -> None:
        self._token.run_sync_soon(self._scope.cancel)
        self._thread.join()

    async def _run(self) -> None:
        self._token, self._dirty = trio.lowlevel.current_trio_token(), trio.Event()
        self._finding = Finding(
            self._database,
            lambda: self._dirty.set(),
            lambda session: Frame(session, None, None),
            lambda error, about: print(error, file=sys.stderr),
        )
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._finding.run)
                self._begun.set()
                while True:
                    await self._dirty.wait()
                    self._dirty = trio.Event()
                    with self._database.glance() as session:
                        self.told.emit(self._finding.snapshot(Frame(session, None, None)))
                    await trio.sleep(TELL_SECONDS)


class Scrolling(QObject):
    """The page, its frames, and who scrolls."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.last = BrowseSnapshot()
        self.page = BrowsePage()
        self.frames = Frames()
        self.page.asked.connect(engine.ask)
        engine.told.connect(self._show)
        self.page.resize(1280, 860)
        self.page.show()
        self.page.opened()
        found = self.page.findChild(CardList, "browse.results")
        assert isinstance(found, CardList)
        self._bar, self._way = found.verticalScrollBar(), STEP

    def until(self, read: bool) -> None:
        """Wait until there is something to scroll, and all listings are read if they are to be."""
        while not self.last.cards or (read and self.last.read < self.last.to_read):
            self._wait(100)

    def scroll(self) -> list[float]:
        timer = QTimer()
        timer.timeout.connect(self._step)
        self.frames.intervals, self.frames.counting = [], True
        timer.start(FRAME_MS)
        self._wait(SECONDS * 1000)
        timer.stop()
        self.frames.counting = False
        return self.frames.intervals

    def _show(self, snapshot: BrowseSnapshot) -> None:
        self.last = snapshot
        self.page.show_snapshot(snapshot)

    def _step(self) -> None:
        at = self._bar.value()
        if not self._bar.minimum() <= at + self._way <= self._bar.maximum():
            self._way = -self._way
        self._bar.setValue(at + self._way)

    def _wait(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()


def main(listings: int) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(SWITCH_SECONDS)
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        database = Database.open(Path(folder, "lading.sqlite"))
        search_rows.store(database, listings)
        make_application()
        engine = Engine(database)
        try:
            scrolling = Scrolling(engine)
            scrolling.until(read=False)
            reading, before = scrolling.scroll(), scrolling.last.read
            if not 0 < before < listings:
                raise RuntimeError(f"{before} listings were read before the list was scrolled")
            scrolling.until(read=True)
            read = scrolling.scroll()
        finally:
            engine.close()
            database.close()
    print(json.dumps({"reading": reading, "read": read}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
