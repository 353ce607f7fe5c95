"""Search results as cards: one model and one painter, however many there are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPixmap, QResizeEvent, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.snapshots.datasets import BrowseSnapshot, Card
from app.ui import theme
from app.ui.phrases import browse as phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import words

Index = QModelIndex | QPersistentModelIndex
CARD = Qt.ItemDataRole.UserRole
LEAST_WIDE, TALL, GAP, SCROLL = 330, 196, 14, 12
MOST_KEPT = 2_000  # cards; those that are scrolled back to come again
MOST_DRAWN = 40 * 2**20  # bytes of pictures of cards: a screen of 3,840 by 2,160 full of them
LOOK_MS = 40
_PAD = 18
_NOWHERE = QModelIndex()
_SHOWN = (
    QStyle.StateFlag.State_MouseOver
    | QStyle.StateFlag.State_HasFocus
    | QStyle.StateFlag.State_Selected
)
_WORDS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CardsModel(QAbstractListModel):
    """As many rows as there are results; of some the `Card` is not here yet. What stays in place
    is changed in place, so that the view keeps its position and its current card."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[int, Card] = {}
        self._count = 0
        self._edition = 0

    def card(self, row: int) -> Card | None:
        """None while it is not here."""
        return self._cards.get(row)

    def row_of(self, dataset: str) -> int:
        """Where ``dataset`` is, -1 if it is not among the results that are here."""
        return next((row for row, card in self._cards.items() if card.dataset == dataset), -1)

    def first_missing(self, first: int, last: int) -> int:
        """The first row from ``first`` to ``last`` whose card is not here, or -1."""
        rows = range(max(first, 0), min(last + 1, self._count))
        return next((row for row in rows if row not in self._cards), -1)

    def show(
        self, cards: tuple[Card, ...], first: int = 0, total: int | None = None, edition: int = 0
    ) -> bool:
        """``cards`` are those from the one at ``first`` of ``total`` results; cards of another
        ``edition`` of the results do not stay. True if the results were replaced rather than
        changed or added to."""
        total = max(first + len(cards), total or 0)
        come = dict(enumerate(cards, first))
        moved = any(row in self._cards and self._cards[row].dataset != card.dataset
                    for row, card in come.items())  # fmt: skip
        if moved or total < self._count:
            self.beginResetModel()
            self._cards, self._count, self._edition = come, total, edition
            self.endResetModel()
            return True
        if total > self._count:
            self.beginInsertRows(QModelIndex(), self._count, total - 1)
        before = self._cards
        stay = edition == self._edition and len(before) < MOST_KEPT
        self._cards, self._edition = (before if stay else {}) | come, edition
        if total > self._count:
            self._count = total
            self.endInsertRows()
        for row, card in come.items():
            if before.get(row) != card:
                self.dataChanged.emit(self.index(row), self.index(row))
        return False

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        card = self._cards.get(index.row())
        if card is None:
            return phrases.coming() if role in _WORDS else None
        if role == Qt.ItemDataRole.DisplayRole:
            return card.title or shared.untitled()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return phrases.read(card)
        if role == CARD:
            return card
        return None


class CardDelegate(QStyledItemDelegate):
    """Paints one `Card`: title, what it is, where and when, and below the line price and owner."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.cell = QSize(LEAST_WIDE + GAP, TALL + GAP)
        self._drawn: dict[object, QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A card takes a millisecond to draw and there are dozens in view: while they are only
        moved, their pictures are."""
        card = index.data(CARD)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state & _SHOWN
        ratio = painter.device().devicePixelRatioF()
        shade = theme.color("surface").rgb()
        key = card, rect.size().toTuple(), state.value, ratio, shade, QLocale().name()
        drawn = self._drawn.pop(key, None) or self._draw(card, rect.size(), state, ratio)
        self._drawn[key] = drawn  # at the end: what was not shown for longest goes first
        while len(self._drawn) * _bytes(drawn) > MOST_DRAWN:
            del self._drawn[next(iter(self._drawn))]
        painter.drawPixmap(rect.topLeft(), drawn)

    def _draw(self, card: object, size: QSize, state: QStyle.StateFlag, ratio: float) -> QPixmap:
        drawn = QPixmap(size * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 0, size.width(), size.height()).adjusted(1, 1, -GAP, -GAP)
        _ground(painter, area, state)
        if isinstance(card, Card):
            self._card(painter, area, card)
        painter.end()
        return drawn

    def _card(self, painter: QPainter, area: QRectF, card: Card) -> None:
        inside = area.adjusted(_PAD, _PAD - 4, -_PAD, -_PAD + 6)
        warning = phrases.warning(card)
        badge = warning or (phrases.mine() if card.mine else "")
        wide = inside.width() - (_badge(painter, inside, badge, bool(warning)) if badge else 0)
        top = QRectF(inside.x(), inside.y(), wide, 24)
        title = card.title or shared.untitled()
        _line(painter, top, title, theme.font(16, 600), "ink")
        what = QRectF(inside.x(), inside.y() + 30, inside.width(), 42)
        _lines(painter, what, card.what, theme.font(14), "ink2")
        facts = QRectF(inside.x(), inside.y() + 80, inside.width(), 20)
        _line(painter, facts, phrases.where_and_when(card), theme.font(13), "ink3")
        self._foot(painter, inside, card)

    def _foot(self, painter: QPainter, inside: QRectF, card: Card) -> None:
        line = inside.bottom() - 50
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(inside.x(), line), QPointF(inside.right(), line))
        upper = QRectF(inside.x(), line + 8, inside.width(), 22)
        lower = QRectF(inside.x(), line + 30, inside.width(), 20)
        rating = f"{shared.rating(card.rating)}  ({card.ratings})" if card.ratings else ""
        used = _rating(painter, upper, rating) if rating else 0.0
        _line(painter, upper.adjusted(0, 0, -used, 0), phrases.price(card), _bold(16), "ink")
        size = words.size(card.size_bytes)
        wide = QFontMetrics(theme.font(13)).horizontalAdvance(size) + 10
        _line(painter, lower, size, theme.font(13), "ink3", right=True)
        left = 0 if card.mine else _reach(painter, lower, online=card.online)
        _line(painter, lower.adjusted(left, 0, -wide, 0), phrases.by(card), theme.font(13), "ink2")


def _bytes(drawn: QPixmap) -> int:
    return drawn.width() * drawn.height() * drawn.depth() // 8


def _bold(px: int) -> QFont:
    return theme.font(px, 600)


def _ground(painter: QPainter, area: QRectF, state: QStyle.StateFlag) -> None:
    hover = bool(state & QStyle.StateFlag.State_MouseOver)
    focus = bool(state & QStyle.StateFlag.State_HasFocus)
    selected = bool(state & QStyle.StateFlag.State_Selected)
    painter.setBrush(theme.color("select" if selected else "surface"))
    shade = "accent" if focus or selected else "ink3" if hover else "line"
    painter.setPen(QPen(theme.color(shade), 2 if focus else 1))
    painter.drawRoundedRect(area, 12, 12)


def _line(
    painter: QPainter, area: QRectF, text: str, font: QFont, token: str, *, right: bool = False
) -> None:
    painter.setFont(font)
    painter.setPen(theme.color(token))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, _RIGHT if right else _LEFT, shown)


def _lines(painter: QPainter, area: QRectF, text: str, font: QFont, token: str) -> None:
    """``text`` on two lines, the second one cut with "…" where it is longer."""
    plain = " ".join(text.split())
    layout = QTextLayout(plain, font)
    layout.beginLayout()
    first = layout.createLine()
    if not first.isValid():
        layout.endLayout()
        return
    first.setLineWidth(area.width())
    layout.endLayout()
    cut = first.textLength()
    half = area.height() / 2
    upper = QRectF(area.x(), area.y(), area.width(), half)
    lower = QRectF(area.x(), area.y() + half, area.width(), half)
    _line(painter, upper, plain[:cut].rstrip(), font, token)
    if cut < len(plain):
        _line(painter, lower, plain[cut:], font, token)


def _badge(painter: QPainter, inside: QRectF, text: str, warn: bool) -> float:
    """Paint the badge at the right of the title; how much room it took."""
    font = theme.font(12, 600)
    wide = QFontMetrics(font).horizontalAdvance(text) + 18
    area = QRectF(inside.right() - wide, inside.y() + 1, wide, 22)
    tone = "warn" if warn else "accent"
    painter.setBrush(theme.color(f"{tone}Soft"))
    painter.setPen(theme.color(f"{tone}Line"))
    painter.drawRoundedRect(area, 11, 11)
    painter.setFont(font)
    painter.setPen(theme.color(tone))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    return wide + 10


def _reach(painter: QPainter, line: QRectF, *, online: bool) -> int:
    """A dot, or a ring where the owner is offline: colour alone must not tell it. Its room."""
    middle = QPointF(line.x() + 4, line.center().y())
    painter.setPen(Qt.PenStyle.NoPen if online else QPen(theme.color("ink3"), 1.5))
    painter.setBrush(theme.color("accent") if online else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle, 4.0 if online else 3.4, 4.0 if online else 3.4)
    return 16


def _rating(painter: QPainter, area: QRectF, text: str) -> float:
    """A rating at the right end of ``area``; how much room it took."""
    font = theme.font(13, 500)
    wide = QFontMetrics(font).horizontalAdvance(text)
    _line(painter, area, text, font, "ink2", right=True)
    at = QPointF(area.right() - wide - 19, area.center().y() - 7)
    painter.drawPixmap(at, theme.pixmap("star", "accent", 14, 2))
    return wide + 28


class CardList(QListView):
    """The cards in as many columns as fit; Enter or a click opens one. Where the person looks at
    rows whose cards are not here, ``wanted`` is called with the first of them."""

    def __init__(
        self,
        name: str,
        opened: Callable[[str], None],
        wanted: Callable[[int], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(phrases.results())
        self.cards = CardsModel()
        self.setModel(self.cards)
        self._painter = CardDelegate(self)
        self.setItemDelegate(self._painter)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("surface", "page")
        self._opened = opened
        self._wanted = wanted
        self._asked = -1
        self._looking = False  # more cards come by themselves
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(LOOK_MS)
        self._wait.timeout.connect(self._look)
        self.verticalScrollBar().valueChanged.connect(self._moved)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def say(self, found: BrowseSnapshot, *, new: bool = False) -> None:
        """What was found; the current card stays the current one where it is still there, and the
        place that is looked at, unless these are results of a ``new`` search."""
        now, at = self.currentIndex(), self.verticalScrollBar().value()
        current = self.cards.card(now.row()) if now.isValid() else None
        if self.cards.show(found.cards, found.first, found.total, found.edition):
            if current is not None and (row := self.cards.row_of(current.dataset)) >= 0:
                self.setCurrentIndex(self.cards.index(row))
            self.verticalScrollBar().setValue(0 if new else at)
        elif new:
            self.scrollToTop()
        self._asked, self._looking = -1, found.looking
        self._moved()

    def _moved(self) -> None:
        if not self._wait.isActive():
            self._wait.start()

    def _look(self) -> None:
        """Ask for the cards here, a screen above and a screen below, if some are missing; for those
        in view alone while more come by themselves."""
        cell = self._painter.cell
        across = max(1, (self.width() - SCROLL) // cell.width())
        top = self.verticalScrollBar().value() // cell.height() * across
        screen = (self.viewport().height() // cell.height() + 2) * across
        around = 0 if self._looking else screen
        missing = self.cards.first_missing(top - around, top + screen + around)
        if missing >= 0 and missing != self._asked:
            self._asked = missing
            self._wanted(max(0, missing if missing > top else top))

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() - SCROLL  # the same with a scroll bar and without: cards stay put
        across = max(1, wide // (LEAST_WIDE + GAP))
        self._painter.cell = QSize(wide // across, TALL + GAP)
        self.setGridSize(self._painter.cell)
        super().resizeEvent(event)

    def _open(self, index: QModelIndex) -> None:
        card = self.cards.card(index.row()) if index.isValid() else None
        if card is not None:
            self._opened(card.dataset)
