"""The columns of a table: name, type, how complete, and what speaks for personal data."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.snapshots.datasets import Column
from app.ui import theme
from app.ui.phrases import dataset as phrases
from app.ui.phrases import profile, words
from app.ui.widgets.tables import ReadingTable

Index = QModelIndex | QPersistentModelIndex
ROW, HEAD, MOST_ROWS = 40, 40, 12
_FILLED, _VALUES, _NOTE = 2, 3, 4
_WIDE = 760
_NOWHERE = QModelIndex()


class ColumnsModel(QAbstractTableModel):
    """One row a column of the dataset."""

    def __init__(self, columns: tuple[Column, ...] = ()) -> None:
        super().__init__()
        self._columns = columns

    def show(self, columns: tuple[Column, ...]) -> None:
        if columns != self._columns:
            self.beginResetModel()
            self._columns = columns
            self.endResetModel()

    def column(self, row: int) -> Column:
        return self._columns[row]

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(phrases.column_heads())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        heads = phrases.column_heads()
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole and across and 0 <= section < len(heads):
            return heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and across:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column = self._columns[index.row()]
        cells = (
            column.name,
            phrases.kind(column.kind),
            words.percent(column.complete),
            profile.values(column),
            phrases.personal(column.personal) if column.personal else "",
        )
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = profile.values_in_full(column) if index.column() == _VALUES else ""
            return whole or cells[index.column()] or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if index.column() == _VALUES:
                return profile.values_in_full(column)
            return phrases.column_read(column) if index.column() == 0 else cells[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == len(cells) - 1:
            return theme.color("warn")
        if role == Qt.ItemDataRole.UserRole:
            return column.complete
        return None


class _Share(QStyledItemDelegate):
    """How complete a column is, as a short bar and its figure."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = QStyleOptionViewItem(option)
        self.initStyleOption(look, index)
        text, look.text = look.text, ""
        area = QRectF(look.rect)
        share = float(index.data(Qt.ItemDataRole.UserRole) or 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        bar = QRectF(area.x() + 10, area.center().y() - 3, 56, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(theme.color("accent" if share >= 0.95 else "mid"))
        painter.drawRoundedRect(QRectF(bar.x(), bar.y(), bar.width() * share, bar.height()), 3, 3)
        painter.setPen(theme.color("ink"))
        painter.setFont(theme.font(14))
        rest = QRectF(bar.right() + 10, area.y(), area.right() - bar.right() - 10, area.height())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


class ColumnsTable(ReadingTable):
    """A read-only table as tall as its rows, up to `MOST_ROWS`; then it scrolls."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._said = False
        self.columns = ColumnsModel()
        super().__init__(name, phrases.columns_meaning(), self.columns, ROW, parent)
        self.setItemDelegateForColumn(_FILLED, _Share(self))
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        head.setFixedHeight(HEAD)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for section, wide in ((1, 124), (_FILLED, 128), (_VALUES, 186), (_NOTE, 214)):
            head.resizeSection(section, wide)
        self.say(())

    def chosen(self) -> Column | None:
        """The column in the row that the arrow keys are on."""
        index = self.currentIndex()
        return self.columns.column(index.row()) if index.isValid() else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._room()

    def _room(self) -> None:
        """A warning is worth more than what values are like, where both do not fit."""
        full = self.isColumnHidden(_NOTE) or self.width() >= _WIDE
        self.setColumnHidden(_VALUES, not (self._said and full))

    def say(self, columns: tuple[Column, ...]) -> None:
        self.columns.show(columns)
        self._said = any(profile.values(column) for column in columns)
        self.setColumnHidden(_NOTE, not any(column.personal for column in columns))
        self._room()
        self.setFixedHeight(HEAD + ROW * min(len(columns), MOST_ROWS) + 2)
