"""F1: the keys of the app."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.ui.phrases import help as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import label


class HelpSheet(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet.help")
        self.setWindowTitle(phrases.title())
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        close = Button(words.close(), "primary", name="help.close")
        close.clicked.connect(self.accept)
        self.setLayout(
            column(
                label(phrases.title(), "h1"),
                label(phrases.text(), "muted", wrap=True),
                card(KeyValues(*phrases.keys(), key_width=140, name="help.keys")),
                row(None, close),
                margins=(24, 20, 24, 18),
                spacing=12,
            )
        )
        self.setFixedWidth(560)
