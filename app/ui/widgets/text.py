"""Labels. Their text is always plain: what others wrote is never read as markup."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui import theme


def label(text: str = "", role: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """``role``: h1, h2, strong, stat, big, muted, hint, error, accent, warn, mono, or plain."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setObjectName(name)
    if wrap:
        made.setMinimumWidth(80)
    return made


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property the style sheet reads and make the widget look like it at once."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Lead(QLabel):
    """A sentence with its first words strong: "**Nothing for you to do.** Delivery runs …"."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setMinimumWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say(self, lead: str, rest: str = "") -> None:
        """Both are escaped: values in them may be other people's words."""
        text = f"<b>{escape(lead)}</b>&nbsp; {escape(rest)}" if rest else escape(lead)
        if text != self.text():
            self.setText(text)
        self.setAccessibleName(f"{lead} {rest}".strip())


class Icon(QLabel):
    """A tinted Lucide icon; decoration unless ``meaning`` says what a screen reader reads."""

    def __init__(
        self, name: str, token: str = "ink", px: int = 18, stroke: float = 1.75, meaning: str = ""
    ) -> None:
        super().__init__()
        self._look = (name, token, px, stroke)
        self.setFixedSize(QSize(px + 2, px + 2))
        self.setAccessibleName(meaning)
        self._draw()

    def set_icon(self, name: str, token: str) -> None:
        if self._look[:2] != (name, token):
            self._look = (name, token, *self._look[2:])
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()

    def _draw(self) -> None:
        self.setPixmap(theme.pixmap(*self._look))


class Badge(QLabel):
    """A small word with a tone: accent, warn (you must act), danger or quiet."""

    def __init__(self, text: str = "", tone: str = "quiet", name: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "badge")
        self.setProperty("tone", tone)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.setText(text)

    def say(self, text: str, tone: str) -> None:
        self.setText(text)
        set_property(self, "tone", tone)
