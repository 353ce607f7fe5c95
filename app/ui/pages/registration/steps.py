"""The steps of a registration at the left: where one is, what is done, one click back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import theme
from app.ui.phrases import register as phrases
from app.ui.widgets.layout import column

STEPS = ("file", "check", "describe", "price", "review")
Standing = Literal["done", "now", "to_come", "problem"]
_MIDDLE = QPointF(22, 22)


@dataclass(frozen=True, slots=True)
class StepState:
    """How one step stands, and what is known there in a word or two ("4.6 GB")."""

    standing: Standing
    caption: str = ""
    reachable: bool = True


class StepButton(QAbstractButton):
    """One step; the line down to the next one is painted too unless it is the ``last``."""

    def __init__(self, code: str, number: int) -> None:
        super().__init__()
        self.setObjectName(f"register.step.{code}")
        self._code = code
        self._number = number
        self._last = number == len(STEPS)
        self._state = StepState("to_come", reachable=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.say(self._state, current=False)

    def say(self, state: StepState, *, current: bool) -> None:
        self._state = state
        self._current = current
        self.setEnabled(state.reachable)
        pointing, plain = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(pointing if state.reachable else plain)
        standing = "now" if current else state.standing
        name = phrases.step(self._code)
        self.setAccessibleName(phrases.step_meaning(self._number, len(STEPS), name, standing))
        self.setAccessibleDescription(state.caption)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, 62)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self._current or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("select" if self._current else "raised"))
            painter.drawRoundedRect(area.adjusted(0, 0, 0, -12), 8, 8)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -13), 8, 8)
        if not self._last:
            done = self._state.standing == "done"
            painter.setPen(QPen(theme.color("accent" if done else "line"), 2))
            painter.drawLine(_MIDDLE + QPointF(0, 17), _MIDDLE + QPointF(0, 45))
        self._dot(painter)
        self._words(painter, area)

    def _dot(self, painter: QPainter) -> None:
        standing = self._state.standing
        painter.setPen(Qt.PenStyle.NoPen)
        if standing in ("done", "problem"):
            painter.setBrush(theme.color("accent" if standing == "done" else "warn"))
            painter.drawEllipse(_MIDDLE, 11, 11)
            icon = "check" if standing == "done" else "flag"
            token = "accentInk" if standing == "done" else "surface"
            painter.drawPixmap(_MIDDLE - QPointF(7, 7), theme.pixmap(icon, token, 14, 3))
            return
        shade = "accent" if self._current else "line"
        painter.setBrush(theme.color("surface"))
        painter.setPen(QPen(theme.color(shade), 2.5))
        painter.drawEllipse(_MIDDLE, 10, 10)
        painter.setPen(theme.color("accent" if self._current else "ink3"))
        painter.setFont(theme.font(12, 700))
        box = QRectF(_MIDDLE.x() - 10, _MIDDLE.y() - 10, 20, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _words(self, painter: QPainter, area: QRectF) -> None:
        left = _MIDDLE.x() + 24
        wide = area.width() - left - 8
        upper = 3 if self._state.caption else 11
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.color("ink" if self._state.reachable else "ink3"))
        painter.setFont(theme.font(14, 600 if self._current else 500))
        painter.drawText(QRectF(left, upper, wide, 22), align, phrases.step(self._code))
        if self._state.caption:
            painter.setPen(theme.color("warn" if self._state.standing == "problem" else "ink3"))
            painter.setFont(theme.font(13))
            text = painter.fontMetrics().elidedText(
                self._state.caption, Qt.TextElideMode.ElideRight, int(wide)
            )
            painter.drawText(QRectF(left, 24, wide, 20), align, text)


class StepList(QWidget):
    """All steps; ``chosen`` emits the number of the one that was clicked, from 0."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("register.steps")
        self._buttons = [StepButton(code, i + 1) for i, code in enumerate(STEPS)]
        for i, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, at=i: self.chosen.emit(at))
        self.setLayout(column(*self._buttons, spacing=0))

    def say(self, states: tuple[StepState, ...], current: int) -> None:
        for i, (button, state) in enumerate(zip(self._buttons, states, strict=True)):
            button.say(state, current=i == current)
