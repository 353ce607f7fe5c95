"""Figures, key-value rows, codes: things to be read, not typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui.phrases import words
from app.ui.widgets.buttons import Button, CopyButton
from app.ui.widgets.layout import clear, column, row
from app.ui.widgets.text import Icon, label, set_property


class Stat(QWidget):
    """A figure and what it is."""

    def __init__(self, caption: str, value: str = "–", name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._value = label(value, "stat")
        self._caption = label(caption, "hint")
        self.setLayout(column(None, self._value, self._caption, None, spacing=1))
        self.say(value)

    def say(self, value: str, caption: str | None = None) -> None:
        self._value.setText(value)
        if caption is not None:
            self._caption.setText(caption)
        self.setAccessibleName(f"{self._caption.text()}: {value}")


class KeyValues(QWidget):
    """Lines of a name and a value; ``say`` replaces them and keeps the widgets that stay.

    A line is (name, value) or (name, value, role of the value).
    """

    def __init__(self, *lines: tuple[str, ...], key_width: int = 104, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._width = key_width
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self.say(*lines)

    def say(self, *lines: tuple[str, ...]) -> None:
        while len(self._rows) > len(lines):
            for part in self._rows.pop():
                self._grid.removeWidget(part)
                part.hide()
                part.deleteLater()
        while len(self._rows) < len(lines):
            self._add()
        for (key, value), line in zip(self._rows, lines, strict=True):
            key.setText(line[0])
            value.setText(line[1])
            set_property(value, "role", line[2] if len(line) > 2 else "")
            value.setAccessibleName(f"{line[0]}: {line[1]}")

    def _add(self) -> None:
        key = label(role="muted", wrap=True)
        key.setFixedWidth(self._width)
        value = label(wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        at = len(self._rows)
        self._grid.addWidget(key, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop)
        self._rows.append((key, value))


class Code(QWidget):
    """A fingerprint or address, shortened, with the whole of it one click away."""

    def __init__(self, code: str = "", name: str = "", *, whole: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self._whole = whole
        self._text = label(role="mono", wrap=whole)
        self._copy = CopyButton(name=f"{name}.copy" if name else "")
        box = row(self._text, self._copy, None, spacing=4)
        box.setStretch(0, int(whole))
        self.setLayout(box)
        self.say(code)

    def say(self, code: str) -> None:
        self._text.setText((words.grouped if self._whole else words.fingerprint)(code))
        self._text.setToolTip(words.grouped(code))
        self._text.setAccessibleName(words.grouped(code))
        self._copy.text_to_copy = code
        self._copy.setVisible(bool(code))


class Empty(QWidget):
    """Nothing here yet: what this place is for and how the first thing gets here."""

    def __init__(
        self, icon: str, title: str, text: str, button: Button | None = None, name: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        middle = Qt.AlignmentFlag.AlignHCenter
        head, body = label(title, "h2"), label(text, "muted", wrap=True)
        for part in (head, body):
            part.setAlignment(middle)
        body.setFixedWidth(min(460, max(220, body.fontMetrics().horizontalAdvance(text) + 8)))
        box = column(None, spacing=8, margins=(12, 40, 12, 40))
        box.addWidget(Icon(icon, "ink3", 32, 1.5), 0, middle)
        box.addWidget(head, 0, middle)
        box.addLayout(row(None, body, None))
        if button is not None:
            box.addSpacing(6)
            box.addWidget(button, 0, middle)
        box.addStretch(2)
        self.setLayout(box)


class Lines(QWidget):
    """A column rebuilt from widgets each time; only for things nobody types into or focuses."""

    def __init__(self, name: str = "", spacing: int = 8) -> None:
        super().__init__()
        self.setObjectName(name)
        self._box = column(spacing=spacing)
        self.setLayout(self._box)

    def say(self, *lines: QWidget) -> None:
        clear(self._box)
        for line in lines:
            self._box.addWidget(line)
