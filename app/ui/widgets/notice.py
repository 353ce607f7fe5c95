"""Strips at the top: what happened and what to do; the practice reminder; the guide line."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame

from app.domain.snapshots.shell import Notice
from app.ui.phrases import notices, words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label, set_property

_LOOKS = {
    "done": ("next", "circle-check", "accent"),
    "news": ("next", "info", "accent"),
    "outage": ("act", "wifi-off", "warn"),
    "rule": ("act", "circle-alert", "warn"),
    "peer": ("stop", "triangle-alert", "danger"),
    "bug": ("stop", "triangle-alert", "danger"),
}


class NoticeBar(QFrame):
    """One notice: title, cause, advice; details to copy where there are any."""

    closed = Signal()

    def __init__(self, name: str = "notice") -> None:
        super().__init__()
        self.setObjectName(name)
        self.notice: Notice | None = None
        self._icon = Icon("circle-check", "accent", 20, 2)
        self._title = label(role="strong", wrap=True, name=f"{name}.title")
        self._cause = label(wrap=True, name=f"{name}.cause")
        self._advice = label(role="muted", wrap=True, name=f"{name}.advice")
        self._copy = Button(words.copy_details(), "link", name=f"{name}.copy")
        self._copy.clicked.connect(self._copy_details)
        self._close = Button("", "icon", icon="x", name=f"{name}.close", meaning=words.dismiss())
        self._close.clicked.connect(self._dismiss)
        text = column(self._title, self._cause, self._advice, spacing=2)
        box = row(self._icon, text, self._copy, self._close, margins=(16, 10, 12, 10), spacing=12)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.hide()

    def say(self, notice: Notice) -> None:
        self.notice = notice
        surface, icon, token = _LOOKS[notice.kind]
        title, cause, advice = notices.written(notice)
        for part, text in ((self._title, title), (self._cause, cause), (self._advice, advice)):
            part.setText(text)
            part.setVisible(bool(text))
        self._icon.set_icon(icon, token)
        self._copy.setVisible(bool(notice.details))
        self.setAccessibleName(" ".join(part for part in (title, cause, advice) if part))
        set_property(self, "surface", surface)
        self.show()

    def _copy_details(self) -> None:
        if self.notice is not None:
            QGuiApplication.clipboard().setText(self.notice.details)

    def _dismiss(self) -> None:
        self.hide()
        self.notice = None
        self.closed.emit()


class Strip(QFrame):
    """A permanent line above the pages, e.g. "Practice network: nothing here costs money"."""

    def __init__(self, icon: str, surface: str = "strip", name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("surface", surface)
        self._text = label(wrap=True, name=f"{name}.text" if name else "")
        box = row(Icon(icon, "accent", 16, 2), self._text, margins=(28, 6, 28, 6), spacing=8)
        box.setStretch(1, 1)
        self.setLayout(box)

    def say(self, text: str) -> None:
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
