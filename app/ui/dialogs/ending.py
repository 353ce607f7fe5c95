"""Sheets that need a few words or none: report a problem, decline, return the payment."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.commands import DeclineOrder, ReportProblem, ReturnPayment
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.phrases import sheets as phrases
from app.ui.widgets.fields import Field, TextEdit
from app.ui.widgets.layout import card

WORDS_BYTES = 4096


class ReportSheet(OrderSheet):
    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("report", order, parent)
        self._words = TextEdit("report.words", rows=5)
        self._field = Field(phrases.problem(), self._words)
        self.fill(card(self._field), answer=self._report)

    def _report(self) -> ReportProblem | None:
        said = self._words.toPlainText().strip()
        if not said:
            self._field.set_error(phrases.problem_missing())
        elif len(said.encode()) > WORDS_BYTES:
            self._field.set_error(phrases.too_long())
        else:
            return ReportProblem(self.order.order, said)
        return None


class DeclineSheet(OrderSheet):
    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("decline", order, parent, kind="danger")
        self._note = TextEdit("decline.note", rows=3)
        self._field = Field(phrases.reason(), self._note)
        self.fill(card(self._field), answer=self._declined)

    def _declined(self) -> DeclineOrder | None:
        note = self._note.toPlainText().strip()
        if len(note.encode()) > WORDS_BYTES:
            self._field.set_error(phrases.too_long())
            return None
        return DeclineOrder(self.order.order, note)


class ReturnSheet(OrderSheet):
    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("return_payment", order, parent, kind="danger")
        self.fill(answer=lambda: ReturnPayment(order.order))
