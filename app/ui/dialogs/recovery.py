"""The recovery sheet once more: the password, the 24 words, and two of them typed back."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.commands import ProveWords, ShowRecoverySheet
from app.domain.snapshots.shell import Notice, SettingsSnapshot
from app.ui.dialogs.asking import AskSheet, SecretField
from app.ui.pages.beginning.safety import WordField
from app.ui.pages.recovery.sheet import WordSheet
from app.ui.phrases import firstrun
from app.ui.phrases import settings as phrases
from app.ui.phrases import words as written
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row


class WordsSheet(AskSheet):
    """Two words are asked for as long as that was put off; then the sheet counts as saved."""

    def __init__(self, settings: SettingsSnapshot, parent: QWidget | None = None) -> None:
        super().__init__(
            "words",
            phrases.text("words.title"),
            phrases.text("words.ask"),
            phrases.text("words.do"),
            parent,
            width=660,
        )
        self._settings = settings
        self.password = SecretField("words.password", phrases.text("password.now"))
        self.words = WordSheet("words.sheet")
        self.proof = tuple(WordField(f"words.proof.{n + 1}") for n in range(len(settings.ask)))
        for field, position in zip(self.proof, settings.ask, strict=True):
            field.say(position)
        self._proof = QWidget()
        self._proof.setLayout(row(*(column(field, None) for field in self.proof), spacing=16))
        self.back = Button(firstrun.text("prove.again"), icon="arrow-left", name="words.back")
        self.back.clicked.connect(lambda: self._turn(self.words))
        self.foot.insertWidget(0, self.back)
        self.fill(self.password, self.words, self._proof, answer=self._next)
        self._turn(self.password)

    def told(self, message: Notice | SettingsSnapshot) -> None:
        """What was asked for shows in the settings: the words, or that they were typed back."""
        if isinstance(message, Notice):
            if message.kind != "done":
                super().told(message)
        elif self.awaits_anything() and message.words:
            self.wait_for("")
            self.password.edit.take()
            self.words.say(message.words, self._settings.name)
            self._turn(self.words)
        elif self.awaits_anything() and message.backed_up and self._proof.isVisibleTo(self):
            self.accept()

    def done(self, result: int) -> None:
        self.words.say((), "")
        for field in self.proof:
            field.edit.clear()
        super().done(result)

    def _next(self) -> ShowRecoverySheet | ProveWords | None:
        if self.password.isVisibleTo(self):
            password = self.password.accepted()
            return ShowRecoverySheet(password) if password else None
        if self.words.isVisibleTo(self):
            self._turn(self._proof)
            return None
        typed = [field.edit.text().strip() for field in self.proof]
        for field, word in zip(self.proof, typed, strict=True):
            field.set_error("" if word else firstrun.text("prove.wrong"))
        return ProveWords(dict(zip(self._settings.ask, typed, strict=True))) if all(typed) else None

    def _turn(self, face: QWidget) -> None:
        """Show one of: the password, the words, the two words to be typed."""
        for part in (self.password, self.words, self._proof):
            part.setVisible(part is face)
        self.back.setVisible(face is self._proof)
        self.problem.hide()
        if face is self.words:
            saved = self._settings.backed_up
            self.explained.setText(phrases.text("words.text"))
            self.action.setVisible(not saved)
            self.action.say(firstrun.text("recovery.next"))
            self.cancel.say(written.close() if saved else written.cancel())
            self.action.setFocus()
        elif face is self._proof:
            self.explained.setText(firstrun.text("prove.text"))
            self.action.say(firstrun.text("prove.do"))
            self.proof[0].edit.setFocus()
        self.fit()
