"""How a line of the order list is painted, and the list itself."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.snapshots.orders import OrderRow
from app.ui import theme
from app.ui.pages.order.list_model import ROW
from app.ui.phrases import orders as phrases
from app.ui.phrases import words

HEIGHT = 92
_LEFT = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_INKS = {"accent": "accent", "warn": "warn", "quiet": "ink2"}
Index = QModelIndex | QPersistentModelIndex


class OrderDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        area: QRect = option.rect.adjusted(10, 3, -10, -3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _ground(painter, area, option)
        inside = area.adjusted(14, 11, -14, -8)
        _head(painter, inside, row)
        _state(painter, inside, row)
        painter.restore()


def _ground(painter: QPainter, area: QRect, option: QStyleOptionViewItem) -> None:
    state: QStyle.StateFlag = option.state
    view = option.widget
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    painter.setPen(Qt.PenStyle.NoPen)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(theme.color("select" if chosen else "raised"))
        painter.drawRoundedRect(area, 10, 10)
    if chosen:
        painter.setBrush(theme.color("accent"))
        bar = QRectF(area.x(), area.y() + 14, 3, area.height() - 28)
        painter.drawRoundedRect(bar, 1.5, 1.5)
    if state & QStyle.StateFlag.State_HasFocus and isinstance(view, OrderList) and view.keyboard:
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 10, 10)


def _head(painter: QPainter, area: QRect, row: OrderRow) -> None:
    left, top, wide = area.x(), area.y(), area.width()
    price = words.figure(row.price.units, row.price.currency.decimals)
    painter.setFont(theme.font(14, 500))
    price_wide = painter.fontMetrics().horizontalAdvance(price) + 2
    painter.setPen(theme.color("ink"))
    painter.drawText(QRect(left + wide - price_wide, top, price_wide, 20), _RIGHT, price)
    _elided(
        painter, theme.font(15, 600), "ink", QRect(left, top, wide - price_wide - 8, 20), row.title
    )
    symbol = row.price.currency.symbol
    painter.setFont(theme.font(13))
    symbol_wide = painter.fontMetrics().horizontalAdvance(symbol) + 2
    painter.setPen(theme.color("ink3"))
    painter.drawText(QRect(left + wide - symbol_wide, top + 22, symbol_wide, 18), _RIGHT, symbol)
    _elided(
        painter,
        theme.font(13),
        "ink2",
        QRect(left, top + 22, wide - symbol_wide - 8, 18),
        row.other,
    )


def _state(painter: QPainter, area: QRect, row: OrderRow) -> None:
    middle = area.y() + 55
    quiet = row.tone == "quiet"
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("ink3" if quiet else _INKS[row.tone]))
    painter.drawEllipse(QPointF(area.x() + 4, middle), 4, 4)
    text = phrases.chip(row)
    look = theme.font(13, 400 if quiet else 600)
    room = area.width() - 15 - (100 if row.done is not None else 0)
    used = _elided(painter, look, _INKS[row.tone], QRect(area.x() + 15, middle - 9, room, 18), text)
    if row.done is None:
        return
    start = area.x() + 15 + used + 13
    bar = QRectF(start, middle - 2.5, area.right() - 40 - start, 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(bar, 2.5, 2.5)
    bar.setWidth(bar.width() * row.done)
    painter.setBrush(theme.color("accent"))
    painter.drawRoundedRect(bar, 2.5, 2.5)
    painter.setPen(theme.color("ink2"))
    painter.setFont(theme.font(13, 500))
    share = words.percent(row.done)
    painter.drawText(QRect(area.right() - 39, middle - 9, 40, 18), _RIGHT, share)


def _elided(painter: QPainter, look: QFont, token: str, area: QRect, text: str) -> int:
    """Draw ``text`` shortened to ``area``; the width it took."""
    painter.setFont(look)
    painter.setPen(theme.color(token))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, _LEFT, shown)
    return metrics.horizontalAdvance(shown)


class OrderList(QListView):
    """A ring marks the line only when the focus came from the keyboard, as browsers do it."""

    def __init__(self) -> None:
        super().__init__()
        self.keyboard = False
        self.setObjectName("orders.list")
        self.setAccessibleName(phrases.title())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setItemDelegate(OrderDelegate(self))

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        self.keyboard = event.reason() in (
            reasons.TabFocusReason,
            reasons.BacktabFocusReason,
            reasons.ShortcutFocusReason,
        )
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keyboard = True
        super().keyPressEvent(event)
