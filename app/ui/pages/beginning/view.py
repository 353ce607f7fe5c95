"""What the steps of the first run have in common: title, text, body, and buttons below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.ui.page import scrolling
from app.ui.widgets.layout import Item, column, row
from app.ui.widgets.text import label


class View(QWidget):
    """One step. ``asked`` emits commands, ``went`` the name of another step."""

    asked = Signal(object)
    went = Signal(str)

    def __init__(self, title: str, text: str, *body: Item, foot: tuple[Item, ...] = ()) -> None:
        super().__init__()
        parts = column(*body, spacing=16)
        self.column: QVBoxLayout = column(
            label(title, "h1", wrap=True),
            label(text, "muted", wrap=True),
            8,
            parts,
            8,
            row(*foot, spacing=10),
            None,
            spacing=8,
            margins=(4, 4, 14, 16),
        )
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._said = label(role="hint", wrap=True, name="firstrun.busy")
        self._progress = QWidget()
        self._progress.setLayout(column(self._bar, self._said, spacing=6, margins=(0, 14, 0, 0)))
        self._progress.hide()
        self.column.insertWidget(self.column.count() - 1, self._progress)
        self.setLayout(column(scrolling(self.column, max_width=640)))

    def start(self) -> None:
        """The step was opened: where typing begins."""

    def set_busy(self, doing: str) -> None:
        """What this step asked for is under way: ``doing`` says it in words, "" ends it."""
        self._progress.setVisible(bool(doing))
        self._said.setText(doing)
        self._bar.setAccessibleName(doing)
        self.hold(bool(doing))

    def hold(self, busy: bool) -> None:
        """Nothing more can be asked for while ``busy``."""

    def forget(self) -> None:
        """It succeeded: no secret stays in a field."""
