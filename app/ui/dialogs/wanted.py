"""Saying what one looks for, answering it with a dataset, and taking it back."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.commands import AnswerWant, PostWant, TakeBackWant
from app.domain.snapshots.wants import WantCard, WantedSnapshot, WantMatch
from app.domain.wants import MOST_COLUMNS, Want
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import dataset as shared
from app.ui.phrases import offer as offer_phrases
from app.ui.phrases import wanted as phrases
from app.ui.phrases import words
from app.ui.widgets.fields import Choice, Field, MoneyEdit, TextEdit, line_edit
from app.ui.widgets.layout import card
from app.ui.widgets.text import label

WORDS_BYTES = 4096


class PostSheet(Sheet):
    """``before`` is what was asked for and refused, to go on with."""

    def __init__(
        self,
        board: WantedSnapshot,
        parent: QWidget | None = None,
        before: PostWant | None = None,
    ) -> None:
        super().__init__(
            "post", phrases.post(), phrases.post_explained(), phrases.post_do(), parent
        )
        self._board = board
        want = before.want if before else Want()
        names = phrases.field_names()
        self._title = line_edit("post.title_edit", most=120)
        self._title.setText(want.title)
        self._what = TextEdit("post.what", rows=3)
        self._what.setPlainText(want.what)
        fields = [(code, shared.field_of_data(code)) for code in shared.FIELDS_OF_DATA]
        self._field = Choice("post.field", [("", phrases.any_field()), *fields])
        self._field.set_value(want.field)
        self._region = line_edit("post.region", most=80)
        self._region.setText(want.region)
        self._period = line_edit("post.period", most=80)
        self._period.setText(want.period)
        self._columns = line_edit("post.columns", most=600)
        self._columns.setText(", ".join(want.columns))
        self._complete = Choice("post.complete", phrases.complete())
        self._complete.set_value(str(want.least_complete or ""))
        self._days = Choice("post.days", phrases.days())
        self._days.set_value(str(before.days) if before else "")
        self._title_field = Field(names["title"][0], self._title)
        self._what_field = Field(names["what"][0], self._what)
        parts: list[QWidget] = [
            self._title_field,
            self._what_field,
            *(
                Field(names[name][0], editor, names[name][1])
                for name, editor in (
                    ("field", self._field),
                    ("region", self._region),
                    ("period", self._period),
                    ("columns", self._columns),
                    ("complete", self._complete),
                )
            ),
        ]
        self._price: MoneyEdit | None = None
        if board.currencies:
            self._price = MoneyEdit("post.price", board.currencies[0])
            self._price_field = Field(names["price"][0], self._price)
            parts.append(self._price_field)
        parts.append(Field(names["days"][0], self._days))
        fee = label(phrases.fee(words.fee(board.fee_wei, board.fee_currency)), "hint", wrap=True)
        self._title.textChanged.connect(lambda _: self._title_field.set_error())
        self._what.textChanged.connect(lambda: self._what_field.set_error())
        self.fill(card(*parts, fee), answer=self._posted)

    def _posted(self) -> PostWant | None:
        title, what = self._title.text().strip(), self._what.toPlainText().strip()
        price = self._price
        typed = price is not None and bool(price.text().strip())
        if not title:
            self._title_field.set_error(phrases.missing_title())
            return None
        if len(what) > 2000:
            self._what_field.set_error(offer_phrases.too_long())
            return None
        if price is not None and typed and price.units() is None:
            self._price_field.set_error(price.problem())
            return None
        columns = (one.strip() for one in self._columns.text().replace("，", ",").split(","))
        want = Want(
            title=title,
            what=what,
            field=self._field.value(),
            region=self._region.text().strip(),
            period=self._period.text().strip(),
            columns=tuple(dict.fromkeys(one for one in columns if one))[:MOST_COLUMNS],
            token=self._board.currencies[0].token if typed else "",
            max_price_units=price.units() if price is not None and typed else None,
            least_complete=int(self._complete.value() or 0),
        )
        return PostWant(want, int(self._days.value()))


class AnswerSheet(Sheet):
    def __init__(self, want: WantCard, match: WantMatch, parent: QWidget | None = None) -> None:
        title = match.title or shared.untitled()
        explained = phrases.answer_explained(want.by, title)
        super().__init__("answer", phrases.answer_title(), explained, phrases.answer_do(), parent)
        self._want, self._dataset = want.want, match.dataset
        self._words = TextEdit("answer.words", rows=5)
        self._words.setPlainText(phrases.answer_text(want, title))
        self._field = Field(phrases.answer_words(), self._words)
        self._words.textChanged.connect(lambda: self._field.set_error())
        self.fill(card(self._field), answer=self._answered)

    def _answered(self) -> AnswerWant | None:
        text = self._words.toPlainText().strip()
        if not text:
            self._field.set_error(offer_phrases.question_missing())
        elif len(text.encode()) > WORDS_BYTES:
            self._field.set_error(offer_phrases.too_long())
        else:
            return AnswerWant(self._want, self._dataset, text)
        return None


class TakeBackSheet(Sheet):
    def __init__(self, want: WantCard, fee: str, parent: QWidget | None = None) -> None:
        explained = f"{phrases.take_back_explained()} {phrases.fee(fee)}"
        super().__init__(
            "take_back", phrases.take_back_title(), explained, phrases.take_back(), parent,
            kind="danger",
        )  # fmt: skip
        self.fill(answer=lambda: TakeBackWant(want.want))
