"""The filters over the search results: words first, the less common ones in a second row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from app.domain.commands import Search
from app.domain.snapshots.datasets import BrowseSnapshot, Count
from app.domain.snapshots.money import Currency
from app.ui import theme
from app.ui.phrases import browse as phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import private as own
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, MoneyEdit, line_edit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import set_property

WAIT_MS = 250  # after the last key, so that a word is searched and not its letters
_NO_CURRENCY = Currency("", "", "", 2)


class Filters(QWidget):
    """``changed`` when there is something to search; a snapshot never changes what is set."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.changed)
        self._known: dict[Choice, tuple[str, ...]] = {}
        self._build()

    def show_snapshot(self, snapshot: BrowseSnapshot) -> None:
        said = snapshot.search
        self._offer(self._field, snapshot.fields, bool(said.field), shared.field_of_data)
        self._offer(self._region, snapshot.regions, bool(said.region), str)
        self._offer(self._licence, snapshot.licences, bool(said.licence), phrases.licence_for)
        labels = dict.fromkeys((*snapshot.labels, *filter(None, [self._label.value()])))
        self._label.set_options([("", own.any_label()), *((one, one) for one in labels)])
        self._label.setVisible(bool(labels))
        for price, text in (
            (self._price, phrases.max_price_in),
            (self._least, phrases.min_price_in),
        ):
            if snapshot.currencies:
                price.set_currency(snapshot.currencies[0])
                price.setPlaceholderText(text(snapshot.currencies[0].symbol))
            price.setEnabled(bool(snapshot.currencies))

    def search(self) -> Search:
        """The filters as they are set; a price that is no amount does not count."""
        self._wait.stop()
        rating, size, days = (one.value() for one in (self._rating, self._size, self._days))
        order = next(code for code, _ in phrases.orders() if code == self._order.value())
        return Search(
            text=self.text.text(),
            field=self._field.value(),
            region=self._region.value(),
            max_price_units=self._units(self._price),
            online_only=self._online.isChecked(),
            min_price_units=self._units(self._least),
            licence=self._licence.value(),
            tables_only=self._tables.isChecked(),
            min_rating=int(rating) if rating else None,
            max_bytes=int(size) if size else None,
            days=int(days) if days else None,
            contacts_only=self._contacts.isChecked(),
            label=self._label.value(),
            order=order,  # type: ignore[arg-type]
        )

    def problem(self) -> str:
        """Why a price is no amount, or ""; marked where it stands."""
        found = ""
        for price in (self._least, self._price):
            problem = price.problem() if price.text().strip() else ""
            set_property(price, "invalid", "true" if problem else "false")
            found = found or problem
        return found

    def clear(self) -> None:
        """As it was at first, but for the order."""
        self.blockSignals(True)
        for edit in (self.text, self._price, self._least):
            edit.clear()
        for choice in (self._field, self._region, self._licence, self._rating, self._size,
                       self._days, self._label):  # fmt: skip
            choice.set_value("")
        for chip in (self._online, self._tables, self._contacts):
            chip.setChecked(False)
        self.blockSignals(False)
        self.changed.emit()
        self.text.setFocus()

    def _units(self, price: MoneyEdit) -> int | None:
        return price.units() if price.isEnabled() else None

    def _offer(
        self, choice: Choice, counts: tuple[Count, ...], narrowed: bool, named: Callable[[str], str]
    ) -> None:
        """What there is to choose, with how often. Where results are of one choice only, the others
        stay as they were known before."""
        count = {one.value: one.count for one in counts}
        known = self._known.get(choice, ()) if narrowed else ()
        values = tuple(dict.fromkeys((*known, *count)))
        if (chosen := choice.value()) and chosen not in values:
            values = (*values, chosen)
        self._known[choice] = values
        first = (choice.itemData(0), choice.itemText(0))
        choice.set_options(
            [first]
            + [
                (value, phrases.counted(named(value), count[value]) if value in count
                 else named(value))
                for value in values
            ]
        )  # fmt: skip

    def _build(self) -> None:
        self.text = line_edit(
            "browse.search", placeholder=phrases.search(), meaning=phrases.search()
        )
        glass = QAction(theme.icon("search", "ink3", 16), "", self.text)
        self.text.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._field = Choice("browse.field", [("", phrases.every_field())], phrases.field())
        self._region = Choice("browse.region", [("", phrases.every_region())], phrases.region())
        self._price = MoneyEdit("browse.max_price", _NO_CURRENCY, phrases.max_price())
        self._price.setPlaceholderText(phrases.max_price())
        self._more = _chip(phrases.more_filters(), "browse.more")
        self._online = _chip(phrases.online_only(), "browse.online")
        self._order = Choice("browse.order", phrases.orders(), phrases.order())
        self._least = MoneyEdit("browse.min_price", _NO_CURRENCY, phrases.min_price())
        self._least.setPlaceholderText(phrases.min_price())
        self._least.setMinimumWidth(128)
        self._licence = Choice("browse.licence", [("", phrases.every_licence())], phrases.licence())
        self._rating = Choice("browse.rating", phrases.ratings(), phrases.rating())
        self._size = Choice("browse.size", phrases.sizes(), phrases.size())
        self._days = Choice("browse.age", phrases.ages(), phrases.age())
        self._tables = _chip(phrases.tables_only(), "browse.tables")
        self._contacts = _chip(own.contacts_only(), "browse.contacts")
        self._label = Choice("browse.label", [("", own.any_label())], own.labels())
        first = row(self.text, self._field, self._region, self._price, self._online, self._more,
                    spacing=10)  # fmt: skip
        for at, share in enumerate((8, 5, 5, 4, 0, 0)):
            first.setStretch(at, share)
        second = row(self._order, self._licence, self._rating, self._size, self._days, self._least,
                     spacing=10)  # fmt: skip
        for at, share in enumerate((4, 4, 4, 4, 4, 5)):
            second.setStretch(at, share)
        third = row(self._tables, self._contacts, self._label, None, spacing=10)
        self._second = QWidget()
        self._second.setLayout(column(second, third, spacing=10))
        self._second.hide()
        self.setLayout(column(first, self._second, spacing=10))
        self._listen()

    def _listen(self) -> None:
        self._more.toggled.connect(self._second.setVisible)
        self.text.textChanged.connect(lambda _: self._wait.start())
        for price in (self._price, self._least):
            price.changed.connect(self._wait.start)
        for edit in (self.text, self._price, self._least):
            edit.returnPressed.connect(self.changed)
        for choice in (self._field, self._region, self._order, self._licence, self._rating,
                       self._size, self._days, self._label):  # fmt: skip
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
        for chip in (self._online, self._tables, self._contacts):
            chip.toggled.connect(lambda _: self.changed.emit())


def _chip(text: str, name: str) -> Button:
    made = Button(text, "chip", name=name)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made
