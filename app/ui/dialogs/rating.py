"""Accept and release the payment, with a rating that is public and permanent."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from app.domain.claims import suggested
from app.domain.commands import ConfirmOrder, RateOrder
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.phrases import profile
from app.ui.phrases import sheets as phrases
from app.ui.phrases.words import say
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, TextEdit
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import label

WORDS_BYTES = 4096


class Score(QWidget):
    """One criterion, one to five points; arrow keys move between them."""

    changed = Signal()

    def __init__(self, criterion: str) -> None:
        super().__init__()
        self.setObjectName(f"rate.{criterion}")
        self._group = QButtonGroup(self)
        buttons = []
        for points in range(1, 6):
            button = Button(str(points), "chip", name=f"rate.{criterion}.{points}")
            button.setAccessibleName(phrases.score(criterion, points))
            button.setMinimumSize(QSize(38, 26))
            self._group.addButton(button, points)
            buttons.append(button)
        self._group.idClicked.connect(lambda _: self.changed.emit())
        title = label(say(phrases.CRITERIA, criterion), "strong")
        text = column(title, label(phrases.asked(criterion), "hint", wrap=True), spacing=1)
        box = row(text, *buttons, spacing=6)
        box.setStretch(0, 1)
        self.setLayout(box)

    def give(self, points: int) -> None:
        """What is chosen until the person chooses otherwise."""
        button = self._group.button(points)
        if button is not None:
            button.setChecked(True)

    def points(self) -> int:
        """0 while none was given."""
        return max(0, self._group.checkedId())


class RatingSheet(OrderSheet):
    """``kind`` "confirm" releases the payment too; "rate" comes after it was released."""

    def __init__(self, kind: str, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__(kind, order, parent, read=lambda now: now.compared)
        self._make = ConfirmOrder if kind == "confirm" else RateOrder
        self._scores = [Score(criterion) for criterion in phrases.CRITERIA]
        self._missing = label(role="error", wrap=True, name="rate.missing")
        self._missing.hide()
        self._words = TextEdit("rate.words", rows=3)
        self._field = Field(phrases.rating_words(), self._words, phrases.rating_hint())
        for score in self._scores:
            score.changed.connect(self._missing.hide)
        filled = suggested(order.compared)
        for criterion, score in zip(phrases.CRITERIA, self._scores, strict=True):
            score.give(filled.get(criterion, 0))
        self._words.setPlainText(profile.differences(order.compared))
        measuring = order.comparing and not order.compared
        said = profile.rating_measuring() if measuring else profile.rating_filled()
        hint = label(said, "hint", wrap=True, name="rate.measured")
        hint.setVisible(measuring or bool(filled))
        scores = card(hint, *self._scores, self._missing, spacing=12)
        self.fill(scores, card(self._field), answer=self._rated)

    def _rated(self) -> ConfirmOrder | RateOrder | None:
        points = [score.points() for score in self._scores]
        said = self._words.toPlainText().strip()
        long = len(said.encode()) > WORDS_BYTES
        self._field.set_error(phrases.too_long() if long else "")
        if not all(points):
            self._missing.setText(phrases.scores_missing())
            self._missing.show()
        if long or not all(points):
            return None
        one, two, three, four, five, six = points
        return self._make(self.order.order, (one, two, three, four, five, six), said)
