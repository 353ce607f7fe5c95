"""Welcome, a new identity, or one brought along."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from app.domain.commands import CreateIdentity, ImportIdentity, LookRound, RestoreIdentity
from app.ui.pages.beginning.names import NameField
from app.ui.pages.beginning.passwords import NewPassword
from app.ui.pages.beginning.tile import Tile, tiles
from app.ui.pages.beginning.view import View
from app.ui.phrases import firstrun as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button, tabs
from app.ui.widgets.fields import Field, PasswordEdit, TextEdit, line_edit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label, set_property

WORD_COUNT = 24
_NUMBERING = re.compile(r"^\d{1,2}[.):]?$")


def listed(text: str) -> tuple[str, ...]:
    """The words in ``text``, small, without the numbers of a numbered list."""
    parts = re.split(r"[\s,;]+", text.lower())
    plain = (re.sub(r"^\d{1,2}[.):]", "", part) for part in parts)
    return tuple(part for part in plain if part and not _NUMBERING.match(part))


class Welcome(View):
    def __init__(self) -> None:
        self.new = Tile(
            "sparkles",
            phrases.text("create.tile"),
            phrases.text("create.tile.text"),
            "firstrun.create",
        )
        self.have = Tile(
            "key", phrases.text("have.tile"), phrases.text("have.tile.text"), "firstrun.have"
        )
        self.look = Tile(
            "eye", phrases.text("look.tile"), phrases.text("look.tile.text"), "firstrun.look"
        )
        super().__init__(
            phrases.text("welcome.title"),
            phrases.text("welcome.text"),
            tiles(self.new, self.have, self.look),
        )
        self.new.clicked.connect(lambda: self.went.emit("create"))
        self.have.clicked.connect(lambda: self.went.emit("have"))
        self.look.clicked.connect(lambda: self.asked.emit(LookRound()))

    def start(self) -> None:
        self.new.setFocus()

    def hold(self, busy: bool) -> None:
        for tile in (self.new, self.have, self.look):
            tile.setEnabled(not busy)


class Create(View):
    def __init__(self) -> None:
        self.name_field = NameField("firstrun.create")
        self.password = NewPassword("firstrun.create")
        self.back = Button(words.back(), icon="arrow-left", name="firstrun.create.back")
        self.go = Button(phrases.text("create.do"), "primary", name="firstrun.create.do")
        super().__init__(
            phrases.text("create.title"),
            phrases.text("create.text"),
            self.name_field,
            self.password,
            foot=(self.back, None, self.go),
        )
        self.back.clicked.connect(lambda: self.went.emit("welcome"))
        self.go.clicked.connect(self._do)
        self.name_field.edit.textEdited.connect(self.password.set_name)
        self.name_field.edit.returnPressed.connect(self.password.password.setFocus)
        self.password.password.returnPressed.connect(self.password.repeat.setFocus)
        self.password.repeat.returnPressed.connect(self.go.click)

    def start(self) -> None:
        self.name_field.edit.setFocus()

    def hold(self, busy: bool) -> None:
        self.go.setEnabled(not busy)
        self.back.setEnabled(not busy)

    def forget(self) -> None:
        self.password.clear()

    def _do(self) -> None:
        name = self.name_field.accepted()
        password = self.password.accepted() if name else ""
        if name and password:
            self.asked.emit(CreateIdentity(name, password))


class Words(QWidget):
    """The 24 words of a recovery sheet, typed or pasted."""

    def __init__(self) -> None:
        super().__init__()
        self.edit = TextEdit("firstrun.have.words", placeholder=phrases.text("words.place"), rows=4)
        self.edit.setUndoRedoEnabled(False)  # nothing of them stays in a history
        self.field = Field(phrases.text("words.field"), self.edit)
        self._count = label(role="hint", wrap=True, name="firstrun.have.count")
        self.setLayout(column(self.field, self._count, spacing=4))
        self.edit.textChanged.connect(self._look)
        self._look()

    def accepted(self) -> str:
        """The words with one space between them, or "" after saying what is wrong."""
        typed = listed(self.edit.toPlainText())
        foreign = next((w for w in typed if not re.fullmatch(r"[a-z]{3,8}", w)), "")
        if foreign:
            self.field.set_error(phrases.text("words.foreign", word=foreign[:24]))
        elif len(typed) != WORD_COUNT:
            self.field.set_error(phrases.words_missing(len(typed), WORD_COUNT))
        else:
            return " ".join(typed)
        self._count.hide()
        self.edit.setFocus()
        return ""

    def _look(self) -> None:
        count = len(listed(self.edit.toPlainText()))
        complete = count == WORD_COUNT
        self.field.set_error()
        self._count.show()
        set_property(self._count, "role", "accent" if complete else "hint")
        self._count.setText(
            phrases.words_complete(count) if complete else phrases.words_missing(count, WORD_COUNT)
        )


class Keystore(QWidget):
    """An identity file of this or another wallet, and its password."""

    def __init__(self) -> None:
        super().__init__()
        self.path = line_edit(
            "firstrun.have.file", placeholder=phrases.text("file.place"), most=4096
        )
        self.choose = Button(
            phrases.text("file.choose"), icon="folder-open", name="firstrun.have.choose"
        )
        self.password = PasswordEdit("firstrun.have.file_password")
        pick = QWidget()
        pick.setLayout(row(self.path, self.choose))
        self.path.setAccessibleName(phrases.text("file.field"))
        self._file = Field(phrases.text("file.field"), pick)
        self._secret = Field(phrases.text("file.password"), self.password)
        self.setLayout(column(self._file, self._secret, None, spacing=14))
        self.choose.clicked.connect(self._choose)
        self.path.textChanged.connect(lambda _: self._file.set_error())
        self.password.textEdited.connect(lambda _: self._secret.set_error())

    def accepted(self) -> tuple[Path, str] | None:
        """File and password, or None after saying what is wrong."""
        text = self.path.text().strip()
        if not text:
            self._file.set_error(phrases.text("file.missing"))
            self.choose.setFocus()
        elif not self.password.text():
            self._secret.set_error(phrases.text("file.password.missing"))
            self.password.setFocus()
        else:
            return Path(text).expanduser(), self.password.text()
        return None

    def _choose(self) -> None:
        filters = f"{phrases.text('file.filter')};;{phrases.text('file.any')}"
        path, _ = QFileDialog.getOpenFileName(self, phrases.text("file.field"), "", filters)
        if path:
            self.path.setText(path)
            self.password.setFocus()


class Have(View):
    def __init__(self) -> None:
        self.ways = tabs(
            "firstrun.have.ways",
            phrases.text("have.words"),
            phrases.text("have.file"),
            meaning=phrases.text("have.ways"),
        )
        self.words = Words()
        self.keystore = Keystore()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.words)
        self._stack.addWidget(self.keystore)
        self.ways.currentChanged.connect(self._stack.setCurrentIndex)
        self.name_field = NameField("firstrun.have")
        self.password = NewPassword("firstrun.have")
        self.back = Button(words.back(), icon="arrow-left", name="firstrun.have.back")
        self.go = Button(phrases.text("have.do"), "primary", name="firstrun.have.do")
        super().__init__(
            phrases.text("have.title"),
            phrases.text("have.text"),
            self.ways,
            self._stack,
            self.name_field,
            self.password,
            foot=(self.back, None, self.go),
        )
        self.back.clicked.connect(lambda: self.went.emit("welcome"))
        self.go.clicked.connect(self._do)
        self.name_field.edit.textEdited.connect(self.password.set_name)
        self.password.repeat.returnPressed.connect(self.go.click)

    def start(self) -> None:
        first: QWidget = self.words.edit
        if self.ways.currentIndex() == 1:
            first = self.keystore.path
        first.setFocus()

    def hold(self, busy: bool) -> None:
        self.go.setEnabled(not busy)
        self.back.setEnabled(not busy)

    def forget(self) -> None:
        self.words.edit.clear()
        self.keystore.password.take()
        self.password.clear()

    def _do(self) -> None:
        typed, file = "", None
        if self.ways.currentIndex() == 0:
            typed = self.words.accepted()
        else:
            file = self.keystore.accepted()
        name = self.name_field.accepted() if typed or file else ""
        password = self.password.accepted() if name else ""
        if not password:
            return
        if file is not None:
            self.asked.emit(ImportIdentity(name, password, *file))
        else:
            self.asked.emit(RestoreIdentity(name, password, typed))
