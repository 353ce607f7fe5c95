"""Sheets of the settings: change the password, export the identity, join a network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.commands import (
    ChangePassword,
    ExportIdentity,
    JoinNetwork,
    JoinPractice,
)
from app.domain.snapshots.shell import Notice, SettingsSnapshot
from app.ui.dialogs.asking import AskSheet, SecretField
from app.ui.pages.beginning.passwords import NewPassword
from app.ui.pages.beginning.where import NetworkFile
from app.ui.phrases import settings as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import row


class PasswordSheet(AskSheet):
    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            "password",
            phrases.text("password.title"),
            phrases.text("password.text"),
            phrases.text("password.do"),
            parent,
            width=560,
        )
        self.old = SecretField("password.old", phrases.text("password.old"))
        self.new = NewPassword("password.new", phrases.text("password.new"))
        self.new.set_name(name)
        self.fill(self.old, self.new, answer=self._changed)

    def _changed(self) -> ChangePassword | None:
        old = self.old.accepted()
        new = self.new.accepted() if old else ""
        return ChangePassword(old, new) if new else None


class ExportSheet(AskSheet):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "export",
            phrases.text("export.title"),
            phrases.text("export.text"),
            phrases.text("export.do"),
            parent,
        )
        self.path = line_edit(
            "export.path",
            placeholder=phrases.text("export.place"),
            meaning=phrases.text("export.path"),
            most=4096,
        )
        self.choose = Button(phrases.text("choose"), icon="folder-open", name="export.choose")
        pick = QWidget()
        pick.setLayout(row(self.path, self.choose))
        self._file = Field(phrases.text("export.path"), pick)
        self.password = SecretField("export.password", phrases.text("password.now"))
        self.choose.clicked.connect(self._choose)
        self.path.textChanged.connect(lambda _: self._file.set_error())
        self.fill(self._file, self.password, answer=self._exported)
        self.choose.setFocus()

    def _exported(self) -> ExportIdentity | None:
        path = self.path.text().strip()
        if not path:
            self._file.set_error(phrases.text("export.missing"))
            self.choose.setFocus()
            return None
        password = self.password.accepted()
        return ExportIdentity(Path(path).expanduser(), password) if password else None

    def _choose(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            phrases.text("export.path"),
            phrases.text("export.file"),
            phrases.text("export.filter"),
        )
        if path:
            self.path.setText(path)
            self.password.edit.setFocus()


class JoinSheet(AskSheet):
    """Another network by its file, or with ``practice`` the one on this computer."""

    def __init__(
        self, now: SettingsSnapshot, parent: QWidget | None = None, *, practice: bool = False
    ) -> None:
        super().__init__(
            "join",
            phrases.text("join.practice" if practice else "join.title"),
            phrases.text("join.text"),
            phrases.text("join.do"),
            parent,
        )
        self._now = now
        self.file = None if practice else NetworkFile("join")
        if self.file is not None:
            self.fill(self.file, answer=self._joined)
            self.file.choose.setFocus()
        else:
            self.fill(answer=JoinPractice)

    def _joined(self) -> JoinNetwork | None:
        path = self.file.accepted() if self.file is not None else None
        return None if path is None else JoinNetwork(path)

    def told(self, message: Notice | SettingsSnapshot) -> None:
        if isinstance(message, Notice):
            super().told(message)
        elif self.awaits_anything() and _other_network(message, self._now):
            self.accept()


def _other_network(new: SettingsSnapshot, old: SettingsSnapshot) -> bool:
    there = (new.chain_id, new.registry, new.network)
    return bool(new.network) and there != (old.chain_id, old.registry, old.network)
