"""This computer: folders, appearance and language, diagnostics."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QButtonGroup, QFileDialog

from app.domain.commands import ChangeSettings
from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot
from app.ui.pages.choices.report import report
from app.ui.pages.choices.section import PathLine, Section
from app.ui.pages.overview.copying import CopyWords
from app.ui.phrases import settings as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, Field, TextEdit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label


class FolderSection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self._folder = ""
        self.choose = Button(
            phrases.text("choose"), icon="folder-open", name="settings.downloads.choose"
        )
        self.open = Button(phrases.text("open"), icon="external-link", name="settings.downloads")
        for button in (self.choose, self.open):
            button.setAccessibleDescription(phrases.text("downloads"))
        self._line = PathLine(
            phrases.text("downloads"), "settings.downloads.path", self.choose, self.open
        )
        super().__init__(
            phrases.text("folders"),
            phrases.text("folders.text"),
            self._line,
            name="settings.folders",
        )
        self.choose.clicked.connect(self._choose)
        self.open.clicked.connect(self._open)

    def say(self, snapshot: SettingsSnapshot) -> None:
        self._folder = snapshot.downloads
        self._line.say(snapshot.downloads)
        self.open.setEnabled(bool(snapshot.downloads))

    def _choose(self) -> None:
        path = QFileDialog.getExistingDirectory(self, phrases.text("downloads"), self._folder)
        if path and path != self._folder:
            self.asked.emit(ChangeSettings(downloads=Path(path)))

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))


class LookSection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self.looks = {
            mode: Button(phrases.text(mode), "chip", name=f"settings.look.{mode}")
            for mode in ("system", "light", "dark")
        }
        self._group = QButtonGroup()
        for button in self.looks.values():
            self._group.addButton(button)
        options = [("system", phrases.text("system")), ("en", phrases.english())]
        self.language = Choice("settings.language", options)
        tongue = Field(phrases.text("language"), self.language)
        tongue.setMaximumWidth(300)
        super().__init__(
            phrases.text("look"),
            phrases.text("look.text"),
            column(
                label(phrases.text("appearance"), "strong"),
                row(*self.looks.values(), None),
                spacing=6,
            ),
            tongue,
            name="settings.looks",
        )
        for mode, button in self.looks.items():
            button.clicked.connect(
                lambda _=False, chosen=mode: self.asked.emit(ChangeSettings(appearance=chosen))
            )
        self.language.activated.connect(
            lambda _: self.asked.emit(ChangeSettings(language=self.language.value()))
        )

    def say(self, snapshot: SettingsSnapshot) -> None:
        chosen = self.looks.get(snapshot.appearance, self.looks["system"])
        chosen.setChecked(True)
        blocked = QSignalBlocker(self.language)
        self.language.set_value(snapshot.language)
        blocked.unblock()


class DiagnosticsSection(Section):
    def __init__(self) -> None:
        self._settings, self._shell = SettingsSnapshot(), ShellSnapshot()
        self._report = TextEdit("settings.report", meaning=phrases.text("report"), rows=8)
        self._report.setReadOnly(True)
        self.copy = CopyWords(
            phrases.text("copy_report"),
            phrases.text("copied"),
            "settings.report.copy",
            lambda: report(self._settings, self._shell),
        )
        self.open = Button(phrases.text("open"), icon="external-link", name="settings.profile.open")
        self.open.setAccessibleDescription(phrases.text("profile"))
        self.open.clicked.connect(self._open)
        self._profile = PathLine(phrases.text("profile"), "settings.profile", self.open)
        super().__init__(
            phrases.text("diagnostics"),
            phrases.text("diagnostics.text"),
            Field(phrases.text("report"), self._report),
            row(self.copy, None),
            self._profile,
            name="settings.diagnostics",
        )

    def say(self, settings: SettingsSnapshot, shell: ShellSnapshot) -> None:
        self._settings, self._shell = settings, shell
        written = report(settings, shell)
        if written != self._report.toPlainText():
            self._report.setPlainText(written)
        self._profile.say(settings.profile)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._settings.profile))
