"""Where an order stands: done, now, to come, each with its date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme


@dataclass(frozen=True, slots=True)
class Mark:
    """One step: its name, its date in words, and how it stands."""

    name: str
    when: str
    state: Literal["done", "now", "to_come", "failed"]


class Timeline(QWidget):
    """The steps from left to right; screen readers get them as one sentence from `say`."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._marks: tuple[Mark, ...] = ()
        self.setFixedHeight(84)
        self.setMinimumWidth(420)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, marks: tuple[Mark, ...], meaning: str) -> None:
        self._marks = marks
        self.setAccessibleName(meaning)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._marks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = self.width() / len(self._marks)
        for i, mark in enumerate(self._marks):
            middle = QPointF((i + 0.5) * wide, 20)
            if i + 1 < len(self._marks):
                _line(painter, middle, wide, passed=mark.state == "done")
            _dot(painter, middle, mark.state)
            _caption(painter, QRectF(i * wide, 42, wide, 40), mark)


def _line(painter: QPainter, start: QPointF, wide: float, *, passed: bool) -> None:
    shade = theme.color("accent" if passed else "line")
    painter.setPen(QPen(shade, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(start + QPointF(20, 0), start + QPointF(wide - 20, 0))


def _dot(painter: QPainter, middle: QPointF, state: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    if state in ("done", "failed"):
        painter.setBrush(theme.color("accent" if state == "done" else "danger"))
        painter.drawEllipse(middle, 13, 13)
        picture = ("check", "accentInk") if state == "done" else ("x", "surface")
        painter.drawPixmap(middle - QPointF(8, 8), theme.pixmap(*picture, 16, 3))
    elif state == "now":
        painter.setBrush(theme.color("accentSoft"))
        painter.drawEllipse(middle, 18, 18)
        painter.setBrush(theme.color("surface"))
        painter.setPen(QPen(theme.color("accent"), 3))
        painter.drawEllipse(middle, 11.5, 11.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(middle, 5, 5)
    else:
        painter.setBrush(theme.color("surface"))
        painter.setPen(QPen(theme.color("line"), 2.5))
        painter.drawEllipse(middle, 11, 11)


def _caption(painter: QPainter, area: QRectF, mark: Mark) -> None:
    now = mark.state == "now"
    painter.setPen(theme.color("ink3" if mark.state == "to_come" else "ink"))
    painter.setFont(theme.font(14, 600 if now else 500))
    centre = Qt.AlignmentFlag.AlignCenter
    painter.drawText(QRectF(area.x(), area.y(), area.width(), 20), centre, mark.name)
    shade = {"now": "accent", "failed": "danger"}.get(mark.state, "ink3")
    painter.setPen(theme.color(shade))
    painter.setFont(theme.font(13, 500 if now else 400))
    painter.drawText(QRectF(area.x(), area.y() + 20, area.width(), 18), centre, mark.when)
