"""Buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QSizePolicy, QTabBar, QWidget

from app.ui import theme
from app.ui.phrases import words
from app.ui.widgets.text import set_property

_TINTS = {"primary": "accentInk", "danger": "danger", "link": "accent", "icon": "ink2"}


class Button(QPushButton):
    """``kind``: "" (plain), primary, danger, link, chip, tile or icon (then only the picture).

    ``name`` is the object name tests and testers use; ``meaning`` what a screen reader says when
    the text alone does not. One that ``needs_chain`` is held by the window until the chain was
    read once.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "",
        *,
        icon: str = "",
        name: str = "",
        meaning: str = "",
        needs_chain: bool = False,
    ) -> None:
        super().__init__()
        self.needs_chain = needs_chain
        self._possible, self._why_not, self._held = True, "", ""
        self._icon = icon
        self.setText(text if not icon or kind == "icon" else f" {text}")
        self.setProperty("kind", kind)
        self.setObjectName(name)
        self.setAccessibleName(meaning or text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if kind == "chip":
            self.setCheckable(True)
        if kind == "icon":
            self.setToolTip(meaning)
        self._tint()

    def allow(self, possible: bool, why_not: str = "") -> None:
        """Enabled, or disabled with the reason ``why_not``."""
        self._possible, self._why_not = possible, why_not
        self._refresh()

    def hold(self, why: str) -> None:
        """With a reason ``why`` it is disabled whatever else allows it; "" lets go."""
        self._held = why if self.needs_chain else ""
        self._refresh()

    def setEnabled(self, possible: bool) -> None:
        self.allow(possible)

    def _refresh(self) -> None:
        super().setEnabled(self._possible and not self._held)
        reason = self._held or ("" if self._possible else self._why_not)
        if self.property("kind") != "icon":  # its tool tip is its name
            self.setToolTip(reason)
        self.setAccessibleDescription(reason)

    def say(self, text: str) -> None:
        self.setText(f" {text}" if self._icon else text)
        self.setAccessibleName(text)

    def mean(self, meaning: str) -> None:
        """What a button that shows a picture only says instead."""
        self.setAccessibleName(meaning)
        self.setToolTip(meaning)

    def set_kind(self, kind: str) -> None:
        if self.property("kind") != kind:
            set_property(self, "kind", kind)
            self._tint()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self._tint()

    def _tint(self) -> None:
        if self._icon:
            token = _TINTS.get(self.property("kind"), "ink") if self.isEnabled() else "ink3"
            self.setIcon(theme.icon(self._icon, token, 16, 2))
            self.setIconSize(QSize(16, 16))


class CopyButton(Button):
    """Copies ``text`` and says so for a moment."""

    def __init__(self, text: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", "icon", icon="copy", name=name, meaning=words.copy())
        self.text_to_copy = text
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(1500)
        self._back.timeout.connect(lambda: self.set_icon("copy"))
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text_to_copy)
        self.set_icon("check")
        self._back.start()


def tabs(name: str, *titles: str, meaning: str = "") -> QTabBar:
    """The row of tabs over a `QStackedWidget`: connect ``currentChanged`` to it."""
    made = QTabBar()
    made.setObjectName(name)
    made.setAccessibleName(meaning)
    made.setExpanding(False)
    made.setDrawBase(False)
    for title in titles:
        made.addTab(title)
    return made
