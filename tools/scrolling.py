"""Which part of a page a picture shows."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

ABOVE = 16  # pixels, so that a card's edge is seen


def area_of(part: QWidget) -> QScrollArea:
    """What ``part`` is scrolled in."""
    above: QWidget | None = part
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    assert isinstance(above, QScrollArea)
    return above


def begin_with(part: QWidget) -> None:
    """Scroll until ``part`` is what is seen first."""
    area = area_of(part)
    QApplication.processEvents()  # the layout that was asked for
    QApplication.processEvents()
    top = part.mapTo(area.widget(), QPoint()).y()
    area.verticalScrollBar().setValue(top - ABOVE)
