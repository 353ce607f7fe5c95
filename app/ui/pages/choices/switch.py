"""A setting that is on or off, with a sentence about what that means."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.ui import theme
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label

_WIDE, _TALL = 40, 24


class _Slider(QCheckBox):
    """A check box that looks like a switch."""

    def sizeHint(self) -> QSize:
        return QSize(_WIDE + 6, _TALL + 6)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(3, 3, _WIDE, _TALL)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(-2, -2, 2, 2), 14, 14)
        on = self.isChecked()
        painter.setPen(QPen(theme.color("accent" if on else "ink3"), 1))
        painter.setBrush(theme.color("accent" if on else "track"))
        painter.drawRoundedRect(body, _TALL / 2, _TALL / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accentInk" if on else "ink3"))
        across = body.right() - _TALL + 4 if on else body.left() + 4
        painter.drawEllipse(QRectF(across, body.top() + 4, _TALL - 8, _TALL - 8))


class Switch(QWidget):
    """``turned`` emits what the person chose; `say` shows what is set without emitting."""

    turned = Signal(bool)

    def __init__(self, title: str, text: str, name: str) -> None:
        super().__init__()
        self.box = _Slider()
        self.box.setObjectName(name)
        self.box.setAccessibleName(title)
        self.box.setAccessibleDescription(text)
        self.box.setCursor(Qt.CursorShape.PointingHandCursor)
        self.box.toggled.connect(self.turned)
        name_label = label(title, "strong", wrap=True)
        name_label.setBuddy(self.box)
        self._text = label(text, "hint", wrap=True)
        words = column(name_label, self._text, spacing=2)
        inside = row(words, self.box, spacing=20)
        inside.setStretch(0, 1)
        inside.setAlignment(self.box, Qt.AlignmentFlag.AlignTop)
        self.setLayout(inside)

    def explain(self, text: str) -> None:
        """What it means now."""
        self._text.setText(text)
        self.box.setAccessibleDescription(text)

    def say(self, on: bool) -> None:
        blocked = QSignalBlocker(self.box)
        self.box.setChecked(on)
        blocked.unblock()
        self.box.update()
