"""`lading`, with somebody at its windows.

``python -m tests.windows.play PART DATA [ARGUMENT …]``

Runs ``lading ARGUMENT …`` in this process, from the command line's own beginning, and plays PART
("owner", "buyer", or "demo" for both) in its windows with mouse and keys; exit code 0 only if the
trade came to its end on the screen and the command ended well.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.cli.main import main as lading
from app.cli.window import make_application
from app.ui.window import Window
from tests.windows.hands import Hands
from tests.windows.parts import PARTS


def main(part: str, data: Path, arguments: list[str]) -> int:
    failed: list[BaseException] = []

    def play() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, Window)]
        windows.sort(key=lambda window: window.x())
        try:
            PARTS[part]([Hands(window) for window in windows], data)
        except BaseException as error:
            failed.append(error)
            traceback.print_exc()
        finally:
            QApplication.closeAllWindows()
            QApplication.exit(0)

    make_application()
    QTimer.singleShot(0, play)
    code = lading(arguments)
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
