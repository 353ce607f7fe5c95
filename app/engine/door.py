"""Who is using this profile: made, restored, unlocked, locked.

The vault file is the identity; its password opens it. The words of a new identity stay in memory
only until they were typed back or put off; put off, again from when they are shown until they are
typed back or the app is locked. After `lock` the keys of running orders stay where they are (in
`app.engine.trading`); what is refused then is decided by the engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, WaitingOrder
from app.engine.profile import Profile
from app.store import settings
from app.store.database import Database
from chain import keystore, vault
from chain.private_file import write_private
from chain.wallet import Wallet, new_words

ASKED = (3, 9)
LEAST_PASSWORD = 8
LONGEST_NAME = 60
LONGEST_KEYSTORE_BYTES = 64 * 1024


class Door:
    """``opened`` is called once the identity's keys are there."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        changed: Callable[[], None],
        cost: vault.Argon2 | None = None,
    ) -> None:
        self._profile = profile
        self._database = database
        self._changed = changed
        self._cost = cost
        self.wallet: Wallet | None = None
        self.locked = profile.vault.exists()
        self.looking_round = False
        self.shown_words: tuple[str, ...] = ()
        self._new_words: tuple[str, ...] = ()
        self._put_off: tuple[str, ...] = ()  # shown again, and not typed back yet
        self._busy = ""
        self._known: dict[str, object] = {}
        self.problem: Notice | None = None

    @property
    def name(self) -> str:
        return str(self._said("name", ""))

    @property
    def backed_up(self) -> bool:
        return bool(self._said("backed_up", False))

    def _said(self, key: str, default: object) -> object:
        """What only the door itself changes, read once: it is shown many times a second."""
        if key not in self._known:
            with self._database.read() as session:
                self._known[key] = settings.get(session, key, default)
        return self._known[key]

    def snapshot(
        self, has_network: bool, practice_possible: bool, waiting: tuple[WaitingOrder, ...]
    ) -> FirstRunSnapshot:
        """Which step is open; "done" shows the pages."""
        if self._new_words:
            return FirstRunSnapshot("recovery", self._new_words, ASKED, self._busy, self.name)
        if self.locked:
            return FirstRunSnapshot(
                "locked",
                busy=self._busy,
                name=self.name,
                waiting_orders=waiting,
                restarted=self.wallet is None,
                problem=self.problem,
            )
        if self.wallet is None and not self.looking_round:
            return FirstRunSnapshot("welcome", busy=self._busy, problem=self.problem)
        if not has_network:
            return FirstRunSnapshot(
                "network",
                busy=self._busy,
                name=self.name,
                practice_possible=practice_possible,
                problem=self.problem,
            )
        return FirstRunSnapshot("done", name=self.name)

    def busy(self, what: str) -> None:
        """Something that takes a while is going on ("" when it is over)."""
        self._busy = what
        self._changed()

    # commands

    async def create(self, command: cmd.CreateIdentity) -> None:
        words = new_words()
        await self._make(command.name, command.password, words)
        self._new_words = tuple(words.split())
        self._keep(backed_up=False)

    async def restore(self, command: cmd.RestoreIdentity) -> None:
        await self._make(command.name, command.password, command.words)
        self._keep(backed_up=True)

    async def import_(self, command: cmd.ImportIdentity) -> None:
        """The other wallet's account, with fresh words for everything else."""
        try:
            size = command.keystore.stat().st_size
            raw = command.keystore.read_bytes() if size <= LONGEST_KEYSTORE_BYTES else b""
            document = json.loads(raw)
        except (OSError, ValueError) as error:
            raise RuleError(
                "identity.keystore", "This is not an identity file of another wallet."
            ) from error
        account_key = await trio.to_thread.run_sync(
            partial(keystore.import_keystore, document, command.keystore_password)
        )
        words = new_words()
        await self._make(command.name, command.password, words, account_key)
        self._new_words = tuple(words.split())
        self._keep(backed_up=False)

    def prove(self, command: cmd.ProveWords) -> None:
        words = self._new_words or self._put_off
        if not words:
            return
        for position, word in command.words.items():
            if not 1 <= position <= 24 or words[position - 1] != word.strip().lower():
                raise RuleError(
                    "identity.word",
                    f"Word {position} is another one. Look at your recovery sheet again.",
                    position=position,
                )
        self._new_words = self._put_off = ()
        self._keep(backed_up=bool(command.words))
        self._changed()

    def look_round(self, command: cmd.LookRound) -> None:
        self.looking_round = True
        self._changed()

    async def unlock(self, command: cmd.Unlock) -> None:
        self.busy("identity")
        try:
            wallet = await trio.to_thread.run_sync(
                partial(vault.open, self._profile.vault, command.password)
            )
        finally:
            self.busy("")
        self.wallet = self.wallet or wallet
        self.locked = False
        self._changed()

    def lock(self, command: cmd.Lock) -> None:
        if self.wallet is None:
            return
        self.locked = True
        self.shown_words = self._put_off = ()
        self._changed()

    async def check_password(self, password: str) -> None:
        """WrongPassword unless it opens the identity file."""
        await trio.to_thread.run_sync(partial(vault.open, self._profile.vault, password))

    async def change_password(self, command: cmd.ChangePassword) -> None:
        _check_password(command.new)
        await trio.to_thread.run_sync(
            partial(
                vault.change_password,
                self._profile.vault,
                command.old,
                command.new,
                cost=self._cost,
            )
        )

    async def show_words(self, command: cmd.ShowRecoverySheet) -> None:
        words = await trio.to_thread.run_sync(
            partial(vault.words, self._profile.vault, command.password)
        )
        self.shown_words = tuple(words.split())
        if not self.backed_up:
            self._put_off = self.shown_words
        self._changed()

    def hide_words(self) -> None:
        self.shown_words = ()

    async def export(self, command: cmd.ExportIdentity) -> None:
        wallet = await trio.to_thread.run_sync(
            partial(vault.open, self._profile.vault, command.password)
        )
        document = await trio.to_thread.run_sync(
            partial(keystore.export_keystore, wallet, command.password)
        )
        content = json.dumps(document).encode()
        await trio.to_thread.run_sync(partial(_write, command.path, content))

    def rename(self, command: cmd.ChangeName) -> None:
        self._put_name(command.name)
        self._changed()

    # inside

    async def _make(
        self, name: str, password: str, words: str, account_key: bytes | None = None
    ) -> None:
        _check_password(password)
        _checked_name(name)
        if self._profile.vault.exists():
            raise RuleError("identity.exists", "This profile has an identity already.")
        self.busy("identity")
        try:
            wallet = await trio.to_thread.run_sync(
                partial(
                    vault.create,
                    self._profile.vault,
                    words,
                    password,
                    account_key=account_key,
                    cost=self._cost,
                )
            )
        except ValueError as error:
            raise RuleError("identity.words", str(error)) from error
        finally:
            self.busy("")
        self._put_name(name)
        self.wallet, self.locked, self.looking_round = wallet, False, False

    def _put_name(self, name: str) -> None:
        with self._database.begin() as session:
            settings.put(session, "name", _checked_name(name))
        self._known.pop("name", None)

    def _keep(self, *, backed_up: bool) -> None:
        with self._database.begin() as session:
            settings.put(session, "backed_up", backed_up)
        self._known.pop("backed_up", None)
        self._changed()


def _checked_name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise RuleError("identity.name", f"Choose a name of 1 to {LONGEST_NAME} characters.")
    return clean


def _check_password(password: str) -> None:
    if len(password) < LEAST_PASSWORD:
        raise RuleError(
            "identity.password", f"The password needs at least {LEAST_PASSWORD} characters."
        )


def _write(path: Path, content: bytes) -> None:
    try:
        write_private(path, content)
    except OSError as error:
        raise RuleError(
            "file.write", f"The file could not be written: {error.strerror}.", path=str(path)
        ) from error
