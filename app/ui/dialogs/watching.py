"""Let a second device watch: its code, where the parcel goes, and what it gets for fees."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.commands import LetWatch
from app.domain.errors import RuleError
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.watch_code import read_code
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.phrases import watching as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import card, row
from app.ui.widgets.text import label


class WatchSheet(OrderSheet):
    """The coins are those that were read when it was opened: fees move, the sheet does not."""

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("let_watch", order, parent)
        self._code = line_edit("let_watch.code", placeholder="LW-")
        self._device = Field(phrases.code(), self._code, phrases.code_hint())
        self._path = line_edit("let_watch.path", meaning=phrases.place(), most=4096)
        self._choose = Button(phrases.choose(), icon="folder-open", name="let_watch.choose")
        pick = QWidget()
        pick.setLayout(row(self._path, self._choose))
        self._file = Field(phrases.place(), pick, phrases.place_hint())
        coins = words.fee(order.watch_coins_wei, order.fee_currency)
        gets = KeyValues((phrases.coins(), coins, "strong"), key_width=220, name="let_watch.coins")
        rest = label(phrases.coins_rest(), "hint", wrap=True)
        self._choose.clicked.connect(self._choose_place)
        self._code.textChanged.connect(lambda _: self._device.set_error())
        self._path.textChanged.connect(lambda _: self._file.set_error())
        self.fill(card(self._device), card(self._file), card(gets, rest), answer=self._handed)
        self.allow(order.watch_coins_wei is not None)

    def _handed(self) -> LetWatch | None:
        code, path = self._code.text(), self._path.text().strip()
        try:
            read_code(code)
        except RuleError:
            self._device.set_error(phrases.code_wrong())
            self._code.setFocus()
            return None
        if not path:
            self._file.set_error(phrases.place_missing())
            self._choose.setFocus()
            return None
        coins_wei = self.order.watch_coins_wei
        if coins_wei is None:
            return None
        return LetWatch(self.order.order, code.strip(), Path(path).expanduser(), coins_wei)

    def _choose_place(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            phrases.place(),
            phrases.file(self.order.number),
            phrases.filter(),
        )
        if path:
            self._path.setText(path)
