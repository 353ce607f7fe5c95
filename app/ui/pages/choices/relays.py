"""The relays others can reach this computer through: the list, and one more."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import AddRelay, RemoveRelay
from app.domain.snapshots.shell import Notice, RelayRow, SettingsSnapshot
from app.ui.pages.choices.section import Section
from app.ui.phrases import notices
from app.ui.phrases import relays as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import clear, column, row
from app.ui.widgets.text import Badge, label

_MOST = 4


class RelaySection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self._awaited = False  # what was typed was asked for
        self._lines: dict[str, _Line] = {}
        self._box = column(spacing=10)
        self._list = QWidget()
        self._list.setLayout(self._box)
        self._none = label(phrases.text("none"), "muted", wrap=True, name="settings.relays.none")
        self.edit = line_edit("settings.relay", placeholder=phrases.text("new.example"), most=400)
        self.field = Field(phrases.text("new"), self.edit, phrases.text("new.hint"))
        self.add = Button(phrases.text("new.do"), icon="plus", name="settings.relay.add")
        adding = row(self.field, column(24, self.add, None, spacing=0), spacing=10)
        adding.setStretch(0, 1)
        super().__init__(
            phrases.text("title"),
            phrases.text("text"),
            self._none,
            self._list,
            adding,
            name="settings.relays",
        )
        self.edit.textChanged.connect(lambda _: self.field.set_error())
        self.edit.returnPressed.connect(self.add.click)
        self.add.clicked.connect(self._add)

    def say(self, snapshot: SettingsSnapshot) -> None:
        self.setVisible(bool(snapshot.address))
        self._none.setVisible(not snapshot.relays)
        self._list.setVisible(bool(snapshot.relays))
        full = len(snapshot.relays) >= _MOST
        self.add.allow(not full, phrases.text("full") if full else "")
        there = [relay.address for relay in snapshot.relays]
        if there != list(self._lines):
            if self._awaited and len(there) > len(self._lines):
                self.edit.clear()  # what was typed is in the list now
                self._awaited = False
            clear(self._box)
            self._lines = {address: _Line(address) for address in there}
            for line in self._lines.values():
                line.remove.clicked.connect(lambda _=False, one=line: self._remove(one.address))
                self._box.addWidget(line)
        for relay in snapshot.relays:
            self._lines[relay.address].say(relay)

    def told(self, notice: Notice) -> None:
        """What was wrong with the relay that was to be added."""
        if notice.about == AddRelay.__name__ and notice.kind != "done":
            self.field.set_error(notices.written(notice)[0])

    def _add(self) -> None:
        typed = self.edit.text().strip()
        self._awaited = bool(typed)
        if typed:
            self.asked.emit(AddRelay(typed))
        else:
            self.field.set_error(phrases.text("new.missing"))
        self.edit.setFocus()

    def _remove(self, address: str) -> None:
        self.edit.setFocus()  # the button goes with its line
        self.asked.emit(RemoveRelay(address))


class _Line(QWidget):
    """One relay: its address, how it stands, and a button to leave it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        # A zero-width space after each slash: long addresses break there.
        self._address = label(address.replace("/", "/\u200b"), "mono", wrap=True)
        self._state = Badge(name="settings.relay.state")
        self.remove = Button(
            "", "icon", icon="x", name="settings.relay.remove", meaning=phrases.remove(address)
        )
        self._keeps = label(role="hint", wrap=True, name="settings.relay.keeps")
        self._why = label(role="hint", wrap=True, name="settings.relay.why")
        box = row(self._address, self._state, self.remove, spacing=10)
        box.setStretch(0, 1)
        self.setLayout(column(box, self._why, self._keeps, spacing=2))

    def say(self, relay: RelayRow) -> None:
        self._state.say(phrases.state(relay.state), phrases.TONES[relay.state])
        why = phrases.why(relay)
        self._why.setVisible(bool(why))
        self._why.setText(why)
        self._keeps.setVisible(bool(relay.keeps_bytes))
        self._keeps.setText(phrases.keeps(relay))
        self._address.setAccessibleName(phrases.relay(relay.address, relay.state))
