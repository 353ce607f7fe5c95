"""The recovery sheet of a new identity, and two words of it typed back."""

from __future__ import annotations

from app.domain.commands import ProveWords
from app.ui.pages.beginning.view import View
from app.ui.pages.recovery.sheet import WordSheet
from app.ui.phrases import firstrun as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import column, frame, row
from app.ui.widgets.text import Icon, Lead


class Recovery(View):
    """Shows the words; "later" is possible after a plain warning."""

    def __init__(self) -> None:
        self.sheet = WordSheet("firstrun.recovery")
        self.later = Button(phrases.text("recovery.later"), "link", name="firstrun.recovery.later")
        self.go = Button(phrases.text("recovery.next"), "primary", name="firstrun.recovery.next")
        self._warning = Lead("firstrun.recovery.warning")
        self._warning.say(phrases.text("later.lead"), phrases.text("later.rest"))
        self.skip = Button(phrases.text("later.do"), "danger", name="firstrun.recovery.skip")
        self.stay = Button(phrases.text("later.back"), name="firstrun.recovery.stay")
        said = row(Icon("triangle-alert", "warn", 20, 2), self._warning, spacing=12)
        said.setStretch(1, 1)
        inside = column(said, row(None, self.skip, self.stay), spacing=10, margins=(16, 12, 16, 14))
        self._box = frame("act", inside)
        self._box.hide()
        super().__init__(
            phrases.text("recovery.title"),
            phrases.text("recovery.text"),
            self.sheet,
            self._box,
            foot=(self.later, None, self.go),
        )
        self.go.clicked.connect(lambda: self.went.emit("prove"))
        self.later.clicked.connect(lambda: self._warn(True))
        self.stay.clicked.connect(lambda: self._warn(False))
        self.skip.clicked.connect(lambda: self.asked.emit(ProveWords({})))

    def start(self) -> None:
        self._warn(False)
        self.go.setFocus()

    def hold(self, busy: bool) -> None:
        for button in (self.go, self.later, self.skip):
            button.setEnabled(not busy)

    def forget(self) -> None:
        self.sheet.say((), "")

    def _warn(self, shown: bool) -> None:
        """The warning takes the place of the words: it is read, not scrolled past."""
        self._box.setVisible(shown)
        self.sheet.setVisible(not shown)
        self.later.setVisible(not shown)
        self.go.setVisible(not shown)
        (self.stay if shown else self.go).setFocus()


class WordField(Field):
    """One word, by its number on the sheet."""

    def __init__(self, name: str) -> None:
        self.edit = line_edit(name, most=32)
        super().__init__(phrases.word(1), self.edit)
        self.edit.textEdited.connect(lambda _: self.set_error())

    def say(self, position: int) -> None:
        self._name.setText(phrases.word(position))
        self.edit.setAccessibleName(phrases.word(position))


class Prove(View):
    def __init__(self) -> None:
        self._ask = (3, 9)
        self._words: tuple[str, ...] = ()
        self._fields = (WordField("firstrun.prove.1"), WordField("firstrun.prove.2"))
        self.edits = tuple(field.edit for field in self._fields)
        self.again = Button(
            phrases.text("prove.again"), icon="arrow-left", name="firstrun.prove.back"
        )
        self.go = Button(phrases.text("prove.do"), "primary", name="firstrun.prove.do")
        both = row(*(column(field, None) for field in self._fields), spacing=16)
        super().__init__(
            phrases.text("prove.title"),
            phrases.text("prove.text"),
            both,
            foot=(self.again, None, self.go),
        )
        self.again.clicked.connect(lambda: self.went.emit("words"))
        self.go.clicked.connect(self._do)
        self.edits[0].returnPressed.connect(self.edits[1].setFocus)
        self.edits[1].returnPressed.connect(self.go.click)

    def say(self, words: tuple[str, ...], ask: tuple[int, int]) -> None:
        self._words, self._ask = words, ask
        for field, position in zip(self._fields, ask, strict=True):
            field.say(position)

    def start(self) -> None:
        self.edits[0].setFocus()

    def hold(self, busy: bool) -> None:
        self.go.setEnabled(not busy)

    def forget(self) -> None:
        self._words = ()
        for edit in self.edits:
            edit.clear()

    def _do(self) -> None:
        typed = [edit.text().strip().lower() for edit in self.edits]
        wrong = [i for i, at in enumerate(self._ask) if self._words[at - 1 : at] != (typed[i],)]
        for i in wrong:
            self._fields[i].set_error(phrases.text("prove.wrong"))
        if wrong:
            self.edits[wrong[0]].setFocus()
        else:
            self.asked.emit(ProveWords(dict(zip(self._ask, typed, strict=True))))
