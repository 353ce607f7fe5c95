"""Between the window and the engine: two verbs, and nobody waits.

`ask` hands a command down into the trio thread; ``told`` brings snapshots and notices up into the
Qt thread. The engine, with everything it needs, is imported in its own thread, so that the window
shows before that is done.
"""

from __future__ import annotations

import gc
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.engine.engine import Engine

log = logging.getLogger(__name__)

STOP_SECONDS = 20.0


class Bridge(QObject):
    """One engine in one thread. ``ended`` says why it ended: "" when it was asked to."""

    told = Signal(object)
    ended = Signal(str)

    def __init__(
        self,
        profile: Path,
        practice_folder: Path | None = None,
        parent: QObject | None = None,
        **options: Any,
    ) -> None:
        super().__init__(parent)
        self._profile = profile
        self._practice_folder = practice_folder
        self._options = options
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._early: list[object] = []
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Connect to ``told`` first: the first snapshots come at once."""
        self._thread.start()

    def ask(self, command: object) -> None:
        """Any time, from any thread; before the engine is there, commands are kept for it."""
        with self._lock:
            if self._engine is None:
                self._early.append(command)
                return
        self._engine.ask(command)

    def stop(self) -> bool:
        """End the engine, also one that is still starting; whether its thread has ended within
        `STOP_SECONDS`."""
        with self._lock:
            self._stopped = True
            engine = self._engine
        if engine is not None:
            engine.stop()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        return not self._thread.is_alive()

    def _run(self) -> None:
        import trio

        try:
            trio.run(self._main)
        except BaseException as error:
            log.info("the engine ended", exc_info=error)
            self._say_why(error)
        else:
            self.ended.emit("")

    def _say_why(self, error: BaseException) -> None:
        from app.engine.notices import notice_of

        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        self.told.emit(notice_of(error, "start"))
        self.ended.emit(str(error) or type(error).__name__)

    async def _main(self) -> None:
        import trio

        from app.engine.engine import Engine

        # What was loaded stays: looking through all of it for garbage again and again would stop
        # the window for a fifth of a second each time.
        gc.freeze()
        engine = Engine(
            self._profile, self.told.emit, practice_folder=self._practice_folder, **self._options
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(engine.run)
            with self._lock:
                self._engine = engine
                for command in self._early:
                    engine.ask(command)
                self._early.clear()
                if self._stopped:
                    engine.stop()
