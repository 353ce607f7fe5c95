"""A part of the settings: what it is at the left, its controls at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.ui.widgets.facts import Code
from app.ui.widgets.layout import Flow, Item, column, row
from app.ui.widgets.text import label

_SIDE = 232


class Section(QFrame):
    def __init__(self, title: str, text: str, *items: Item, name: str = "") -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setObjectName(name)
        side = QWidget()
        side.setFixedWidth(_SIDE)
        side.setLayout(
            column(label(title, "h2", wrap=True), label(text, "hint", wrap=True), None, spacing=4)
        )
        whole = row(side, column(*items, spacing=14), spacing=28, margins=(20, 18, 20, 18))
        whole.setStretch(1, 1)
        self.setLayout(whole)


def buttons(*parts: QWidget) -> QWidget:
    """Buttons that wrap where it gets narrow."""
    made = QWidget()
    made.setLayout(Flow(*parts))
    return made


class CodeLine(QWidget):
    """A name and a code to copy."""

    def __init__(self, title: str, name: str, *, key_width: int = 120) -> None:
        super().__init__()
        key = label(title, "muted")
        key.setFixedWidth(key_width)
        self.code = Code(name=name)
        self.setLayout(row(key, self.code, spacing=8))

    def say(self, code: str) -> None:
        self.code.say(code)
        self.setVisible(bool(code))


class PathLine(QWidget):
    """A path that may be long: the middle of it gives way."""

    def __init__(self, title: str, name: str, *parts: QWidget) -> None:
        super().__init__()
        self._title = title
        self.path: QLabel = label(role="mono", wrap=True, name=name)
        self.setLayout(
            column(
                label(title, "strong"),
                self.path,
                buttons(*parts),
                spacing=6,
            )
        )

    def say(self, path: str) -> None:
        # A zero-width space after each separator lets a long path break between its parts.
        self.path.setText(path.replace("/", "/\u200b").replace("\\", "\\\u200b"))
        self.path.setAccessibleName(f"{self._title}: {path}")
