"""Take the pictures of the README from the real app: ``python -m tools.screenshots [FOLDER]``.

An owner and a buyer trade, each a process with a window and an engine of its own, on a practice
network of this run alone; then two others judge data before they trade (`tools.trust`). The data
are the rows of the dataset that comes along, for the first many times over, and its buyer limits
the download: without both, all is delivered before anybody can look. The hands of the tests do the
clicking; at moments worth showing a window is drawn in both themes, without a screen, 1360 pixels
wide.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.cli.window import assemble, make_application
from app.ui import theme
from resources import resource
from tests.ui.gallery import settle
from tests.ui.looking import scrolled_by
from tests.windows import hands as looking
from tests.windows import parts
from tests.windows.hands import Hands
from tools import trust

SAMPLE = "nyc-hourly-weather-2013.csv"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (1360, 860)
TIMES = 120
LIMIT = "20"  # MB/s
ABOVE = 16  # pixels, so that a card's edge is seen
LOOK_MS = 250  # a person looks less often than a test, and leaves more to the engine
PATIENCE_MS = 300_000  # for the whole delivery, on a machine that has other things to do

Draw = Callable[[str], None]


def owner(hands: Hands, data: Path, draw: Draw) -> None:
    """From first run to being paid."""
    parts.first_run(hands, "Nordhaven Energy")
    hands.go(2)
    hands.click("datasets.register_first")
    hands.type("register.path", str(data))
    hands.click("register.use")
    hands.see("register.fingerprint")
    hands.click("register.next")
    hands.see("register.check_result")
    hands.click("register.next")
    hands.type("register.title", parts.TITLE)
    hands.type("register.what", "Hourly observations at three airports.")
    draw("register")
    hands.click("register.next")
    hands.type("register.price", "1200")
    hands.click("register.next")
    hands.click("register.next")
    hands.see("register.outcome", "inal")
    parts.sign(hands)
    parts.done(hands)
    draw("order")
    hands.go(1)
    hands.see("home.earned", "1,200")
    draw("home")


def buyer(hands: Hands, data: Path, draw: Draw) -> None:
    """From first run to the rating."""
    parts.first_run(hands, "Baltic Grid Analytics")
    parts.limit(hands, "download", LIMIT)
    _begin_with(hands.see("settings.connection"))
    draw("settings")
    parts.ask_for_offer(hands)
    hands.wait(lambda: "You are welcome to it." in hands.words(), "the owner's answer")
    hands.see("order.pay")
    draw("offer")
    parts.pay(hands)
    hands.wait(lambda: 25 <= _percent(hands) < 90, "the delivery under way")
    draw("delivery")
    parts.accept_and_rate(hands)
    parts.done(hands)


ROLES = {"owner": owner, "buyer": buyer, "seller": trust.seller, "judge": trust.judge}
PLAYS = ((("owner", "buyer"), TIMES), (("seller", "judge"), 1))
"""Who plays together, and how often the rows of their dataset are there."""


def play(role: str, folder: Path, data: Path, pictures: Path) -> int:
    """One person, in this process."""
    looking.POLL_MS, looking.WAIT_MS = LOOK_MS, PATIENCE_MS
    application = make_application()
    window, bridge = assemble(folder / role, folder / "practice")
    window.resize(*SIZE)
    window.show()
    bridge.start()

    def draw(name: str) -> None:
        if focused := QApplication.focusWidget():
            focused.clearFocus()
        for mode in ("dark", "light"):
            theme.apply(application, mode)
            # what is new, then what its layout asks for
            settle(2)
            path = pictures / f"{name}-{mode}.png"
            if not window.grab().save(str(path)):
                raise OSError(f"{path} could not be written")

    try:
        ROLES[role](Hands(window), data, draw)
    finally:
        window.close()
        stopped = bridge.stop()
    return 0 if stopped else 1


def write_data(path: Path, times: int) -> None:
    """The sample's heading once, its rows so many times."""
    heading, rows = resource("samples", SAMPLE).read_bytes().split(b"\n", 1)
    with path.open("wb") as file:
        file.write(heading + b"\n")
        for _ in range(times):
            file.write(rows)


def _begin_with(part: QWidget) -> None:
    """Scroll until ``part`` is what is seen first of its page."""
    area = scrolled_by(part)
    assert area is not None
    settle()
    top = part.mapTo(area.widget(), QPoint()).y()
    area.verticalScrollBar().setValue(top - ABOVE)


def _percent(hands: Hands) -> int:
    """How far the delivery on the screen is; 0 where there is none."""
    texts = [w.text() for w in hands.all("order.percent", QLabel) if isinstance(w, QLabel)]
    digits = texts[0].removesuffix("%") if texts else ""
    return int(digits) if digits.isdecimal() else 0


def main(pictures: Path) -> int:
    """All plays; 0 only if everybody came to the end of their parts."""
    pictures.mkdir(parents=True, exist_ok=True)
    return max(_together(people, times, pictures) for people, times in PLAYS)


def _together(people: tuple[str, str], times: int, pictures: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="lading-pictures-") as name:
        folder = Path(name)
        data = folder / SAMPLE
        write_data(data, times)
        program = (sys.executable, "-m", "tools.screenshots")
        playing = [
            subprocess.Popen((*program, role, str(folder), str(data), str(pictures)))
            for role in people
        ]
        return max(process.wait() for process in playing)


if __name__ == "__main__":
    if len(sys.argv) == 5:
        sys.exit(play(sys.argv[1], *(Path(given).absolute() for given in sys.argv[2:])))
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
