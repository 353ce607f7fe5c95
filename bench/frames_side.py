"""A window that is timed while its engine delivers: ``python -m bench.frames_side PART DATA …``.

The rest are arguments of ``lading``. PART ("owner", "buyer") is played as in `tests.windows.parts`;
while the order page shows how far the delivery is, a timer of 16 ms measures how long each frame
comes after the one before. What is printed at the end is JSON: the intervals in milliseconds, and
the most memory of the window's process in MiB, of its life and from when data began to move.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.cli.main import main as lading
from app.cli.window import make_application
from app.ui.window import Window
from tests.windows import hands as waiting
from tests.windows import parts
from tests.windows.hands import Hands

FRAME_MS = 16
LOOK_MS = 250
IDLE = {"owner": ("0%", "100%"), "buyer": ("0%",)}
"""What stands there while nothing moves: before the first part, and for the owner when all are
confirmed; the buyer opens and checks then."""
waiting.WAIT_MS = 600_000  # a large file is read before it is registered


def most_memory() -> float:
    """The most that this process had at once since the beginning or `forget_memory`, in MiB."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.M)
    assert found is not None
    return int(found[1]) / 1024


def forget_memory() -> None:
    """The most begins anew with what there is now."""
    Path("/proc/self/clear_refs").write_text("5")


class Frames(QObject):
    """The intervals between frames, in milliseconds, while ``counting``; ``before`` it began the
    process had so many MiB at the most."""

    def __init__(self) -> None:
        super().__init__()
        self.intervals: list[float] = []
        self.before = 0.0
        self.counting = False
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._frame)
        self._timer.start(FRAME_MS)

    def _frame(self) -> None:
        now = time.perf_counter()
        if self.counting and self._last:
            self.intervals.append((now - self._last) * 1000)
        self._last = now if self.counting else 0.0


def watch(hands: Hands, frames: Frames, part: str, over: str, text: str = "") -> None:
    """Count while the delivery on the screen goes on, until ``over`` is there and says ``text``.
    Looks rarely, so that looking is no part of what is measured."""
    loop, idle = QEventLoop(), IDLE[part]

    def look() -> None:
        shown = any(
            text in widget.property("text") if text else widget.isEnabled()
            for widget in hands.all(over)
        )
        percents = [widget.property("text") for widget in hands.all("order.percent")]
        frames.counting = not shown and any(percent not in idle for percent in percents)
        if frames.counting and not frames.before:
            frames.before = most_memory()
            forget_memory()
        if shown:
            loop.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    loop.exec()
    timer.stop()


def play(part: str, hands: Hands, data: Path, frames: Frames) -> None:
    if part == "owner":
        parts.first_run(hands, "Nordhaven Energy")
        parts.register(hands, data)
        parts.sign(hands)
        watch(hands, frames, part, "order.todo.text", "All done.")
    else:
        parts.first_run(hands, "Baltic Grid Analytics")
        parts.ask_for_offer(hands)
        parts.pay(hands)
        watch(hands, frames, part, "order.confirm")
        parts.accept_and_rate(hands)
        parts.done(hands)


def main(part: str, data: Path, arguments: list[str]) -> int:
    failed: list[BaseException] = []
    make_application()
    frames = Frames()

    def begin() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Window)]
        try:
            play(part, Hands(window), data, frames)
        except BaseException as error:
            failed.append(error)
            print(error, file=sys.stderr)
        finally:
            QApplication.closeAllWindows()
            QApplication.exit(0)

    QTimer.singleShot(0, begin)
    code = lading(arguments)
    most = most_memory()
    told = {"frames": frames.intervals, "memory": most, "ever": max(frames.before, most)}
    print(json.dumps(told), flush=True)
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
