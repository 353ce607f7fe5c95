"""Letting a second device of one's own look after an order while this computer is off."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.commands import LetWatch
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.phrases import watching as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import card, row
from app.ui.widgets.text import label


class WatchSheet(OrderSheet):
    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("watch", order, parent)
        self._code = line_edit("watch.code", placeholder=phrases.code_like(), most=200)
        self._path = line_edit(
            "watch.path", placeholder=phrases.place(), meaning=phrases.file(), most=4096
        )
        self.choose = Button(phrases.choose(), icon="folder-open", name="watch.choose")
        self.choose.clicked.connect(self._choose)
        pick = QWidget()
        pick.setLayout(row(self._path, self.choose))
        self._code_field = Field(phrases.code(), self._code, hint=phrases.code_hint())
        self._path_field = Field(phrases.file(), pick, hint=phrases.file_hint())
        self._code.textChanged.connect(lambda _: self._code_field.set_error())
        self._path.textChanged.connect(lambda _: self._path_field.set_error())
        coins = words.fee(order.watch_wei, order.fee_currency)
        said = label(phrases.coins(coins), "muted", wrap=True, name="watch.coins")
        self.fill(card(self._code_field, self._path_field), said, answer=self._handed)

    def _handed(self) -> LetWatch | None:
        code, path = self._code.text().strip(), self._path.text().strip()
        if not code:
            self._code_field.set_error(phrases.code_missing())
            self._code.setFocus()
        elif not path:
            self._path_field.set_error(phrases.file_missing())
            self.choose.setFocus()
        else:
            place = Path(path).expanduser()
            return LetWatch(self.order.order, code, place, self.order.watch_wei or 0)
        return None

    def _choose(self) -> None:
        name = phrases.file_name(self.order.number)
        path, _ = QFileDialog.getSaveFileName(self, phrases.file(), name, phrases.filter())
        if path:
            self._path.setText(path)
