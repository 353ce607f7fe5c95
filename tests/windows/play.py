"""One part of the trade in a process of its own.

``python -m tests.windows.play ROLE PROFILE DATA``

Starts what ``lading --profile PROFILE`` starts and plays ROLE ("owner" or "buyer") in its window
with mouse and keys; exit code 0 only if the trade came to its end on that screen.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.cli.window import make_application, open_window
from app.ui.window import Window
from tests.windows.hands import Hands
from tests.windows.parts import PARTS


def main(role: str, profile: Path, data: Path) -> int:
    failed: list[BaseException] = []

    def play() -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Window))
        try:
            PARTS[role](Hands(window), data)
            window.grab().save(str(profile.parent / f"{role}.png"))
        except BaseException as error:
            failed.append(error)
            traceback.print_exc()
        finally:
            QApplication.closeAllWindows()
            QApplication.exit(0)

    make_application()
    QTimer.singleShot(0, play)
    code = open_window(profile)
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
