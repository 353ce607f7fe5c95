"""How far something is: a bar with speed and time left, and the parts bar of a delivery."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy, QWidget

from app.ui import theme
from app.ui.phrases import words
from app.ui.widgets.layout import Item, column, row
from app.ui.widgets.text import label


class ProgressLine(QWidget):
    """A bar with "2.9 of 4.6 GB · 7.4 MB/s · about 4 min" under it and room for buttons."""

    def __init__(self, title: str, *buttons: Item, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._title = label(title, "strong")
        self._percent = label(role="hint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(title)
        self._facts = label(role="hint")
        under = row(self._facts, None, *buttons)
        head = row(self._title, None, self._percent)
        self.setLayout(column(head, self._bar, under, spacing=6))

    def entitle(self, title: str) -> None:
        """Another thing is under way now."""
        self._title.setText(title)
        self._bar.setAccessibleName(title)

    def say(self, done: int, total: int, speed: int, left_seconds: int | None) -> None:
        """Bytes done of ``total``, bytes per second, seconds left where that can be told."""
        share = done / total if total else 0.0
        self._bar.setValue(round(share * 1000))
        self._percent.setText(words.percent(share))
        facts = [words.size_of(done, total), words.speed(speed)]
        if left_seconds is not None:
            facts.append(words.time_left(left_seconds))
        self._facts.setText("  ·  ".join(facts))


class PartsBar(QWidget):
    """A delivery as parts: solid = confirmed by the buyer, pale = sent and not confirmed yet.

    "Sent" is never painted as "received". Its accessible name is set by `say`.
    """

    CELLS = 64

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._total, self._sent, self._confirmed = 1, 0, 0
        self.setFixedHeight(22)
        self.setMinimumWidth(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, total: int, sent: int, confirmed: int, meaning: str) -> None:
        self._total, self._sent, self._confirmed = max(1, total), sent, confirmed
        self.setAccessibleName(meaning)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gap = 2.0
        wide = (self.width() - gap * (self.CELLS - 1)) / self.CELLS
        for cell in range(self.CELLS):
            part = (cell + 0.5) / self.CELLS * self._total
            token = "track"
            if part < self._sent:
                token = "mid"
            if part < self._confirmed:
                token = "accent"
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(cell * (wide + gap), 0, wide, self.height()), 2.5, 2.5)


class Swatch(QFrame):
    """The small square of a legend."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._token))
        painter.drawRoundedRect(self.rect(), 3, 3)
