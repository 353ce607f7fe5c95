"""People who use Lading and go on after a power cut: start it again, unlock, look, press again.

A `Human` presses a button only where its screen offers it, and presses it again only after the
app was started again and still offers it. So whatever a crash leaves undone, nothing here repairs
it: only what a person would do is done.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from sqlalchemy.orm import Session

from app.cli.person import Gone, Person
from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, ShellSnapshot
from app.store import entries, orders, outbox, reviews
from app.store.database import Database
from app.store.entries import Entry
from app.store.outbox import Task
from chain.endpoint import Endpoint
from chain.gateway import Gateway
from chain.network import Network
from chain.practice import Practice, PracticeUnavailable, node_path
from chain.vault import Argon2
from tests.story.dying import die_at, died_at

S = TypeVar("S")

GRACE_SECONDS = 5.0
FALL_SECONDS = 120.0
LOOK_SECONDS = 0.2
PASSWORD = "correct horse battery"
ON_LINE = ("online", "relay", "unlisted")
CHEAP = Argon2(1, 1024)
ENGINE_MODULES = ["app.engine.engine", "web3"]


class Process(Person):
    """A `Person` whose process is forked from one that has imported the engine already."""

    context = multiprocessing.get_context("forkserver")

    def heard(self, code: str, seconds: float = 60.0) -> Notice:
        """Wait for a notice with this code and take it: one that is expected ends no other wait."""
        with self._news:
            found = self._news.wait_for(
                lambda: next((one for one in self.notices if one.code == code), None), seconds
            )
            assert found, f"{self.name} was not told {code}, but {self.notices}"
            self.notices.remove(found)
            return found

    def was_killed(self, seconds: float = GRACE_SECONDS) -> bool:
        """Whether the process has ended by SIGKILL; clears up after it if so."""
        self._process.join(seconds)
        if self.ended != -signal.SIGKILL:
            return False
        self.kill()
        return True


Process.context.set_forkserver_preload(ENGINE_MODULES)


@dataclass(frozen=True)
class World:
    """One practice network, and where people keep their profiles."""

    practice: Practice
    network: Network
    gateway: Gateway
    folder: Path

    def human(self, name: str) -> Human:
        place = self.folder / name.split()[0].lower()
        return Human(name, place, Path(self.practice.status()["folder"]))

    def let_pass(self, seconds: int) -> None:
        """The chain's clock, which is the only one deadlines go by, jumps ahead."""
        endpoint = Endpoint(self.network.rpc_urls[0])
        try:
            endpoint.ask("evm_increaseTime", seconds)
            endpoint.ask("evm_mine")
        finally:
            endpoint.close()


@contextmanager
def own_world(folder: Callable[[str], Path]) -> Iterator[World]:
    """A world on a practice network of its own, until it is left. ``folder`` makes one by name."""
    try:
        node_path()
    except PracticeUnavailable as error:
        pytest.skip(str(error))
    practice = Practice(folder("practice"))
    try:
        network = practice.join()
        yield World(practice, network, Gateway(network), folder("people"))
    finally:
        practice.leave()


class Human:
    """Use as a context manager, so that the process ends."""

    process: ClassVar[type[Process]] = Process

    def __init__(self, name: str, profile: Path, practice_folder: Path) -> None:
        self.name = name
        self.profile = profile
        self.diary = profile.with_suffix(".diary")
        self._practice_folder = practice_folder
        self._first: Callable[[], None] | None = None
        self._open: list[object] = []
        self._person: Process | None = None
        self._reviving = threading.Lock()
        self.starts = 0

    def __enter__(self) -> Human:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @property
    def person(self) -> Process:
        assert self._person is not None, f"{self.name} has no app open"
        return self._person

    # the app's process

    def _start(self) -> None:
        self.starts += 1
        self._person = self.process(
            self.name,
            self.profile,
            self._practice_folder,
            "error",
            vault_cost=CHEAP,
            first=self._first,
        )

    def leave(self) -> None:
        if self._person is not None:
            self._person.leave()
            self._person = None

    def kill(self) -> None:
        """A power cut."""
        self.person.kill()
        self._person = None

    def come_back(self) -> None:
        """Start the app again, unlock it, and open what was open; as often as it dies meanwhile."""
        while True:
            self._start()
            try:
                self._unlock()
                return
            except Gone:
                if not self.person.was_killed():
                    raise

    def _unlock(self) -> None:
        self.person.wait(FirstRunSnapshot, lambda run: run.step == "locked")
        self.person.ask(cmd.Unlock(PASSWORD))
        self.person.wait(ShellSnapshot, lambda shell: shell.code and shell.chain == "ok")
        for command in self._open:
            self.person.ask(command)

    def dies_at(self, points: tuple[str, ...]) -> None:
        """From now on (the app is started again for it) die once at each of these points."""
        self.diary.unlink(missing_ok=True)
        self.starts_with(partial(die_at, points, self.diary))

    def starts_with(self, first: Callable[[], None] | None) -> None:
        """The app's process calls this before all else, from a new start now on."""
        self.leave()
        self._first = first
        self.come_back()

    def outlive(self, points: tuple[str, ...]) -> None:
        """Come back from what is left of the deaths that `dies_at` asked for, and none other."""
        while (left := set(points) - set(died_at(self.diary))) or self.person.ended is not None:
            assert self.person.was_killed(), f"{self.name} never came to {sorted(left)}"
            self.come_back()
        assert sorted(died_at(self.diary)) == sorted(points)

    def fall(self) -> None:
        """Die at the point that `dies_at` named, and stay away until `come_back`."""
        assert self.person.was_killed(FALL_SECONDS), f"{self.name} never came to the point"
        self._person = None

    # what a person does

    def enter(self) -> None:
        """First run: an identity, the practice network, practice dollars."""
        self._join(cmd.JoinPractice())
        self.person.ask(cmd.GetPracticeDollars())
        self.person.wait(
            MoneySnapshot, lambda money: money.accounts and money.accounts[0].available_units > 0
        )

    def enter_network(self, file: Path) -> None:
        """First run on another network; its money has to come from somebody."""
        self._join(cmd.JoinNetwork(file))

    def _join(self, command: cmd.JoinPractice | cmd.JoinNetwork) -> None:
        self.person.ask(cmd.CreateIdentity(self.name, PASSWORD))
        self.person.wait(FirstRunSnapshot, lambda run: run.step == "recovery")
        self.person.ask(cmd.ProveWords({}))
        self.person.wait(FirstRunSnapshot, lambda run: run.step == "network")
        self.person.ask(command)
        self.person.wait(ShellSnapshot, lambda shell: shell.connection in ON_LINE)

    def open(self, *commands: object) -> None:
        """Have these pages open, also after the app was started again."""
        self._open = list(commands)
        for command in commands:
            self._tell(command)

    def wait(self, kind: type[S], until: Callable[[S], Any], seconds: float = 60.0) -> S:
        """As `Person.wait`, but a killed app is started again meanwhile."""
        return self._see(kind, until, seconds)[1]

    def _see(
        self, kind: type[S], until: Callable[[S], Any], seconds: float = 60.0
    ) -> tuple[Process, S]:
        """What was waited for, and the app that showed it."""
        while True:
            person = self.person
            try:
                return person, person.wait(kind, until, seconds)
            except Gone as gone:
                self._after(person, gone)

    def press(
        self, kind: type[S], offered: Callable[[S], Any], command: object, done: Callable[[S], Any]
    ) -> S:
        """Press a button where it is offered, until ``done`` shows; once each time the app runs."""
        while True:
            person, shown = self._see(kind, lambda page: done(page) or offered(page))
            if done(shown):
                return shown
            try:
                person.ask(command)
                return person.wait(kind, done)
            except Gone as gone:
                self._after(person, gone)

    def _tell(self, command: object) -> None:
        person = self.person
        try:
            person.ask(command)
        except Gone as gone:
            self._after(person, gone)

    def _after(self, died: Process, gone: Gone) -> None:
        """Come back from a death that was meant; anything else is what it is."""
        with self._reviving:
            if self._person is not died:
                return  # `kept_up` was quicker
            if not died.was_killed():
                raise gone
            self.come_back()

    @contextmanager
    def kept_up(self) -> Iterator[None]:
        """Come back from each death at once, also while nobody waits for this person."""
        over = threading.Event()

        def look_after() -> None:
            while not over.wait(LOOK_SECONDS):
                with self._reviving:
                    if self.person.ended is not None and self.person.was_killed():
                        self.come_back()

        with ThreadPoolExecutor(1) as thread:
            looking = thread.submit(look_after)
            try:
                yield
            finally:
                over.set()
        looking.result()

    # what is on this person's disk

    @contextmanager
    def _disk(self) -> Iterator[Session]:
        database = Database.open(self.profile / "lading.sqlite")
        try:
            with database.read() as session:
                yield session
        finally:
            database.close()

    def events(self, thread: str) -> list[ev.Event]:
        """What happened in an order, as journalled."""
        with self._disk() as session:
            return list(orders.events(session, thread))

    def entries(self, thread: str = "") -> list[Entry]:
        """The record entries of an order, or all."""
        with self._disk() as session:
            if thread:
                return entries.for_thread(session, thread)
            return entries.newest(session, 10_000)

    def review(self, digest: bytes) -> dict[str, Any] | None:
        """The review with this hash, if it is here."""
        with self._disk() as session:
            return reviews.load(session, digest)

    def waiting(self, thread: str) -> list[Task]:
        """What the app still has to do for an order."""
        with self._disk() as session:
            return outbox.pending(session, thread)

    def folders(self) -> set[Path]:
        """Where the orders' files are, according to the journal."""
        with self._disk() as session:
            return {Path(order.folder) for order in orders.list_orders(session) if order.folder}
