"""Rows, columns, cards and what happens when the window gets narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QVBoxLayout,
    QWidget,
)

Item = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]
STACKED_BELOW = 1160  # window width under which cards stand above each other


def row(*items: Item, margins: Margins = (0, 0, 0, 0), spacing: int = 8) -> QHBoxLayout:
    """``None`` stretches, a number leaves that many pixels free."""
    made = QHBoxLayout()
    _fill(made, items, margins, spacing)
    return made


def column(*items: Item, margins: Margins = (0, 0, 0, 0), spacing: int = 8) -> QVBoxLayout:
    """``None`` stretches, a number leaves that many pixels free."""
    made = QVBoxLayout()
    _fill(made, items, margins, spacing)
    return made


def _fill(layout: QBoxLayout, items: tuple[Item, ...], margins: Margins, spacing: int) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def frame(surface: str, layout: QLayout, name: str = "") -> QFrame:
    """``surface``: card, inset, next (calm), act (amber: you must act), stop (red), pane, strip."""
    made = QFrame()
    made.setProperty("surface", surface)
    made.setObjectName(name)
    made.setLayout(layout)
    return made


def card(*items: Item, name: str = "", spacing: int = 10) -> QFrame:
    return frame("card", column(*items, margins=(20, 16, 20, 16), spacing=spacing), name)


def rule() -> QFrame:
    """A hairline between two parts of a card."""
    made = QFrame()
    made.setProperty("surface", "line")
    made.setFixedHeight(1)
    return made


def clear(layout: QLayout) -> None:
    """Take everything out of ``layout`` and delete it, nested layouts too."""
    while (item := layout.takeAt(0)) is not None:
        inner, widget = item.layout(), item.widget()
        if inner is not None:
            clear(inner)
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()


class Pair(QWidget):
    """Widgets side by side, above each other where the window is narrower than ``below``."""

    def __init__(self, *parts: QWidget, below: int = STACKED_BELOW, spacing: int = 16) -> None:
        super().__init__()
        self._below = below
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)
        for part in parts:
            self._box.addWidget(part, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.window().width() < self._below
        across = QBoxLayout.Direction.LeftToRight
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if narrow else across)


class Flow(QLayout):
    """Left to right, and on to the next line where the width ends: chips, cards, buttons."""

    def __init__(self, *widgets: QWidget, spacing: int = 8, grow: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self._grow = grow
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Height of all lines in ``rect``'s width; puts the items there when ``move``."""
        top = rect.y()
        for line in self._lines(rect.width()):
            hints = [item.sizeHint() for item in line]
            spare = rect.width() - sum(h.width() for h in hints) - self._gap * (len(line) - 1)
            more = max(0, spare // len(line)) if self._grow else 0
            tall = max(
                item.heightForWidth(h.width() + more) if item.hasHeightForWidth() else h.height()
                for item, h in zip(line, hints, strict=True)
            )
            left = rect.x()
            for item, hint in zip(line, hints, strict=True):
                size = QSize(hint.width() + more, tall if self._grow else hint.height())
                if move:
                    item.setGeometry(QRect(QPoint(left, top), size))
                left += size.width() + self._gap
            top += tall + self._gap
        return max(0, top - self._gap - rect.y())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            need = item.sizeHint().width()
            if lines and used + self._gap + need <= width:
                lines[-1].append(item)
                used += self._gap + need
            else:
                lines.append([item])
                used = need
        return lines
