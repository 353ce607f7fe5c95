"""Step 3: what buyers read about the data, what it contains, and on which terms it is offered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QWidget

from app.domain import described
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.listing import LONGEST
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.money import Currency
from app.domain.stated import Stated, stated
from app.domain.terms import TermsChoice
from app.ui.pages.registration.leaves import leaves
from app.ui.pages.registration.statements import Statements
from app.ui.pages.registration.values import Values
from app.ui.phrases import alike, words
from app.ui.phrases import catalogue as catalogue_phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import describing as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.check_box import CheckBox
from app.ui.widgets.fields import Choice, Field, TextEdit, line_edit
from app.ui.widgets.layout import Pair, card, column, row
from app.ui.widgets.terms_form import TermsForm
from app.ui.widgets.text import Icon, label


class DescribeStep(QWidget):
    """``left`` emits whenever a field was left; what was typed then is in `value`. ``priced`` emits
    the `Amount` that a description asks for.

    Snapshots fill the form in until somebody types; from then on it belongs to the person, until
    another draft is opened.
    """

    left = Signal()
    priced = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._touched = False
        self._terms_kept = TermsChoice()
        self._must = False
        self._currencies: tuple[Currency, ...] = ()
        self._compare_wanted = True
        self.values = Values()
        self.values.chosen.connect(self._touch)
        self._statements = Statements()
        parts = (self._build_words(), self.values, self._statements, self._build_privacy())
        self.setLayout(column(*parts, self._build_licence(), leaves(), spacing=14))
        for editor in self.findChildren(QWidget):
            if editor.focusPolicy() & Qt.FocusPolicy.TabFocus:
                editor.installEventFilter(self)
        self._watch()

    # --- in and out -------------------------------------------------------------------------

    def value(self) -> tuple[Description, TermsChoice]:
        """What is typed; of terms that are not complete (no country) the last complete ones."""
        self._terms_kept = self.terms.value() or self._terms_kept
        description = Description(
            title=self._title.text().strip(),
            what=self._what.toPlainText().strip(),
            field=self._field.value(),
            region=self._region.text().strip(),
            period=self._period.text().strip(),
            personal_data=self._personal.isChecked(),
            confidential=self._confidential.isChecked(),
            comparable=self._compare_wanted,
            undeclared=self.values.undeclared(),
        )
        return description, self._terms_kept

    def first(self) -> QWidget:
        """Where typing begins."""
        return self._title

    def terms_complete(self) -> bool:
        return self.terms.value() is not None

    def open_draft(self, draft: RegisterSnapshot) -> None:
        self._touched = False
        for field in (self._title_field, self._what_field):
            field.set_error()
        for said in (self._read_problem, self._read_price):
            said.hide()
        self._statements.take(Stated())
        self.show_draft(draft)

    def show_draft(self, draft: RegisterSnapshot) -> None:
        if not self._touched:
            self._fill(draft.description, draft.terms)
        self._must = draft.must_be_confidential
        self._currencies = draft.currencies
        self._force()
        self._compare.setVisible(bool(draft.profile and draft.profile.sketch))
        self.values.show_draft(draft)
        self._statements.show_draft(draft)

    def complain(self) -> None:
        """Say at the fields what is missing."""
        for field, text in (
            (self._title_field, self._title.text()),
            (self._what_field, self._what.toPlainText()),
        ):
            name = phrases.title_field() if field is self._title_field else phrases.what_field()
            field.set_error("" if text.strip() else words.required(name))
        self.terms.value()

    def _fill(self, description: Description, terms: TermsChoice) -> None:
        blocked = [QSignalBlocker(part) for part in self._editors()]
        if self._title.text().strip() != description.title:
            self._title.setText(description.title)
        if self._what.toPlainText().strip() != description.what:
            self._what.setPlainText(description.what)
        self._field.set_options(_fields(description.field))
        self._field.set_value(description.field)
        if self._region.text().strip() != description.region:
            self._region.setText(description.region)
        if self._period.text().strip() != description.period:
            self._period.setText(description.period)
        self._personal.setChecked(description.personal_data)
        self._confidential.setChecked(description.confidential)
        self._compare_wanted = description.comparable
        self.values.leave_out(description.undeclared)
        if self._terms_kept != terms or self.terms.value() != terms:
            self._terms_kept = terms
            self.terms.set_value(terms)
        for block in blocked:
            block.unblock()

    def _fill_in(self) -> None:
        """What a description in another catalogue's words says, in place of what is typed; the
        price that a contract asks is ``priced``, what it says of quality is shown."""
        path, _ = QFileDialog.getOpenFileName(
            self, catalogue_phrases.fill_in(), "", catalogue_phrases.filter_()
        )
        if not path:
            return
        before, chosen = self.value()
        problem = price = ""
        try:
            with Path(path).open("rb") as file:
                raw = file.read(described.MOST_BYTES + 1)
            found = described.described(raw, before, QLocale().name())
            self._fill(found, described.licensed(raw, chosen))
            price = self._fill_price(described.asked(raw))
            self._statements.take(stated(raw))
        except OSError as error:
            problem = catalogue_phrases.not_read(error.strerror or type(error).__name__)
        except RuleError as error:
            problem = catalogue_phrases.problem(error.code)
        else:
            self._touch()
            self.left.emit()
        self._read_problem.setText(problem)
        self._read_problem.setVisible(bool(problem))
        self._read_price.setText(price)
        self._read_price.setVisible(bool(price))

    def _fill_price(self, asked: described.Asked | None) -> str:
        """What became of the price, in words."""
        if asked is None:
            return ""
        price = asked.price(self._currencies)
        if price is not None:
            self.priced.emit(price)
        return catalogue_phrases.price_read(asked, price, self._currencies)

    # --- what depends on what ---------------------------------------------------------------

    def _editors(self) -> tuple[QObject, ...]:
        return (
            self._title,
            self._what,
            self._field,
            self._region,
            self._period,
            self._personal,
            self._confidential,
            self._comparable,
            self.terms,
        )

    def _watch(self) -> None:
        for line in (self._title, self._region, self._period):
            line.textEdited.connect(lambda _: self._touch())
        self._what.textChanged.connect(self._shorten)
        self._field.currentIndexChanged.connect(lambda _: self._touch())
        self._personal.toggled.connect(self._personal_toggled)
        self._confidential.toggled.connect(self._confidential_toggled)
        self._comparable.toggled.connect(self._comparable_toggled)
        self.terms.changed.connect(self._terms_changed)

    def _touch(self) -> None:
        self._touched = True
        self._title_field.set_error()
        self._what_field.set_error()

    def _shorten(self) -> None:
        """A text too long for the record is cut while it is pasted, never silently later."""
        text = self._what.toPlainText()
        if len(text) > LONGEST["what"]:
            blocked = QSignalBlocker(self._what)
            self._what.setPlainText(text[: LONGEST["what"]])
            self._what.moveCursor(self._what.textCursor().MoveOperation.End)
            blocked.unblock()
        self._touch()

    def _personal_toggled(self, on: bool) -> None:
        """The flag and the licence say the same about personal data."""
        self._licence_personal().set_value("with_consent" if on else "none")
        self._force()
        self._touch()

    def _confidential_toggled(self) -> None:
        self._show_comparable()
        self._touch()

    def _comparable_toggled(self, on: bool) -> None:
        self._compare_wanted = on
        self._touch()

    def _terms_changed(self) -> None:
        on = self._licence_personal().value() == "with_consent"
        if on != self._personal.isChecked():
            self._personal.setChecked(on)
        self._touch()

    def _licence_personal(self) -> Choice:
        found = self.terms.findChild(Choice, "register.terms.personal_data")
        assert isinstance(found, Choice)
        return found

    def _force(self) -> None:
        forced = self._must or self._personal.isChecked()
        hint = phrases.confidential_hint()
        if self._personal.isChecked():
            hint = phrases.confidential_must_personal()
        elif forced:
            hint = phrases.confidential_must_small()
        if forced:
            blocked = QSignalBlocker(self._confidential)
            self._confidential.setChecked(True)
            blocked.unblock()
        self._confidential.setEnabled(not forced)
        self._confidential_hint.setText(hint)
        self._confidential.setAccessibleDescription(hint)
        self._show_comparable()

    def _show_comparable(self) -> None:
        """Ticked as it was wanted, but never where nobody may compare."""
        hidden = self._confidential.isChecked()
        blocked = QSignalBlocker(self._comparable)
        self._comparable.setChecked(self._compare_wanted and not hidden)
        blocked.unblock()
        self._comparable.setEnabled(not hidden)
        hint = alike.comparable_hint("hidden" if hidden else "")
        self._comparable_hint.setText(hint)
        self._comparable.setAccessibleDescription(hint)

    # --- leaving a field --------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self._touched:
            now = QApplication.focusWidget()
            if now is not watched:
                self.left.emit()
        return super().eventFilter(watched, event)

    # --- building ---------------------------------------------------------------------------

    def _build_words(self) -> QFrame:
        self._title = line_edit(
            "register.title", placeholder=phrases.title_example(), most=LONGEST["title"]
        )
        self._what = TextEdit("register.what", placeholder=phrases.what_example(), rows=4)
        self._field = Choice("register.field", _fields(""))
        self._region = line_edit(
            "register.region", placeholder=phrases.region_example(), most=LONGEST["region"]
        )
        self._period = line_edit(
            "register.period", placeholder=phrases.period_example(), most=LONGEST["period"]
        )
        self._title_field = Field(phrases.title_field(), self._title)
        self._what_field = Field(phrases.what_field(), self._what)
        hint = row(
            Icon("globe", "ink3", 16, 2), label(phrases.public_hint(), "hint", wrap=True), spacing=8
        )
        hint.setStretch(1, 1)
        self._read = Button(
            catalogue_phrases.fill_in(),
            "link",
            name="register.fill_in",
            meaning=catalogue_phrases.fill_in_meaning(),
        )
        self._read.clicked.connect(self._fill_in)
        self._read_problem = label(role="error", wrap=True, name="register.fill_in_problem")
        self._read_problem.hide()
        self._read_price = label(role="hint", wrap=True, name="register.fill_in_price")
        self._read_price.hide()
        return card(
            row(label(phrases.what_it_is(), "h2"), None, self._read),
            hint,
            self._read_problem,
            self._read_price,
            self._title_field,
            self._what_field,
            Pair(
                Field(phrases.field_field(), self._field),
                Field(phrases.region_field(), self._region),
                Field(phrases.period_field(), self._period),
                below=0,
                spacing=12,
            ),
            spacing=14,
        )

    def _build_privacy(self) -> QFrame:
        self._personal = CheckBox(phrases.personal_data(), "register.personal_data")
        self._personal.setAccessibleDescription(phrases.personal_data_hint())
        self._confidential = CheckBox(phrases.confidential(), "register.confidential")
        self._confidential_hint = label(role="hint", wrap=True, name="register.confidential_hint")
        personal_hint = label(phrases.personal_data_hint(), "hint", wrap=True)
        self._comparable = CheckBox(alike.comparable(), "register.comparable")
        self._comparable_hint = label(role="hint", wrap=True, name="register.comparable_hint")
        for hint in (personal_hint, self._confidential_hint, self._comparable_hint):
            hint.setIndent(26)
        self._compare = QWidget()
        self._compare.setLayout(column(self._comparable, self._comparable_hint, spacing=2))
        return card(
            label(phrases.privacy_title(), "h2"),
            column(self._personal, personal_hint, spacing=2),
            column(self._confidential, self._confidential_hint, spacing=2),
            self._compare,
            spacing=12,
        )

    def _build_licence(self) -> QFrame:
        self.terms = TermsForm("register.terms")
        hint = label(phrases.licence_hint(), "hint", wrap=True)
        return card(label(phrases.licence_title(), "h2"), hint, self.terms, spacing=12)


def _fields(named: str) -> list[tuple[str, str]]:
    """The fields to choose from, with what a draft named differently kept among them."""
    codes = list(shared.FIELDS_OF_DATA)
    if named and named not in codes:
        codes.append(named)
    options = [(code, shared.field_of_data(code)) for code in codes]
    return [("", phrases.no_field()), *options]
