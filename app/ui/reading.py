"""The Tab key goes through a window in the order of reading: as layouts nest, top to bottom and
left to right, whenever parts were made and wherever rows came in between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QWidget,
)


def put_in_order(root: QWidget) -> None:
    """Chain everything the Tab key can reach in ``root``; called when it is pressed."""
    for one, next_one in pairwise(stops(root)):
        QWidget.setTabOrder(one, next_one)


def stops(root: QWidget) -> Iterator[QWidget]:
    """What the Tab key can reach in ``root``, hidden or not; of stacks only the open part, of
    buttons of which one is chosen that one: the arrow keys go on from there."""
    if isinstance(root, QAbstractButton):
        _come_to_the_chosen(root)
    if root.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield root
    if isinstance(root, QStackedWidget | QScrollArea):
        open_ = root.currentWidget() if isinstance(root, QStackedWidget) else root.widget()
        if open_ is not None:
            yield from stops(open_)
        return
    layout = root.layout()
    if layout is not None:
        yield from _inside(layout)


def _come_to_the_chosen(button: QAbstractButton) -> None:
    """Qt lets Tab enter such a group at the button that had the focus last, or at its first."""
    group = button.group()
    chosen = group.checkedButton() if group is not None and group.exclusive() else None
    if chosen is not None:
        policy = Qt.FocusPolicy.StrongFocus if chosen is button else Qt.FocusPolicy.ClickFocus
        button.setFocusPolicy(policy)


def _inside(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places.sort(key=lambda at: _cell(layout, at))
    for at in places:
        item = layout.itemAt(at)
        widget = item.widget() if item is not None else None
        inner = item.layout() if item is not None else None
        if widget is not None:
            yield from stops(widget)
        elif inner is not None:
            yield from _inside(inner)


def _cell(grid: QGridLayout, at: int) -> tuple[int, int]:
    place = grid.getItemPosition(at)
    assert isinstance(place, tuple)  # the stubs call it an object
    row, column, *_ = place
    return row, column
