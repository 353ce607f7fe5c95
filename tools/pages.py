"""Draw those pictures of the README that no play can have: ``python -m tools.pages [FOLDER]``.

A challenge needs two owners' like tables, a worth a year of sales on record. The app's own page and
sheet show the example data of the tests, in both themes.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
from pathlib import Path

from PySide6.QtCore import QLocale

from app.cli.window import make_application
from app.ui import theme
from tests.ui import gallery
from tests.ui.pictures import fixed_time

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PAGES = {"challenge": "challenge", "worth": "sheet_worth"}
"""The picture's name, and the view's in the gallery."""


def main(pictures: Path) -> int:
    pictures.mkdir(parents=True, exist_ok=True)
    application = make_application()
    QLocale.setDefault(QLocale("en_US"))
    with fixed_time():
        for mode in ("light", "dark"):
            theme.apply(application, mode)
            for name, view in PAGES.items():
                _draw(view, mode, pictures / f"{name}-{mode}.png")
    return 0


def _draw(view: str, mode: str, path: Path) -> None:
    window = gallery.window(mode=mode)
    shown = gallery.VIEWS[view](window)
    gallery.settle()
    if focused := window.focusWidget():
        focused.clearFocus()
    gallery.settle(2)
    if not shown.grab().save(str(path)):
        raise OSError(f"{path} could not be written")
    shown.close()
    window.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
