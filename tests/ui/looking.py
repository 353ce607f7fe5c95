"""What a careful look at a page would find: clipped words, things without a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)


def settle(widget: QWidget, width: int, height: int = 860) -> None:
    """Lay ``widget`` out as the window would at that size."""
    widget.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()


def scrolled_by(part: QWidget) -> QScrollArea | None:
    """What ``part`` is scrolled in."""
    over = part.parentWidget()
    while over is not None and not isinstance(over, QScrollArea):
        over = over.parentWidget()
    return over


def clipped(widget: QWidget) -> list[str]:
    """Words of visible labels and buttons that do not fit where they stand."""
    found = []
    for part in widget.findChildren(QLabel):
        if part.isVisible() and part.text() and part.pixmap().isNull():
            room = part.contentsRect()
            if part.wordWrap():
                lost = part.heightForWidth(part.width()) > part.height() + 1
            else:
                lost = part.sizeHint().width() > part.width() + 1
            if lost or room.width() <= 0:
                found.append(f"{part.objectName()}: {part.text()}")
    for button in widget.findChildren(QAbstractButton):
        picture = isinstance(button.parent(), QLineEdit)  # its text is only a tool tip
        shown = button.isVisible() and button.text() and not picture
        if shown and button.sizeHint().width() > button.width() + 1:
            found.append(f"{button.objectName()}: {button.text()}")
    return found


def nameless(widget: QWidget) -> list[str]:
    """Visible things the keyboard reaches that a screen reader could not name, or no test find."""
    found = []
    for part in widget.findChildren(QWidget):
        by_tab = part.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = part.objectName().startswith("qt_") or isinstance(part, QLayout)
        if part.isVisible() and by_tab and not inner:
            text = part.text() if isinstance(part, QAbstractButton) else ""
            if not (part.accessibleName() or text) or not part.objectName():
                found.append(f"{type(part).__name__} {part.objectName()!r}")
    return found


def tab_order(start: QWidget, within: QWidget) -> list[str]:
    """Object names of the visible things the Tab key reaches inside ``within``, from ``start``."""
    names, part = [], start
    while True:
        if part.isVisible() and part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            names.append(part.objectName())
        part = part.nextInFocusChain()
        while part is not start and not within.isAncestorOf(part):
            part = part.nextInFocusChain()
        if part is start:
            return names
