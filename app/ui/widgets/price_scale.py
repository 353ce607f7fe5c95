"""Ranges of a price side by side on one scale, with the price that is asked now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme

Shade = Callable[[str], QColor]
_ROW, _AXIS, _NAME, _BAR = 46, 30, 96, 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: ``low`` … ``high`` with ``middle`` marked, or why there is none."""

    name: str
    text: str
    low: int = 0
    middle: int = 0
    high: int = 0

    @property
    def there(self) -> bool:
        return self.high > 0


def top_of(bars: tuple[Bar, ...], marker: int) -> int:
    """Where the scale ends: a round figure above everything on it."""
    most = max([marker, *(bar.high for bar in bars)])
    if not most:
        return 1
    power: int = 10 ** (len(str(most)) - 1)
    steps = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
    return next(-(-step * power // 10) for step in steps if step * power >= most * 10)


def paint(
    painter: QPainter,
    area: QRectF,
    bars: tuple[Bar, ...],
    marker: int,
    say: Callable[[int], str],
    shade: Shade,
) -> None:
    """``say`` writes an amount; ``shade`` gives the colour of a token."""
    top = top_of(bars, marker)
    left = area.left() + _NAME
    wide = max(1.0, area.width() - _NAME - 12)

    def across(amount: int) -> float:
        return left + wide * amount / top

    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font(12))
    bottom = area.top() + _ROW * len(bars)
    for part in range(5):
        x = across(top * part // 4)
        painter.setPen(QPen(shade("line"), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, bottom + 4))
        painter.setPen(shade("ink2"))
        place = QRectF(x - 60, bottom + 6, 120, 20)
        where = Qt.AlignmentFlag.AlignHCenter
        if part == 4:
            place, where = QRectF(x - 112, bottom + 6, 120, 20), Qt.AlignmentFlag.AlignRight
        painter.drawText(place, where, say(top * part // 4))
    for at, bar in enumerate(bars):
        y = area.top() + _ROW * at + _ROW / 2
        painter.setFont(theme.font(14, 600))
        painter.setPen(shade("ink"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(area.left(), y - 12, _NAME - 10, 24), middle, bar.name)
        track = QRectF(left, y - _BAR / 2, wide, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade("track"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if not bar.there:
            painter.setFont(theme.font(12))
            painter.setPen(shade("ink2"))
            painter.drawText(track.adjusted(12, 8, 0, 22), middle, bar.text)
            continue
        low, high = across(bar.low), across(bar.high)
        painter.setBrush(shade("accent"))
        painter.drawRoundedRect(QRectF(low, y - _BAR / 2, max(_BAR, high - low), _BAR), 7, 7)
        painter.setBrush(shade("accentInk"))
        painter.drawEllipse(QPointF(max(across(bar.middle), low + _BAR / 2), y), 4, 4)
    if marker:
        painter.setPen(QPen(shade("warn"), 2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(across(marker), area.top()), QPointF(across(marker), bottom + 4))


class PriceScale(QWidget):
    """Decoration for the eye; everything on it is in its accessible description too."""

    def __init__(self, name: str, meaning: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(meaning)
        self.bars: tuple[Bar, ...] = ()
        self.marker = 0
        self._say: Callable[[int], str] = str
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(
        self, bars: tuple[Bar, ...], marker: int, written: Callable[[int], str], read: str
    ) -> None:
        self.bars, self.marker, self._say = bars, marker, written
        self.setAccessibleDescription(read)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(520, _ROW * max(3, len(self.bars)) + _AXIS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint(painter, QRectF(self.rect()), self.bars, self.marker, self._say, theme.color)
