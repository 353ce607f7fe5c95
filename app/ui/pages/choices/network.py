"""The network and the connection to other people's computers."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.domain.commands import ChangeSettings, Reconnect
from app.domain.snapshots.shell import SettingsSnapshot, ShellSnapshot
from app.ui.pages.choices.bandwidth import Limits
from app.ui.pages.choices.report import endpoint
from app.ui.pages.choices.section import CodeLine, Section, buttons
from app.ui.pages.choices.switch import Switch
from app.ui.phrases import settings as phrases
from app.ui.phrases import shell as shell_phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.layout import column, row, rule
from app.ui.widgets.text import Badge, label

_KEYS = 120


class NetworkSection(Section):
    """``wanted`` emits the sheet to open: "join" or "join.practice"."""

    asked = Signal(object)
    wanted = Signal(str)

    def __init__(self) -> None:
        self._name = label(role="stat", wrap=True, name="settings.network.name")
        self._badge = Badge(phrases.text("network.practice"), "accent")
        self._facts = KeyValues(key_width=_KEYS, name="settings.network.facts")
        self._registry = CodeLine(phrases.text("registry"), "settings.registry", key_width=_KEYS)
        self._exchange = CodeLine(phrases.text("exchange"), "settings.exchange", key_width=_KEYS)
        self.join = Button(phrases.text("join"), icon="globe", name="settings.join")
        self.practice = Button(
            phrases.text("join.practice"), icon="shield-check", name="settings.join.practice"
        )
        self.again = Button(phrases.text("reconnect"), icon="refresh-cw", name="settings.again")
        head = row(self._name, self._badge, spacing=12)
        head.setStretch(0, 1)
        super().__init__(
            phrases.text("network"),
            phrases.text("network.text"),
            head,
            self._facts,
            column(self._registry, self._exchange, spacing=4),
            buttons(self.join, self.practice, self.again),
            name="settings.network",
        )
        self.join.clicked.connect(lambda: self.wanted.emit("join"))
        self.practice.clicked.connect(lambda: self.wanted.emit("join.practice"))
        self.again.clicked.connect(lambda: self.asked.emit(Reconnect()))

    def say(self, snapshot: SettingsSnapshot) -> None:
        there = bool(snapshot.network)
        self._name.setText(snapshot.network or phrases.text("network.none"))
        self._badge.setVisible(snapshot.practice)
        self._facts.setVisible(there)
        self.again.setVisible(there)
        self.practice.setVisible(not snapshot.practice)
        self._facts.say(
            (phrases.text("chain"), str(snapshot.chain_id)),
            (phrases.text("block"), words.number(snapshot.block_number)),
            (phrases.text("final"), phrases.confirmations(snapshot.confirmations)),
            (phrases.text("endpoint"), endpoint(snapshot.rpc) or "–"),
            (phrases.text("trust"), phrases.trust(snapshot)),
        )
        self._registry.say(snapshot.registry)
        self._exchange.say(snapshot.exchange)


class ConnectionSection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self._state = label(role="stat", wrap=True, name="settings.connection.state")
        self._helps = label(phrases.text("unlisted.helps"), "hint", wrap=True)
        self._peer = CodeLine(phrases.text("peer"), "settings.peer", key_width=_KEYS)
        self._addresses = KeyValues(key_width=_KEYS, name="settings.addresses")
        self.share = Switch(phrases.text("share"), phrases.text("share.text"), "settings.share")
        self.lan = Switch(phrases.text("lan"), phrases.text("lan.text"), "settings.lan")
        self.router = Switch(phrases.text("router"), phrases.text("router.text"), "settings.router")
        self._router = label(role="hint", wrap=True, name="settings.router.state")
        self.limits = Limits()
        super().__init__(
            phrases.text("connection"),
            phrases.text("connection.text"),
            column(self._state, self._helps, spacing=2),
            column(self._peer, self._addresses, spacing=8),
            rule(),
            self.share,
            self.lan,
            self.router,
            self._router,
            rule(),
            self.limits,
            name="settings.connection",
        )
        self.limits.asked.connect(self.asked)
        self.share.turned.connect(
            lambda on: self.asked.emit(ChangeSettings(share_direct_address=on))
        )
        self.lan.turned.connect(lambda on: self.asked.emit(ChangeSettings(find_on_lan=on)))
        self.router.turned.connect(lambda on: self.asked.emit(ChangeSettings(open_port=on)))

    def say(self, snapshot: SettingsSnapshot) -> None:
        self._peer.say(snapshot.peer_id)
        found = "\n".join(snapshot.addresses) or phrases.text("addresses.none")
        role = "mono" if snapshot.addresses else ""
        self._addresses.say((phrases.text("addresses"), _breaking(found), role))
        self.share.say(snapshot.share_direct_address)
        self.lan.say(snapshot.find_on_lan)
        self.router.say(snapshot.open_port)
        self.router.setVisible(not snapshot.practice)  # there everybody is on this computer
        self._router.setText(phrases.router(snapshot.router))
        self._router.setVisible(bool(self._router.text()) and not snapshot.practice)
        self.limits.say(snapshot)

    def say_state(self, shell: ShellSnapshot) -> None:
        self._state.setText(shell_phrases.connection(shell)[0])
        self._helps.setVisible(shell.connection == "unlisted" and shell.chain == "ok")


def _breaking(address: str) -> str:
    """A zero-width space after each slash: long addresses break there."""
    return address.replace("/", "/\u200b")
