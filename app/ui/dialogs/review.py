"""A page over the window about a dataset: what will happen, what is needed for it, one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.ui.page import scrolling
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label

_WIDE, _MARGIN = 620, 40


class ReviewSheet(QDialog):
    """Title, explanation, body, [Cancel] [action]. Subclasses add to ``body``, call `fit` and
    override `command`, which returns None while something is missing (and says what, by the
    field). ``name`` prefixes the object names: ``name.do``, ``name.cancel``."""

    asked = Signal(object)

    def __init__(
        self,
        name: str,
        title: str,
        explained: str,
        action: str,
        parent: QWidget | None = None,
        *,
        kind: str = "primary",
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"sheet.{name}")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.action = Button(action, kind, name=f"{name}.do")
        self.cancel = Button(words.cancel(), name=f"{name}.cancel")
        self.action.clicked.connect(self._do)
        self.cancel.clicked.connect(self.reject)
        self.body = column(spacing=14, margins=(24, 4, 24, 12))
        self._head = column(
            label(title, "h1", wrap=True, name=f"{name}.title"),
            label(explained, "muted", wrap=True),
            margins=(24, 20, 24, 12),
            spacing=8,
        )
        self._area = scrolling(self.body)
        foot = row(None, self.cancel, self.action, margins=(24, 12, 24, 18), spacing=10)
        outer = column(self._head, self._area, foot, spacing=0)
        outer.setStretch(1, 1)
        self.setLayout(outer)
        self.setMinimumWidth(_WIDE)

    def fit(self, *parts: QWidget) -> None:
        """Put ``parts`` into the body; as tall as they are, at most the height of the window."""
        for part in parts:
            self.body.addWidget(part)
        self.body.addStretch(1)
        need = self.body.heightForWidth(_WIDE - 12)
        need = need if need > 0 else self.body.sizeHint().height()
        rest = self._head.heightForWidth(_WIDE) + self.action.sizeHint().height() + 40
        parent = self.parentWidget()
        most = parent.window().height() - _MARGIN if parent else 760
        self.resize(_WIDE, min(most, need + rest))

    def command(self) -> object | None:
        raise NotImplementedError

    def _do(self) -> None:
        command = self.command()
        if command is not None:
            self.asked.emit(command)
            self.accept()
