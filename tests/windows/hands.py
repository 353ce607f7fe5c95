"""A person at one window: clicks, types and reads, and nothing else.

`Hands` finds widgets by object name among what is visible, uses the mouse and the keyboard as a
person would, and waits until the screen says what is expected.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QWidget,
)

from app.ui.widgets.fields import Choice
from app.ui.window import Window

WAIT_MS = 60_000
POLL_MS = 10


class Hands:
    """One person's window."""

    def __init__(self, window: Window) -> None:
        self.window = window

    # what is on the screen

    def all(self, name: str, kind: type[QWidget] = QWidget) -> list[QWidget]:
        """Visible widgets with this object name, sheets included."""
        places: list[QWidget] = [self.window]
        places += [
            top
            for top in QApplication.topLevelWidgets()
            if top is not self.window
            and top.parent() is not None
            and top.window() is top
            and self._mine(top)
        ]
        found = [w for place in places for w in place.findChildren(kind, name) if w.isVisible()]
        return list(dict.fromkeys(found))

    def _mine(self, top: QWidget) -> bool:
        parent = top.parentWidget()
        while parent is not None:
            if parent is self.window:
                return True
            parent = parent.parentWidget()
        return False

    def words(self) -> str:
        """All text that is visible, to say in a failure what was there instead."""
        shown = [label.text() for label in self.all_labels() if label.text()]
        names = {
            w.objectName()
            for w in self.window.findChildren(QWidget)
            if w.isVisible() and isinstance(w, QAbstractButton | QLineEdit | QPlainTextEdit)
        }
        return "\n".join([*shown, f"--- to press and type into: {sorted(names)}"])

    def all_labels(self) -> list[QLabel]:
        return [w for w in self.window.findChildren(QLabel) if w.isVisible()]

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Let the window live until the screen is as expected."""
        deadline = QDeadlineTimer(WAIT_MS)
        while not until():
            assert not deadline.hasExpired(), f"not seen: {what}\n{self.words()}"
            # QTest.qWait would keep the interpreter's lock, and the engine's thread from running.
            loop = QEventLoop()
            QTimer.singleShot(POLL_MS, loop.quit)
            loop.exec()

    def see(self, name: str, text: str = "") -> QWidget:
        """Wait for a visible widget with this name, saying ``text`` where given."""

        def there() -> bool:
            return any(text in _text_of(w) for w in self.all(name))

        self.wait(there, f"{name} {text!r}")
        return next(w for w in self.all(name) if text in _text_of(w))

    # what the hands do

    def click(self, name: str) -> None:
        """Once it is there and can be pressed."""
        self.wait(lambda: any(w.isEnabled() for w in self.all(name)), f"{name} to press")
        widget = next(w for w in self.all(name) if w.isEnabled())
        at = widget.rect().center()
        if isinstance(widget, QAbstractButton) and not widget.hitButton(at):
            at = QPoint(12, widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)

    def type(self, name: str, text: str) -> None:
        """In place of what is there, key by key."""
        self.wait(lambda: self.all(name), f"{name} to type into")
        widget = self.all(name)[0]
        widget.setFocus(Qt.FocusReason.MouseFocusReason)
        assert isinstance(widget, QLineEdit | QPlainTextEdit), widget
        widget.selectAll()
        QTest.keyClicks(widget, text)

    def choose(self, name: str, value: str) -> None:
        """One of the values of a `Choice`, by the arrow keys."""
        choice = self.see(name)
        assert isinstance(choice, Choice), choice
        self.wait(lambda: choice.findData(value) >= 0, f"{value!r} in {name}")
        choice.setFocus(Qt.FocusReason.MouseFocusReason)
        down = choice.findData(value) > choice.currentIndex()
        while choice.value() != value:
            QTest.keyClick(choice, Qt.Key.Key_Down if down else Qt.Key.Key_Up)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow, "the window in front")
        none = Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self.window, key, none if modifier is None else modifier)

    def go(self, place: int) -> None:
        """Ctrl+1 … Ctrl+5."""
        self.key(Qt.Key(Qt.Key.Key_0 + place), Qt.KeyboardModifier.ControlModifier)

    def lines(self, name: str) -> list[str]:
        """What a list says to a screen reader, line by line."""
        role = Qt.ItemDataRole.AccessibleTextRole
        models = [view.model() for view in self.all(name, QListView) if isinstance(view, QListView)]
        return [str(m.index(n, 0).data(role)) for m in models for n in range(m.rowCount())]

    def open_row(self, name: str, text: str) -> None:
        """Click the line of a list that says ``text``."""

        def row() -> int:
            for view in self.all(name, QListView):
                assert isinstance(view, QListView)
                model = view.model()
                for i in range(model.rowCount()):
                    said = model.index(i, 0).data(Qt.ItemDataRole.AccessibleTextRole) or ""
                    if text in str(said):
                        return i
            return -1

        self.wait(lambda: row() >= 0, f"a line of {name} with {text!r}")
        view = self.all(name, QListView)[0]
        assert isinstance(view, QListView)
        index = view.model().index(row(), 0)
        view.scrollTo(index)
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center()
        )


def _text_of(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    said = text() if callable(text) else ""
    return f"{said} {widget.accessibleName()} {widget.accessibleDescription()}"
