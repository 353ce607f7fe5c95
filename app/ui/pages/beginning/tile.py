"""A large button of two lines: a way to go on, explained."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label


class Tile(QPushButton):
    """Icon, title and text. Checkable tiles choose, others go on at once."""

    def __init__(
        self, icon: str, title: str, text: str, name: str, *, choice: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "tile")
        self.setCheckable(choice)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._icon = icon
        self._picture = Icon(icon, "accent", 22, 1.75)
        self._title = label(title, "h2")
        self._text = label(text, "muted", wrap=True)
        words = column(self._title, self._text, None, spacing=3)
        inside = row(self._picture, words, margins=(18, 14, 18, 14), spacing=14)
        inside.setStretch(1, 1)
        inside.setAlignment(self._picture, Qt.AlignmentFlag.AlignTop)
        self.setLayout(inside)
        for part in (self._picture, self._title, self._text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.say(text)

    def say(self, text: str) -> None:
        self._text.setText(text)
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        inside = self.layout()
        return inside.totalSizeHint() if inside is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        inside = self.layout()
        return inside.totalMinimumSize() if inside is not None else super().minimumSizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._picture.set_icon(self._icon, "accent" if self.isEnabled() else "ink3")


def tiles(*parts: QWidget) -> QWidget:
    """Tiles under each other."""
    box = QWidget()
    box.setLayout(column(*parts, spacing=10))
    return box
