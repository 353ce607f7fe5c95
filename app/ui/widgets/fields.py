"""Form fields: a label, an editor, and what is wrong with it, right under it."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from app.domain.snapshots.money import Currency
from app.ui import theme
from app.ui.phrases import words
from app.ui.widgets.layout import column
from app.ui.widgets.text import label, set_property

MAX_UNITS = 2**256 - 1  # what a payment can hold on the record
_AMOUNT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


class Field(QWidget):
    """``title`` over ``editor``, ``hint`` under it until there is an error to say."""

    def __init__(self, title: str, editor: QWidget, hint: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._hint = hint
        self._name = label(title, "strong")
        self._name.setBuddy(editor)
        self._under = label(hint, "hint", wrap=True)
        if not editor.accessibleName():
            editor.setAccessibleName(title)
        editor.setAccessibleDescription(hint)
        self.setLayout(column(self._name, editor, self._under, spacing=5))
        self._under.setVisible(bool(hint))  # only now: a label without a parent is a window

    def set_error(self, error: str = "") -> None:
        """Say what is wrong, or with "" that nothing is."""
        text = error or self._hint
        self._under.setText(text)
        self._under.setVisible(bool(text))
        set_property(self._under, "role", "error" if error else "hint")
        set_property(self.editor, "invalid", "true" if error else "false")
        self.editor.setAccessibleDescription(text)

    def set_hint(self, hint: str) -> None:
        """What stands under the field while nothing is wrong."""
        self._hint = hint
        if not self.error():
            self.set_error()

    def error(self) -> str:
        return self._under.text() if self._under.property("role") == "error" else ""


def line_edit(name: str, *, placeholder: str = "", meaning: str = "", most: int = 200) -> QLineEdit:
    """``most`` characters fit; ``meaning`` for screen readers where no `Field` names it."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setMaxLength(most)
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(meaning)
    return made


class TextEdit(QPlainTextEdit):
    """Several lines of plain text; Tab goes on to the next field."""

    def __init__(
        self, name: str, *, placeholder: str = "", meaning: str = "", rows: int = 3
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(meaning)
        self.setTabChangesFocus(True)
        self.setFixedHeight(rows * self.fontMetrics().lineSpacing() + 24)


class Choice(QComboBox):
    """One of several; ``options`` are (value, words). The wheel scrolls the page, not the value."""

    def __init__(self, name: str, options: list[tuple[str, str]], meaning: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(meaning)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_options(options)

    def set_options(self, options: list[tuple[str, str]]) -> None:
        """New options; what was chosen stays chosen where it is still there."""
        if options == [(self.itemData(i), self.itemText(i)) for i in range(self.count())]:
            return
        chosen = self.value()
        blocked = QSignalBlocker(self)
        self.clear()
        for value, text in options:
            self.addItem(text, value)
        self.set_value(chosen)
        blocked.unblock()

    def value(self) -> str:
        return str(self.currentData() or "")

    def set_value(self, value: str) -> None:
        self.setCurrentIndex(max(0, self.findData(value)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.drawPixmap(
            self.width() - 26, (self.height() - 16) // 2, theme.pixmap("chevron-down", "ink2", 16)
        )


class MoneyEdit(QLineEdit):
    """An amount in integer units of ``currency``. Nothing is rounded: too many decimals, signs
    and words are refused with a reason."""

    changed = Signal()

    def __init__(
        self, name: str, currency: Currency, meaning: str = "", *, allow_zero: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(meaning)
        self.setMaxLength(100)
        self._allow_zero = allow_zero
        self.currency = currency
        self.set_currency(currency)
        self.textChanged.connect(lambda _: self.changed.emit())

    def set_currency(self, currency: Currency) -> None:
        self.currency = currency
        self.setPlaceholderText(f"0.00 {currency.symbol}")

    def units(self) -> int | None:
        """The amount typed, None while it is not one that can be paid (see `problem`)."""
        units, problem = self._read()
        return None if problem else units

    def problem(self) -> str:
        """Why the text is no amount, in words, or ""."""
        code = self._read()[1]
        return words.money_problem(code, self.currency) if code else ""

    def set_units(self, units: int) -> None:
        self.setText(words.figure(units, self.currency.decimals).replace(",", ""))

    def _read(self) -> tuple[int, str]:
        text = re.sub(rf"[\s,_']|{re.escape(self.currency.symbol)}$", "", self.text().strip())
        if not text:
            return 0, "empty"
        if not _AMOUNT.fullmatch(text):
            return 0, "number"
        whole, _, part = text.lstrip("+-").partition(".")
        part = part.rstrip("0")
        if text.startswith("-"):
            return 0, "negative"
        if len(part) > self.currency.decimals:
            return 0, "precise"
        units = int(whole or "0") * 10**self.currency.decimals
        units += int(part.ljust(self.currency.decimals, "0") or "0")
        if units == 0 and not self._allow_zero:
            return 0, "zero"
        return units, "large" if units > MAX_UNITS else ""


class PasswordEdit(QLineEdit):
    """Hidden characters, with an eye to look at them. Never copied, never remembered."""

    def __init__(self, name: str, meaning: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(meaning)
        self.setMaxLength(1024)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self._eye = QAction(theme.icon("eye", "ink3", 16), words.show_password(), self)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._reveal)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)

    def take(self) -> str:
        """The password, and the field is empty again."""
        password = self.text()
        self.clear()
        self._eye.setChecked(False)
        return password

    def _reveal(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._eye.setIcon(theme.icon("eye-off" if shown else "eye", "ink3", 16))
