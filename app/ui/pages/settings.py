"""Settings: identity, network, connection, folders, appearance and language, diagnostics."""

from __future__ import annotations

from dataclasses import replace

from app.domain.snapshots.shell import Notice, SettingsSnapshot, ShellSnapshot
from app.ui.dialogs.asking import AskSheet
from app.ui.dialogs.identity import ExportSheet, JoinSheet, PasswordSheet
from app.ui.dialogs.recovery import WordsSheet
from app.ui.page import ScrollPage
from app.ui.pages.choices.computer import DiagnosticsSection, FolderSection, LookSection
from app.ui.pages.choices.identity import IdentitySection
from app.ui.pages.choices.network import ConnectionSection, NetworkSection
from app.ui.pages.choices.others import OthersSection
from app.ui.pages.choices.people import PeopleSection
from app.ui.pages.choices.relays import RelaySection
from app.ui.phrases import settings as phrases
from app.ui.widgets.text import label


class SettingsPage(ScrollPage):
    """The recovery words pass through to the open sheet; the page never keeps them."""

    shows = (SettingsSnapshot, ShellSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("settings")
        self._settings, self._shell = SettingsSnapshot(), ShellSnapshot()
        self._sheet: AskSheet | None = None
        self._identity = IdentitySection()
        self._network = NetworkSection()
        self._others = OthersSection()
        self._connection = ConnectionSection()
        self._relays = RelaySection()
        self._people = PeopleSection()
        self._folders = FolderSection()
        self._look = LookSection()
        self._diagnostics = DiagnosticsSection()
        self._identity.went.connect(self.went)
        self._identity.wanted.connect(self._want)
        self._network.wanted.connect(self._want)
        for section in (
            self._identity,
            self._network,
            self._others,
            self._connection,
            self._relays,
            self._people,
            self._folders,
            self._look,
        ):
            section.asked.connect(self.asked)
        self.column.addWidget(label(phrases.text("title"), "h1"))
        for part in (
            self._identity,
            self._network,
            self._others,
            self._connection,
            self._relays,
            self._people,
            self._folders,
            self._look,
            self._diagnostics,
        ):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self._show()

    def show_snapshot(self, snapshot: SettingsSnapshot | ShellSnapshot | Notice) -> None:
        if isinstance(snapshot, Notice):
            if self._sheet is not None:
                self._sheet.told(snapshot)
            self._relays.told(snapshot)
            self._others.told(snapshot)
            return
        if isinstance(snapshot, ShellSnapshot):
            self._shell = snapshot
        else:
            if isinstance(self._sheet, WordsSheet | JoinSheet):
                self._sheet.told(snapshot)
            self._settings = replace(snapshot, words=())
        self._show()

    def _show(self) -> None:
        self._identity.say(self._settings)
        self._network.say(self._settings)
        self._others.say(self._settings)
        self._connection.say(self._settings)
        self._connection.say_state(self._shell)
        self._relays.say(self._settings)
        self._people.say(self._settings)
        self._folders.say(self._settings)
        self._look.say(self._settings)
        self._diagnostics.say(self._settings, self._shell)

    def _want(self, what: str) -> None:
        sheet: AskSheet
        if what == "password":
            sheet = PasswordSheet(self._settings.name, self)
        elif what == "words":
            sheet = WordsSheet(self._settings, self)
        elif what == "export":
            sheet = ExportSheet(self)
        else:
            sheet = JoinSheet(self._settings, self, practice=what == "join.practice")
        self._sheet = sheet
        sheet.asked.connect(self.asked)
        sheet.finished.connect(self._closed)
        sheet.open()

    def _closed(self) -> None:
        self._sheet = None
