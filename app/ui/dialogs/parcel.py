"""Save a delivery as a parcel: where, and as one file or in parts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.commands import ExportParcel
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.phrases import parcels as phrases
from app.ui.phrases.words import say
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, Field, line_edit
from app.ui.widgets.layout import card, row

MEGABYTE = 1_000_000
LEAST_MEGABYTES = 2
LEAF_SHARE = 0.0162  # salts, leaf hashes and checks, of the content


class ParcelSheet(OrderSheet):
    """``order`` has a delivery; how much there is to save does not change while it is open."""

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("save_parcel", order, parent)
        content = order.delivery.total_bytes if order.delivery else 0
        self._bytes = round(content * (1 + LEAF_SHARE))
        self._path = line_edit("save_parcel.path", meaning=phrases.folder(), most=4096)
        choose = Button(phrases.choose(), icon="folder-open", name="save_parcel.choose")
        choose.clicked.connect(self._choose_folder)
        self._choose = choose
        pick = QWidget()
        pick.setLayout(row(self._path, choose))
        self._folder = Field(phrases.folder(), pick, phrases.needs(self._bytes))
        options = [(code, say(phrases.SIZES, code)) for code in phrases.SIZES]
        self._size = Choice("save_parcel.size", options)
        self._sizes = Field(phrases.size(), self._size, phrases.parts(1))
        self._other = line_edit("save_parcel.megabytes", placeholder="100", most=9)
        self._megabytes = Field(phrases.megabytes(), self._other)
        self._path.textChanged.connect(lambda _: self._folder.set_error())
        self._size.currentIndexChanged.connect(lambda _: self._count())
        self._other.textChanged.connect(lambda _: self._count())
        self.fill(
            card(self._folder), card(self._sizes, self._megabytes, spacing=14), answer=self._saved
        )
        self._count()

    def _count(self) -> None:
        """Say how many files it becomes."""
        self._megabytes.setVisible(self._size.value() == "other")
        self._megabytes.set_error()
        size = self._part_bytes()
        if size is not None:
            self._sizes.set_hint(phrases.parts(-(-self._bytes // size) if size else 1))
        self.fit()

    def _part_bytes(self) -> int | None:
        """0 for one file, None while what is typed is no size."""
        chosen = self._size.value()
        text = self._other.text().strip() if chosen == "other" else chosen
        if not text.isascii() or not text.isdigit():
            return None
        size = int(text)
        return None if chosen == "other" and size < LEAST_MEGABYTES else size * MEGABYTE

    def _saved(self) -> ExportParcel | None:
        path, size = self._path.text().strip(), self._part_bytes()
        if not path:
            self._folder.set_error(phrases.folder_missing())
            self._choose.setFocus()
        elif size is None:
            self._megabytes.set_error(phrases.megabytes_wrong())
            self._other.setFocus()
        else:
            return ExportParcel(self.order.order, Path(path).expanduser(), size)
        return None

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, phrases.folder())
        if path:
            self._path.setText(path)
