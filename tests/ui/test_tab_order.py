"""By keyboard alone: Tab comes to everything that can be focused, in the order of reading, and
out again; Shift+Tab goes the same way back. In real windows, by real keys. What is read is not
clipped at any width."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from app.ui.rail import LOWER, UPPER
from tests.ui import gallery
from tests.ui.gallery import SMALLEST, VIEWS
from tests.ui.looking import scrolled_by

MOST = 120  # stops; more would be a trap


def reachable(root: QWidget) -> set[QWidget]:
    """What a person must be able to reach with Tab; of buttons of which one can be chosen the
    chosen one or the first, the others by arrow keys."""
    return {
        part
        for part in root.findChildren(QWidget)
        if part.window() is root
        and part.isVisible()
        and part.isEnabled()
        and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not _among_others(part)
    }


def _among_others(part: QWidget) -> bool:
    group = part.group() if isinstance(part, QAbstractButton) else None
    if group is None or not group.exclusive():
        return False
    return part is not (group.checkedButton() or group.buttons()[0])


def walk(root: QWidget, key: Qt.Key, start: QWidget) -> list[QWidget]:
    """The stops from ``start`` until it comes again; the key goes to whatever has the focus."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    passed = [start]
    while len(passed) < MOST:
        QTest.keyClick(QApplication.focusWidget() or root, key)
        now = QApplication.focusWidget()
        assert now is not None
        if now is start:
            return passed
        passed.append(now)
    raise AssertionError(f"a trap: {[one.objectName() for one in passed[-6:]]}")


def places(root: QWidget) -> dict[QWidget, QRect]:
    return {
        part: QRect(part.mapTo(root, part.rect().topLeft()), part.size())
        for part in reachable(root)
    }


def backwards(passed: list[QWidget], where: dict[QWidget, QRect]) -> list[str]:
    """Steps from one stop to the next that go against reading: up in the same column, or to the
    left in the same line."""
    wrong = []
    for one, after in pairwise(passed):
        a, b = where[one], where[after]
        area = scrolled_by(one)
        if area is not None and area is not scrolled_by(after):
            # what is scrolled out of sight is still above what stands below the scroll area
            bottom = area.mapTo(one.window(), area.rect().bottomLeft()).y()
            a = a.translated(0, min(0, bottom - a.bottom()))
        column = a.left() < b.right() and b.left() < a.right()
        line = a.top() < b.bottom() and b.top() < a.bottom()
        if (column and b.bottom() <= a.top()) or (line and b.right() <= a.left()):
            wrong.append(f"{one.objectName()} → {after.objectName()}")
    return wrong


def first_of(root: QWidget, where: dict[QWidget, QRect]) -> QWidget:
    rail = [part for part in where if part.objectName().startswith("rail.")]
    return rail[0] if rail else min(where, key=lambda part: (where[part].top(), where[part].left()))


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_is_clipped_at_any_width_and_tab_reads_everything_in_order_and_back(
    qtbot, name: str
) -> None:
    """Of one window: making it takes longer than looking at it."""
    window = gallery.window(*SMALLEST)
    qtbot.addWidget(window)
    root = VIEWS[name](window)
    assert gallery.clipped_by_width(window, root) == {}
    window.resize(1360, 860)
    root.activateWindow()
    gallery.settle()
    where = places(root)
    start = first_of(root, where)
    there = walk(root, Qt.Key.Key_Tab, start)
    assert {one.objectName() for one in where} == {one.objectName() for one in there}
    assert len(there) == len(where)
    assert backwards(there, where) == []
    back = walk(root, Qt.Key.Key_Backtab, start)
    assert [one.objectName() for one in back[1:]] == [one.objectName() for one in there[:0:-1]]


def test_arrow_keys_go_through_the_rail(qtbot) -> None:
    window = gallery.window()
    qtbot.addWidget(window)
    window.rail.buttons["home"].setFocus()
    opened = []
    for _ in range(6):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        gallery.settle()
        focused = QApplication.focusWidget()
        opened.append(focused.objectName())
        assert focused.isChecked()
    assert opened == [f"rail.{name}" for name in (*UPPER, *LOWER)][1:]


@pytest.fixture
def three(qtbot) -> tuple[QWidget, list[QAbstractButton]]:
    """Three buttons in a line, in a plain window that puts nothing in order."""
    whole = QWidget()
    qtbot.addWidget(whole)
    box = QHBoxLayout(whole)
    buttons: list[QAbstractButton] = [QPushButton(name, objectName=name) for name in "abc"]
    for button in buttons:
        box.addWidget(button)
    whole.show()
    whole.activateWindow()
    gallery.settle()
    return whole, buttons


def test_a_wrong_order_is_found(three) -> None:
    whole, (a, b, c) = three
    assert backwards(walk(whole, Qt.Key.Key_Tab, a), places(whole)) == []
    QWidget.setTabOrder(a, c)
    QWidget.setTabOrder(c, b)
    assert backwards(walk(whole, Qt.Key.Key_Tab, a), places(whole)) == ["c → b"]


def test_something_skipped_is_found(three) -> None:
    whole, (a, b, _) = three
    where = places(whole)
    b.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    assert len(walk(whole, Qt.Key.Key_Tab, a)) == len(where) - 1


def test_a_trap_is_found(three, qapp) -> None:
    whole, (a, b, c) = three

    def back(old: QWidget | None, new: QWidget | None) -> None:
        if new is c:
            b.setFocus()

    qapp.focusChanged.connect(back)
    try:
        with pytest.raises(AssertionError, match="a trap"):
            walk(whole, Qt.Key.Key_Tab, a)
    finally:
        qapp.focusChanged.disconnect(back)
