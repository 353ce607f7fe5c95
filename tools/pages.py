"""Draw those pictures of the README that no play can have: ``python -m tools.pages [FOLDER]``.

A challenge needs two owners' like tables, a worth a year of sales on record, a figure that differs
an owner whose app is not ours. The app's own pages and sheets show the example data of the tests,
in both themes.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.cli.window import make_application
from app.domain.snapshots.datasets import Comparison
from app.domain.snapshots.orders import OrdersSnapshot, Tick
from app.ui import theme
from app.ui.window import Window
from tests.ui import gallery
from tests.ui import order_samples as trade
from tests.ui.looking import scrolled_by
from tests.ui.pictures import fixed_time

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
BELOW = 94  # pixels that are seen of what comes after what a picture is of

ORDER = replace(
    trade.COMPARED,
    price=trade.usdc(2750),
    ticks=(
        Tick("fingerprint", True, "7c1f 09ae 5bd2 … e441"),
        Tick("records", True, "1,131,889"),
        Tick("files", True, "1"),
        Tick("content_id", True, "3ad0 77f1 … 90bc"),
        Tick("size", True, "4.6 GB"),
    ),
    compared=(
        Comparison("rows", 43_800, 43_800, "same"),
        *trade.COMPARED.compared[1:4],
        Comparison("timeliness", "2023-12-31 23:00:00", "2023-12-31 23:00:00", "same"),
        *trade.COMPARED.compared[5:],
    ),
)
"""Delivered as registered; one figure is other than its owner had declared."""
LIST = OrdersSnapshot(
    tuple(
        trade.row(one.order, ORDER.title, ORDER.other, 2750, "check", "warn")
        if one.order == ORDER.order
        else one
        for one in trade.ROWS.rows
    )
)


def _received(made: Window) -> QWidget:
    """The order's page where declared stands against received."""
    made.told(LIST)
    made.go("orders")
    made.told(ORDER)
    gallery.settle()
    last = made.findChild(QWidget, "order.compared")
    assert last is not None
    area = scrolled_by(last)
    assert area is not None
    area.ensureWidgetVisible(last, 0, BELOW)
    return made


def _rating(made: Window) -> QWidget:
    return gallery.opened(made, _received(made), "order.confirm")


VIEWS = {
    "challenge": gallery.VIEWS["challenge"],
    "worth": gallery.VIEWS["sheet_worth"],
    "received": _received,
    "rating": _rating,
}


def main(pictures: Path) -> int:
    pictures.mkdir(parents=True, exist_ok=True)
    application = make_application()
    QLocale.setDefault(QLocale("en_US"))
    with fixed_time():
        for mode in ("light", "dark"):
            theme.apply(application, mode)
            for name, view in VIEWS.items():
                _draw(view, mode, pictures / f"{name}-{mode}.png")
    return 0


def _draw(view: gallery.View, mode: str, path: Path) -> None:
    window = gallery.window(mode=mode)
    shown = view(window)
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
