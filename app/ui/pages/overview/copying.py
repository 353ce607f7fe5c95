"""A button that copies something and says so for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from app.ui.widgets.buttons import Button

SAID_MS = 1500


class CopyWords(Button):
    """``text`` is asked for when it is clicked; ``copied`` is what the button says then."""

    def __init__(self, words: str, copied: str, name: str, text: Callable[[], str]) -> None:
        super().__init__(words, icon="copy", name=name)
        self._words, self._copied, self._text = words, copied, text
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(SAID_MS)
        self._back.timeout.connect(self._say_again)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text())
        self.set_icon("check")
        self.say(self._copied)
        self._back.start()

    def _say_again(self) -> None:
        self.set_icon("copy")
        self.say(self._words)
