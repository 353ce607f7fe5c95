"""People who know a network only by the file they were given."""

from __future__ import annotations

import time
from pathlib import Path

from app.cli.person import Gone
from app.domain import commands as cmd
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, SettingsSnapshot, ShellSnapshot
from chain.network import Network
from tests.app.cli.other_chain import OtherChain
from tests.story.people import CHEAP, ON_LINE, PASSWORD, Process


class Guest(Process):
    """A person's process. There is no practice network where it looks for one."""

    def __init__(self, name: str, profile: Path) -> None:
        super().__init__(name, profile, profile.parent / "none", "error", vault_cost=CHEAP)

    def create(self) -> None:
        self.ask(cmd.CreateIdentity(self.name, PASSWORD))
        self.wait(FirstRunSnapshot, lambda run: run.step == "recovery")
        self.ask(cmd.ProveWords({}))
        self.wait(FirstRunSnapshot, lambda run: run.step == "network")

    def join(self, network_file: Path, chain: OtherChain) -> None:
        """Join without any money, look round, and be given some."""
        self.ask(cmd.JoinNetwork(network_file))
        self.wait(ShellSnapshot, lambda shell: shell.chain == "ok" and shell.connection in ON_LINE)
        money = self.wait(MoneySnapshot, lambda money: money.accounts and money.fee_wei)
        assert not any(account.available_units for account in money.accounts)
        address = self.wait(SettingsSnapshot, lambda shown: shown.address).address
        network = Network.load(network_file)
        chain.give(network, address)
        self.wait(
            MoneySnapshot,
            lambda money: (
                money.accounts and all(account.available_units for account in money.accounts)
            ),
        )
        # only now is it said on record how this person can be reached, without being asked for
        self.wait(
            RecordsSnapshot,
            lambda records: (
                [(one.what, one.state) for one in records.entries] == [("profile", "final")]
            ),
        )

    def save_words(self) -> None:
        """Have the words shown once more, and type two back; first a wrong one."""
        self.ask(cmd.ShowRecoverySheet(PASSWORD))
        shown = self.wait(SettingsSnapshot, lambda shown: shown.words)
        assert not shown.backed_up  # seeing them is not having them
        words = {position: shown.words[position - 1] for position in shown.ask}
        self.refused(cmd.ProveWords(words | {shown.ask[1]: "wrong"}), "identity.word")
        self.ask(cmd.ProveWords(words))
        self.wait(SettingsSnapshot, lambda shown: shown.backed_up and not shown.words)

    def lock(self) -> None:
        self.ask(cmd.Lock())
        self.wait(ShellSnapshot, lambda shell: shell.locked)

    def unlock(self) -> None:
        self.ask(cmd.Unlock(PASSWORD))
        self.wait(ShellSnapshot, lambda shell: not shell.locked and shell.code)

    def refused(self, command: object, code: str, seconds: float = 30.0) -> Notice:
        """Ask for what must be refused with this code; the notice, which is then read."""
        self.ask(command)
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for notice in self.notices:
                    if notice.code == code:
                        self.notices.remove(notice)
                        return notice
                other = [notice for notice in self.notices if notice.kind in self.ending]
                if other or self._gone or time.monotonic() > deadline:
                    raise Gone(f"{self.name}: not {code}, but {other} {self._gone}")
                self._news.wait(1.0)

    def told(self) -> list[object]:
        """The newest snapshot of every kind."""
        with self._news:
            return list(self._newest.values())
