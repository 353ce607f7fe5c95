"""The entries as a table of two-line cells."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.domain.snapshots.records import RecordEntry, RecordsSnapshot
from app.ui import theme
from app.ui.phrases import records as phrases
from app.ui.phrases import words
from app.ui.widgets.tables import ReadingTable

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("what", "by", "state", "fee")
ENTRY = int(Qt.ItemDataRole.UserRole)
LINES = ENTRY + 1
ROW_HEIGHT = 56
FEE_FROM = 640
_NOWHERE = QModelIndex()
_TOKENS = {"being_recorded": "ink2", "recorded": "accent", "final": "accent", "failed": "danger"}


def key(entry: RecordEntry) -> tuple[str, str, str, str]:
    """What tells an entry from others, also before it has an id."""
    return entry.what, entry.order, entry.dataset, entry.entry


class EntryModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._snapshot = RecordsSnapshot()

    def show(self, snapshot: RecordsSnapshot) -> None:
        """Rows that stay the same entries are only painted again."""
        before, self_keys = self._snapshot, [key(entry) for entry in snapshot.entries]
        if [key(entry) for entry in before.entries] == self_keys:
            self._snapshot = snapshot
            if snapshot.entries:
                last = self.index(len(self_keys) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._snapshot = snapshot
        self.endResetModel()

    def entry(self, row: int) -> RecordEntry | None:
        entries = self._snapshot.entries
        return entries[row] if 0 <= row < len(entries) else None

    def row_of(self, wanted: tuple[str, str, str, str]) -> int:
        keys = [key(entry) for entry in self._snapshot.entries]
        return keys.index(wanted) if wanted in keys else -1

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._snapshot.entries)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return phrases.text(COLUMNS[section])
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if section == 3 else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return None
        if role == ENTRY:
            return entry
        first, second = self._lines(entry, index.column())
        if role == LINES:
            return first, second
        if role == Qt.ItemDataRole.DisplayRole:
            return first
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return ", ".join(part for part in (first, second) if part)
        return None

    def _lines(self, entry: RecordEntry, column: int) -> tuple[str, str]:
        if column == 0:
            return words.record_entry(entry.what), entry.title
        if column == 1:
            return phrases.by(entry), words.moment(entry.at)
        if column == 2:
            return words.record_state(entry.state), words.fingerprint(entry.entry)
        return phrases.fee(entry.fee_wei, self._snapshot), phrases.gas(entry.gas)


class EntryDelegate(QStyledItemDelegate):
    """Two lines, shortened with … where the column is narrow."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(ENTRY)
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(area, theme.color("select" if chosen else "surface"))
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inside = area.adjusted(12, 0, -12, 0)
        token = "ink"
        if index.column() == 0:
            if chosen:
                bar = QRectF(area.x() + 1, area.y() + 12, 3, area.height() - 24)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent"))
                painter.drawRoundedRect(bar, 1.5, 1.5)
            failed = entry.state == "failed"
            look = ("circle-x", "danger") if failed else ("stamp", "accent")
            painter.drawPixmap(inside.x() + 2, area.y() + 19, theme.pixmap(*look, 18, 1.75))
            inside.setLeft(inside.x() + 32)
        elif index.column() == 2:
            token = _TOKENS.get(entry.state, "ink2")
        self._write(painter, inside, index, token)
        painter.restore()

    def _write(self, painter: QPainter, inside: QRect, index: Index, token: str) -> None:
        first, second = index.data(LINES)
        right = index.column() == len(COLUMNS) - 1
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        across = side | Qt.AlignmentFlag.AlignVCenter
        mono = index.column() == 2
        heavy = 600 if index.column() == 2 else 500
        lines = (
            (first, theme.font(14, heavy), token, 9),
            (second, theme.font(12 if mono else 13, mono=mono), "ink3", 29),
        )
        for text, font, shade, down in lines:
            place = QRect(inside.x(), inside.y() + down, inside.width(), 20)
            painter.setFont(font)
            painter.setPen(theme.color(shade))
            fits = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, across, fits)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, ROW_HEIGHT)


class EntryTable(ReadingTable):
    """One row is chosen at a time; arrow keys move, Tab leaves."""

    def __init__(self) -> None:
        self.entries = EntryModel()
        super().__init__("records.table", phrases.text("table"), self.entries, ROW_HEIGHT)
        self.setItemDelegate(EntryDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        head = self.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, wide in ((1, 152), (2, 182), (3, 132)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it gets narrow the fee is left to the detail beside the table."""
        super().resizeEvent(event)
        self.setColumnHidden(COLUMNS.index("fee"), self.width() < FEE_FROM)
