"""Pictures of every page, small enough to be kept: what the app looks like, in both themes.

``python -m tests.ui.pictures`` draws them anew into ``tests/ui/baselines``, with names after it
only those; look at the change before it is committed. A picture is drawn without a screen and with
none but the fonts that come along (see `fonts.conf`), at 1360 × 860, with the same data at the same
time; then it is scaled down to a quarter, which evens out how libraries smooth letters.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from app.ui import theme
from tests.ui import gallery
from tests.ui.order_samples import NOW

BASELINES = Path(__file__).parent / "baselines"
FONTS = Path(__file__).with_name("fonts.conf")
MODES = ("light", "dark")
SCALE = 4
TILE = 8  # pixels of the small picture: 32 of the window
STEP = 4  # colours are kept in steps of this, which makes the files smaller
TOLERANCE = 5.0  # mean difference of a tile's colours, of 255, that machines may differ by

SHOWN = (
    *(
        "home",
        "home_new",
        "home_queue",
        "notices",
        "datasets",
        "register_file",
        "register_describe",
    ),
    *("register_review", "registered", "browse", "dataset_0", "dataset_3", "order_selling"),
    *("order_negotiating", "order_checking", "records", "money", "settings", "settings_relays"),
    *("locked", "welcome", "create", "recovery", "network", "sheet_sign", "sheet_pay_first"),
    *("order_receiving", "sheet_save_parcel", "register_alike", "dataset_alike"),
    *("settings_others", "register_known", "dataset_elsewhere", "challenge"),
    *("sample_given", "sample_allowed", "sheet_worth"),
    *("wanted", "sheet_post", "sheet_person"),
    *("subscriptions", "sheet_subscribe_limit", "sheet_accept_subscription"),
    *("sheet_confirm", "sheet_offer", "sheet_send_review", "sheet_words_shown", "sheet_help"),
)


@contextmanager
def fixed_time() -> Iterator[None]:
    """It is always the same moment, in the same time zone."""
    zone, clock = os.environ.get("TZ"), time.time
    os.environ["TZ"] = "UTC"
    time.tzset()
    time.time = lambda: float(NOW)
    try:
        yield
    finally:
        time.time = clock
        os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
        time.tzset()


def draw(name: str, mode: str) -> QImage:
    """The view ``name`` in the theme ``mode``, small."""
    window = gallery.window(mode=mode)
    shown = gallery.VIEWS[name](window)
    gallery.settle()
    if focused := QApplication.focusWidget():
        focused.clearFocus()  # a cursor blinks
    gallery.settle(2)
    picture = small(shown)
    shown.close()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return picture


def small(shown: QWidget) -> QImage:
    whole = shown.grab().toImage()
    return whole.scaled(
        whole.width() // SCALE,
        whole.height() // SCALE,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    ).convertToFormat(QImage.Format.Format_RGB888)


def difference(one: QImage, other: QImage) -> tuple[float, tuple[int, int]]:
    """The most that a tile of both differs in the mean, and where it is; other sizes: 255."""
    if abs(one.width() - other.width()) > 1 or abs(one.height() - other.height()) > 1:
        return 255.0, (0, 0)
    wide, tall = min(one.width(), other.width()), min(one.height(), other.height())
    apart = _lines(_apart(one.copy(0, 0, wide, tall), other))
    most, where = 0.0, (0, 0)
    for top in range(0, tall, TILE):
        lines = apart[top : top + TILE]
        for left in range(0, 3 * wide, 3 * TILE):
            tile = b"".join([line[left : left + 3 * TILE] for line in lines])
            mean = sum(tile) / len(tile)
            if mean > most:
                most, where = mean, (left // 3 * SCALE, top * SCALE)
    return most, where


def _apart(one: QImage, other: QImage) -> QImage:
    """How far the colours of each pixel of ``one`` are from those of ``other``."""
    made = one.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(0, 0, other.convertToFormat(QImage.Format.Format_RGB32))
    painter.end()
    return made


def _lines(picture: QImage) -> list[bytes]:
    made = picture.convertToFormat(QImage.Format.Format_RGB888)
    bits, step, wide = bytes(made.constBits()), made.bytesPerLine(), 3 * made.width()
    return [bits[y * step : y * step + wide] for y in range(made.height())]


def coarse(picture: QImage) -> QImage:
    """With colours in steps of `STEP`, each in the middle of its step."""
    table = bytes(min(255, value // STEP * STEP + STEP // 2) for value in range(256))
    lines = b"".join(line.translate(table) for line in _lines(picture))
    made = QImage(
        lines, picture.width(), picture.height(), 3 * picture.width(), QImage.Format.Format_RGB888
    )
    return made.copy()


def path(name: str, mode: str) -> Path:
    return BASELINES / f"{name}-{mode}.png"


def write(names: list[str]) -> int:
    """Draw these anew, or all of them."""
    os.environ["FONTCONFIG_FILE"] = str(FONTS)  # read when the application is made
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    QLocale.setDefault(QLocale("en_US"))
    BASELINES.mkdir(exist_ok=True)
    for old in () if names else BASELINES.glob("*.png"):
        old.unlink()
    with fixed_time():
        for mode in MODES:
            for name in names or SHOWN:
                if not coarse(draw(name, mode)).save(str(path(name, mode))):
                    raise OSError(f"{path(name, mode)} could not be written")
    size = sum(file.stat().st_size for file in BASELINES.glob("*.png"))
    print(f"{len(names or SHOWN) * len(MODES)} pictures, {size / 1000:.0f} kB in all")
    return 0


if __name__ == "__main__":
    sys.exit(write(sys.argv[1:]))
