"""A new password, typed twice, with a word about how well it holds."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.phrases import firstrun as phrases
from app.ui.widgets.fields import Field, PasswordEdit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label

Strength = Literal["none", "short", "weak", "fair", "strong"]

LEAST = 8
_FAIR_BITS, _STRONG_BITS = 45, 70
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890")
_COMMON = ("password", "passwort", "lading", "welcome", "letmein", "admin", "secret", "iloveyou")


def strength(password: str, name: str = "") -> Strength:
    """How hard ``password`` is to guess, roughly: kinds of characters times what is new in it.

    Runs (abcd, qwerty, 1234), repeats, very common words and the person's own name add one
    character's worth each, however long they are.
    """
    if not password:
        return "none"
    if len(password) < LEAST:
        return "short"
    kinds = (
        (26, any(c.islower() for c in password)),
        (26, any(c.isupper() for c in password)),
        (10, any(c.isdigit() for c in password)),
        (33, any(c.isascii() and not c.isalnum() for c in password)),
        (1000, any(not c.isascii() for c in password)),
    )
    alphabet = sum(size for size, there in kinds if there) or 1
    bits = _fresh(password, name) * math.log2(alphabet)
    if bits < _FAIR_BITS:
        return "weak"
    return "fair" if bits < _STRONG_BITS else "strong"


def _fresh(password: str, name: str) -> int:
    """The number of characters that cannot be told from those before them."""
    plain = password.lower()
    for known in (*_COMMON, *(part for part in name.lower().split() if len(part) > 2)):
        plain = plain.replace(known, "\0")
    count = 0
    for i, sign in enumerate(plain):
        pair = plain[i - 1 : i + 1] if i else ""
        run = any(pair in line or pair in line[::-1] for line in _RUNS) if pair else False
        again = i > 0 and (sign == plain[i - 1] or pair in plain[: i - 1])
        count += not (run or again)
    return count


class Meter(QWidget):
    """Three short bars that fill up; the hint beside them says the same in words."""

    def __init__(self) -> None:
        super().__init__()
        self._strength: Strength = "none"
        self.setFixedHeight(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, strength: Strength) -> None:
        self._strength = strength
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        level = {"weak": 1, "fair": 2, "strong": 3}.get(self._strength, 0)
        wide = (self.width() - 8) / 3
        for bar in range(3):
            token = "track" if bar >= level else "warn" if level == 1 else "accent"
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(bar * (wide + 4), 0, wide, 4), 2, 2)


class NewPassword(QWidget):
    """Two fields. `accepted` is the password once both are the same and long enough."""

    def __init__(self, name: str, title: str = "") -> None:
        super().__init__()
        self._who = ""
        self.password = PasswordEdit(f"{name}.password")
        self.repeat = PasswordEdit(f"{name}.repeat")
        self._meter = Meter()
        self._hint = label(phrases.text("strength.none"), "hint", wrap=True)
        self._first = Field(title or phrases.text("password"), self.password)
        self._second = Field(phrases.text("repeat"), self.repeat)
        self.password.textChanged.connect(self._judge)
        self.repeat.textChanged.connect(self._compare)
        self.password.editingFinished.connect(self._compare)
        left = column(self._first, self._meter, self._hint, None, spacing=6)
        both = row(left, column(self._second, None), spacing=16)
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        self.setLayout(both)

    def set_name(self, who: str) -> None:
        """The name the password should not be made of."""
        self._who = who
        self._judge()

    def accepted(self) -> str:
        """The password, or "" after saying by the field what is wrong."""
        password = self.password.text()
        if len(password) < LEAST:
            self._hint.hide()
            self._first.set_error(phrases.text("strength.short"))
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            return ""
        if password != self.repeat.text():
            self._second.set_error(phrases.text("repeat.different"))
            self.repeat.setFocus(Qt.FocusReason.OtherFocusReason)
            return ""
        return password

    def clear(self) -> None:
        self.password.take()
        self.repeat.take()
        self._second.set_error()

    def _judge(self) -> None:
        found = strength(self.password.text(), self._who)
        self._meter.say(found)
        self._first.set_error()
        self._hint.setText(phrases.text(f"strength.{found}"))
        self._hint.show()
        self.password.setAccessibleDescription(self._hint.text())

    def _compare(self) -> None:
        typed = self.repeat.text()
        wrong = bool(typed) and not self.password.text().startswith(typed)
        self._second.set_error(phrases.text("repeat.different") if wrong else "")
