"""A box to tick, painted from the tokens: Fusion's own one cannot be seen on a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from app.ui import theme


class CheckBox(QCheckBox):
    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(26)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(8, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = QStyleOptionButton()
        self.initStyleOption(look)
        inside = QStyle.SubElement.SE_CheckBoxIndicator
        box = QRectF(self.style().subElementRect(inside, look, self))
        middle = QRectF(1.5, box.center().y() - 8.5, 17, 17)
        ticked, on = self.isChecked(), self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = "accent" if self.hasFocus() or ticked else "ink3"
        fill = "accent" if ticked else "raised"
        if not on:
            edge, fill = "line", "ink3" if ticked else "track"
        painter.setPen(QPen(theme.color(edge), 2 if self.hasFocus() else 1.5))
        painter.setBrush(theme.color(fill))
        painter.drawRoundedRect(middle, 4, 4)
        if ticked:
            tick = theme.pixmap("check", "accentInk" if on else "surface", 13, 3)
            painter.drawPixmap(middle.topLeft() + QPointF(2, 2), tick)
        if ticked and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(middle.adjusted(-3, -3, 3, 3), 6, 6)
        painter.setPen(theme.color("ink"))
        painter.setFont(theme.font(14))
        left = int(middle.right()) + 9
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), align, self.text())
