"""The identity's settings."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import ChangeName, ChangeSettings, Lock
from app.domain.snapshots.shell import SettingsSnapshot
from app.ui.pages.beginning.names import NameField
from app.ui.pages.choices.section import CodeLine, Section, buttons
from app.ui.phrases import settings as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, Field
from app.ui.widgets.layout import column, frame, row
from app.ui.widgets.text import Icon, Lead, label

_MINUTES = (5, 15, 30, 60, 0)


class IdentitySection(Section):
    """``wanted`` emits the sheet to open: "password", "words" or "export"."""

    asked = Signal(object)
    went = Signal(str)
    wanted = Signal(str)

    def __init__(self) -> None:
        self._known = ""  # the name as it is set, to tell whether somebody is changing it
        self.name_field = NameField("settings", phrases.text("name.hint"))
        self.save = Button(phrases.text("name.save"), name="settings.name.save")
        self.address = CodeLine(phrases.text("code"), "settings.address")
        self.auto_lock = Choice("settings.auto_lock", _minutes())
        self.sheets = {
            what: Button(phrases.text(what), icon=icon, name=f"settings.{what}")
            for what, icon in (("password", "key"), ("words", "book-open"), ("export", "upload"))
        }
        self.lock_now = Button(phrases.text("lock"), icon="lock", name="settings.lock")
        warning = Lead("settings.unsaved")
        warning.say(phrases.text("unsaved.lead"), phrases.text("unsaved.rest"))
        said = row(Icon("circle-alert", "warn", 20, 2), warning, spacing=12)
        said.setContentsMargins(14, 10, 14, 10)
        said.setStretch(1, 1)
        self._warning = frame("act", said)
        self._guest = label(phrases.text("guest"), wrap=True)
        self.begin = Button(phrases.text("guest.do"), "primary", name="settings.create")
        self._new = QWidget()
        self._new.setLayout(column(self._guest, row(self.begin, None), spacing=10))
        self._own = QWidget()
        saving = column(24, self.save, None, spacing=0)  # in line with the field, not its title
        naming = row(self.name_field, saving, spacing=10)
        naming.setStretch(0, 1)
        locking = Field(phrases.text("auto_lock"), self.auto_lock, phrases.text("auto_lock.hint"))
        locking.setMaximumWidth(300)
        self._own.setLayout(
            column(
                self._warning,
                naming,
                self.address,
                locking,
                buttons(*self.sheets.values(), self.lock_now),
                spacing=14,
            )
        )
        super().__init__(
            phrases.text("identity"),
            phrases.text("identity.text"),
            self._own,
            self._new,
            name="settings.identity",
        )
        self.name_field.edit.textChanged.connect(lambda _: self._compare())
        self.name_field.edit.returnPressed.connect(self.save.click)
        self.save.clicked.connect(self._rename)
        self.lock_now.clicked.connect(lambda: self.asked.emit(Lock()))
        self.begin.clicked.connect(lambda: self.went.emit("firstrun"))
        self.auto_lock.activated.connect(self._set_auto_lock)
        for what, button in self.sheets.items():
            button.clicked.connect(lambda _=False, sheet=what: self.wanted.emit(sheet))
        self._compare()

    def say(self, snapshot: SettingsSnapshot) -> None:
        edit = self.name_field.edit
        if snapshot.name != self._known:
            if edit.text() in ("", self._known):  # nobody is typing another one
                edit.setText(snapshot.name)
            self._known = snapshot.name
        self._compare()
        self._own.setVisible(bool(snapshot.address))
        self._new.setVisible(not snapshot.address)
        self._warning.setVisible(not snapshot.backed_up)
        self.address.say(snapshot.address)
        blocked = QSignalBlocker(self.auto_lock)
        self.auto_lock.set_options(_minutes(snapshot.auto_lock_minutes))
        self.auto_lock.set_value(str(snapshot.auto_lock_minutes))
        blocked.unblock()

    def _compare(self) -> None:
        typed = self.name_field.edit.text().strip()
        self.save.setEnabled(bool(typed) and typed != self._known)

    def _rename(self) -> None:
        name = self.name_field.accepted()
        if name and name != self._known:
            self.asked.emit(ChangeName(name))

    def _set_auto_lock(self) -> None:
        self.asked.emit(ChangeSettings(auto_lock_minutes=int(self.auto_lock.value())))


def _minutes(also: int = 15) -> list[tuple[str, str]]:
    """The choices, and what is set if it is none of them."""
    offered = _MINUTES if also in _MINUTES else (also, *_MINUTES)
    return [(str(count), phrases.minutes(count)) for count in offered]
