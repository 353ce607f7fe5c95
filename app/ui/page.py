"""What every page is: one method in, one signal out."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.ui.widgets.layout import Item, column


class Page(QWidget):
    """A page shows snapshots of the types in ``shows`` and emits commands; nothing else.

    ``show_snapshot`` may be called at any time, up to 20 times a second and also while the page
    is hidden. It updates the widgets in place: what somebody is typing is never touched, nor is
    the focus moved. ``went`` asks the window to open another page by name, e.g. "orders".
    """

    asked = Signal(object)
    went = Signal(str)
    shows: ClassVar[tuple[type, ...]] = ()

    def show_snapshot(self, snapshot: Any) -> None:
        raise NotImplementedError

    def opened(self) -> None:
        """The person came to this page."""


class ScrollPage(Page):
    """A page whose content is one column that scrolls. Subclasses fill ``self.column``."""

    def __init__(self, *items: Item, max_width: int = 1180, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column(margins=(28, 22, 28, 22), spacing=14)
        self.area = scrolling(self.column, max_width)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        for item in items:
            if isinstance(item, QWidget):
                self.column.addWidget(item)


def scrolling(content: QVBoxLayout, max_width: int = 1180) -> QScrollArea:
    """A scroll area around ``content``, never scrolling sideways; not wider than ``max_width``."""
    inside = QWidget()
    inside.setProperty("surface", "page")
    inside.setMaximumWidth(max_width)
    inside.setLayout(content)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
