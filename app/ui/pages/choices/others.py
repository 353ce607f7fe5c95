"""The other networks that are looked through: the list, and one more."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import AddNetwork, RemoveNetwork
from app.domain.snapshots.shell import Notice, OtherNetwork, SettingsSnapshot
from app.ui.pages.choices.section import Section
from app.ui.phrases import elsewhere as phrases
from app.ui.phrases import notices
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, line_edit
from app.ui.widgets.layout import clear, column, row
from app.ui.widgets.text import Badge, label

_MOST = 8


class OthersSection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self._awaited = False  # what was typed was asked for
        self._lines: dict[int, _Line] = {}
        self._box = column(spacing=10)
        self._list = QWidget()
        self._list.setLayout(self._box)
        self._none = label(phrases.text("none"), "muted", wrap=True, name="settings.others.none")
        self.name = line_edit("settings.other.name", most=64)
        self.address = line_edit(
            "settings.other.address", placeholder=phrases.text("address.example"), most=4000
        )
        self._name = Field(phrases.text("name"), self.name)
        self._address = Field(phrases.text("address"), self.address, phrases.text("address.hint"))
        self.add = Button(phrases.text("do"), icon="plus", name="settings.other.add")
        adding = row(
            column(self._name, None, spacing=0),
            column(self._address, None, spacing=0),
            column(24, self.add, None, spacing=0),
            spacing=10,
        )
        adding.setStretch(0, 2)
        adding.setStretch(1, 5)
        super().__init__(
            phrases.text("title"),
            phrases.text("text"),
            self._none,
            self._list,
            adding,
            name="settings.others",
        )
        for edit, field in ((self.name, self._name), (self.address, self._address)):
            edit.textChanged.connect(lambda _, field=field: field.set_error())
            edit.returnPressed.connect(self.add.click)
        self.add.clicked.connect(self._add)

    def say(self, snapshot: SettingsSnapshot) -> None:
        self.setVisible(bool(snapshot.network))
        self._none.setVisible(not snapshot.others)
        self._list.setVisible(bool(snapshot.others))
        there = [network.chain_id for network in snapshot.others]
        if there != list(self._lines):
            if self._awaited and len(there) > len(self._lines):
                self.name.clear()  # what was typed is in the list now
                self.address.clear()
                self._awaited = False
            clear(self._box)
            self._lines = {network.chain_id: _Line(network) for network in snapshot.others}
            for line in self._lines.values():
                line.remove.clicked.connect(lambda _=False, one=line: self._remove(one.chain_id))
                self._box.addWidget(line)
        for network in snapshot.others:
            self._lines[network.chain_id].say(network)
        self._allow()

    def told(self, notice: Notice) -> None:
        """What was wrong with the network that was to be added."""
        if notice.about == AddNetwork.__name__ and notice.kind != "done":
            self._awaited = False
            field = self._name if notice.code == "networks.name" else self._address
            field.set_error(notices.written(notice)[0])
            self._allow()

    def _allow(self) -> None:
        full = len(self._lines) >= _MOST
        why = "full" if full else "asking" if self._awaited else ""
        self.add.allow(not why, phrases.text(why) if why else "")

    def _add(self) -> None:
        name, address = self.name.text().strip(), self.address.text().strip()
        if not address:
            self._address.set_error(phrases.text("address.missing"))
            self.address.setFocus()
            return
        self._awaited = True
        self.address.setFocus()
        self._allow()
        self.asked.emit(AddNetwork(name, address))

    def _remove(self, chain_id: int) -> None:
        self.address.setFocus()  # the button goes with its line
        self.asked.emit(RemoveNetwork(chain_id))


class _Line(QWidget):
    """One network: its name, where it is asked, how it stands, and a button to leave it."""

    def __init__(self, network: OtherNetwork) -> None:
        super().__init__()
        self.chain_id = network.chain_id
        self._name = label(network.name, "strong", wrap=True)
        self._facts = label(role="hint", wrap=True)
        self._state = Badge(name="settings.other.state")
        self.remove = Button(
            "",
            "icon",
            icon="x",
            name=f"settings.other.remove.{network.chain_id}",
            meaning=phrases.remove(network.name),
        )
        box = row(column(self._name, self._facts, spacing=2), self._state, self.remove, spacing=10)
        box.setStretch(0, 1)
        self.setLayout(box)

    def say(self, network: OtherNetwork) -> None:
        self._facts.setText(phrases.facts(network))
        self._state.say(phrases.state(network.state), phrases.TONES[network.state])
        self._name.setAccessibleName(phrases.network(network))
