"""A few proven records before paying; for one's own dataset, what buyers may see of it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QWidget

from app.domain.commands import AskSample
from app.domain.snapshots.datasets import DatasetSnapshot
from app.domain.snapshots.samples import Sample, SampleRows
from app.ui import theme
from app.ui.pages.listings.sample_allowance import AllowanceCard
from app.ui.phrases import samples as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, clear, column, frame, row
from app.ui.widgets.tables import ReadingTable
from app.ui.widgets.text import Icon, Lead, label, set_property

Index = QModelIndex | QPersistentModelIndex
ROW, HEAD, MOST_ROWS, WIDEST = 34, 38, 14, 260
_NOWHERE = QModelIndex()
_LOOKS = {
    "none": ("next", "shield-check", "accent"),
    "asked": ("next", "hourglass", "accent"),
    "granted": ("next", "hourglass", "accent"),
    "given": ("next", "shield-check", "accent"),
    "refused": ("act", "info", "warn"),
    "unopened": ("act", "triangle-alert", "warn"),
    "false": ("stop", "triangle-alert", "danger"),
}
_TO_COME = ("none", "asked", "granted")
_ASKABLE = ("none", "refused", "unopened", "false")


class SampleTab(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._dataset = ""
        self._lead = Lead("sample.lead")
        self._icon = Icon("shield-check", "accent", 20, 2)
        self._waits = label(role="hint", wrap=True, name="sample.waits")
        self._kinds = label(role="hint", wrap=True, name="sample.kinds")
        self._ask = Button(
            phrases.ask(), "primary", icon="eye", name="sample.ask", needs_chain=True
        )
        self._ask.clicked.connect(lambda: self.asked.emit(AskSample(self._dataset)))
        inside = row(
            self._icon,
            column(self._lead, self._waits, self._kinds, spacing=4),
            self._ask,
            margins=(16, 12, 14, 12),
            spacing=12,
        )
        inside.setStretch(1, 1)
        self._strip: QFrame = frame("next", inside)
        self._title = label(role="h2", wrap=True, name="sample.rows_title")
        self._hint = label(role="hint", wrap=True, name="sample.rows_hint")
        self.rows = SampleTable("sample.rows")
        self._rows = card(self._title, self._hint, self.rows)
        self._no_rows = column()
        self._none = card(self._no_rows, name="sample.no_rows")
        self._none_said: tuple[str, str] | None = None
        self.allowance = AllowanceCard()
        self.allowance.asked.connect(self.asked)
        self.setLayout(
            column(self._strip, self._rows, self._none, self.allowance, None, spacing=14)
        )

    def say(self, shown: DatasetSnapshot) -> None:
        self._dataset = shown.card.dataset
        self.allowance.setVisible(shown.allowance is not None)
        if shown.allowance is not None:
            self.allowance.say(shown.card.dataset, shown.allowance)
        self._strip.setVisible(shown.sample is not None)
        given = shown.sample if shown.sample and shown.sample.step == "given" else None
        self._rows.setVisible(given is not None and bool(given.rows.rows))
        self._none.setVisible(given is not None and not given.rows.rows)
        if shown.sample is not None:
            self._say_state(shown.sample)
            self._say_kinds(shown.sample, shown.claims.accessibility)
        if given is not None:
            self._say_rows(given)

    def _say_state(self, sample: Sample) -> None:
        self._lead.say(*phrases.lead(sample))
        surface, icon, token = _LOOKS[sample.step]
        self._icon.set_icon(icon, token)
        set_property(self._strip, "surface", surface)
        waiting = sample.step in ("asked", "granted") and bool(sample.reason)
        self._waits.setVisible(waiting)
        self._waits.setText(phrases.waits(sample.reason) if waiting else "")
        self._ask.setVisible(sample.step in _ASKABLE)
        self._ask.say(phrases.ask() if sample.step == "none" else phrases.ask_again())

    def _say_kinds(self, sample: Sample, accessibility: str) -> None:
        """Until there is something to see: whether it will be rows."""
        said = phrases.rows_expected(accessibility) if sample.step in _TO_COME else ""
        self._kinds.setText(said)
        self._kinds.setVisible(bool(said))

    def _say_rows(self, sample: Sample) -> None:
        self._title.setText(phrases.rows_title(sample.rows))
        hint = phrases.rows_hint(sample)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.rows.say(sample.rows)
        said = phrases.no_rows(sample)
        if not sample.rows.rows and said != self._none_said:
            self._none_said = said
            clear(self._no_rows)
            self._no_rows.addWidget(Empty("file-text", *said, name="sample.none"))


class RowsModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._rows = SampleRows("other")

    def show(self, rows: SampleRows) -> bool:
        """Whether there was something new."""
        if rows == self._rows:
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else max(1, len(self._rows.header))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole and across and section < len(self._rows.header):
            return self._rows.header[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and across:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self._rows.rows[index.row()]
        cell = line[index.column()] if index.column() < len(line) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            names = self._rows.header
            known = index.column() < len(names)
            return phrases.cell_read(names[index.column()], cell) if known else cell
        if role == Qt.ItemDataRole.FontRole and not self._rows.header:
            return theme.font(13, mono=True)
        return None


class SampleTable(ReadingTable):
    """Read-only, as tall as its rows up to `MOST_ROWS`; wide tables scroll sideways."""

    def __init__(self, name: str) -> None:
        self.lines = RowsModel()
        super().__init__(name, phrases.rows_meaning(), self.lines, ROW)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setFixedHeight(HEAD)
        head.setMaximumSectionSize(WIDEST)

    def say(self, rows: SampleRows) -> None:
        if not self.lines.show(rows):
            return
        head = self.horizontalHeader()
        text = not rows.header
        head.setVisible(not text)
        head.setMaximumSectionSize(100_000 if text else WIDEST)
        head.setSectionResizeMode(
            QHeaderView.ResizeMode.Stretch if text else QHeaderView.ResizeMode.Interactive
        )
        if not text:
            self.resizeColumnsToContents()
            head.setStretchLastSection(True)
        room = HEAD if not text else 0
        self.setFixedHeight(room + ROW * min(len(rows.rows), MOST_ROWS) + 16)
