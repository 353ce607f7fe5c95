"""The orders of the list as a Qt model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.snapshots.orders import OrderRow
from app.ui.phrases import orders as phrases

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole)


class OrderModel(QAbstractListModel):
    """One row an order; ``ROW`` gives the `OrderRow` to the delegate."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[OrderRow, ...] = ()

    def set_rows(self, rows: tuple[OrderRow, ...]) -> bool:
        """Show ``rows``; True when orders came, went or moved, so that the view starts anew."""
        if [row.order for row in rows] != [row.order for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return True
        before, self.rows = self.rows, rows
        for i, row in enumerate(rows):
            if row != before[i]:
                self.dataChanged.emit(self.index(i), self.index(i))
        return False

    def row_of(self, order: str) -> int:
        """-1 where the order is not shown."""
        return next((i for i, row in enumerate(self.rows) if row.order == order), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return phrases.spoken(row)
        return row if role == ROW else None
