"""Finding: listings are read in the background, and searches answered beside everything else.

Both work in worker threads, in short portions, so that neither a long record nor a broad search
holds anything up. A search is answered as far as it got, then again until everything was looked
through; what changes on the record changes the results a moment later.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

import trio
from sqlalchemy.orm import Session

from app.domain import wording
from app.domain.finding_commands import Search, ShowResults
from app.domain.snapshots.datasets import BrowseSnapshot, Card, Count
from app.engine.projections.datasets import cards
from app.engine.projections.frame import Frame
from app.engine.trading import Handler
from app.store import chainlog, index, private, search
from app.store.database import Database
from app.store.search import Wanted
from app.store.seeking import Seeking

log = logging.getLogger(__name__)

PORTION = 400
"""Listings that are read in one transaction: a few hundredths of a second."""
REST = 0.2
"""How long it rests after a portion, as a share of the time that took: others work too."""
REST_WHILE_STORED = 9.0
"""The same while more comes onto the record than is read with its events: that goes first."""
WAY_SECONDS = 5.0
"""So long after the person asked for something reading makes way: whoever scrolls asks again and
again, and takes the interpreter for each frame."""
FIRST_ANSWER_SECONDS = 0.02
NEXT_ANSWER_SECONDS = 0.3
LOOK_SECONDS = 0.3
AGAIN_SECONDS = 5
WINDOW = 120
"""Results that are made into cards at once, a third of them above what is looked at."""
FIRST_CARDS = 40
"""In the first answer: what most windows show and a little more; making all of them would take
longer than finding them."""
MOST_CHOICES = 40


class Finding:
    """``frame`` gives what projections need, ``failed`` hears what could not be done and why."""

    def __init__(
        self,
        database: Database,
        changed: Callable[[], None],
        frame: Callable[[Session], Frame],
        failed: Callable[[Exception, str], None],
    ) -> None:
        self._database = database
        self._changed = changed
        self._frame = frame
        self._failed = failed
        self._asked = Search()
        self._first = 0
        self._asked_at = -math.inf
        self._stale = True
        self._seen = True
        self._sought: Search | None = None
        self._seeking = Seeking(Wanted())
        self._numbers: list[int] = []  # found, as they stand in the list
        self._basis: object = None
        self._told = BrowseSnapshot()
        self._edition = 0
        self._labels: tuple[str, ...] = ()
        self._state = search.State(0, 0)
        self._speed = 0
        self._unread = trio.Event()
        self._wake = trio.Event()
        self._person = trio.Event()

    @property
    def handlers(self) -> dict[type, Handler]:
        return {Search: self._search, ShowResults: self._show}

    def snapshot(self, frame: Frame) -> BrowseSnapshot:
        """The last answer, as the record stands now."""
        return replace(
            self._told,
            currencies=frame.prices,
            syncing=frame.ledger is None or not frame.ledger.caught_up,
            read=self._state.read,
            to_read=self._state.total,
            read_per_second=self._speed,
        )

    def look(self, *, seen: bool = True) -> None:
        """Something may have changed; ``seen``: the answer is looked at."""
        self._seen = seen
        self._unread.set()
        self._dirty()

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._again, self._read_on)
            nursery.start_soon(self._again, self._answer_on)

    async def _again(self, work: Callable[[], Awaitable[None]]) -> None:
        """A full disk or a broken listing must not end the search for good."""
        while True:
            try:
                await work()
            except Exception as error:
                self._failed(error, "search")
                await trio.sleep(AGAIN_SECONDS)

    def _search(self, command: Search) -> None:
        self._asked, self._first = command, 0
        self._ask()

    def _show(self, command: ShowResults) -> None:
        self._first = max(0, command.first)
        self._ask()

    def _ask(self) -> None:
        self._asked_at = trio.current_time()
        self._wake.set()
        self._person.set()

    # reading listings

    async def _read_on(self) -> None:
        began, count = time.monotonic(), 0
        while True:
            self._unread = trio.Event()
            while (way := self._asked_at + WAY_SECONDS) > trio.current_time():
                await trio.sleep_until(way)
            before, total = time.monotonic(), self._state.total
            read, self._state = await trio.to_thread.run_sync(self._read_some)
            count += read
            if read:
                now = time.monotonic()
                self._speed = int(count / (now - began))
                self._dirty()
                stored = self._state.total - total > search.AT_ONCE
                await trio.sleep((now - before) * (REST_WHILE_STORED if stored else REST))
            else:
                if count:
                    self._speed = 0
                    self._dirty()
                await self._unread.wait()
                began, count = time.monotonic(), 0

    def _dirty(self) -> None:
        """The answer may be another one, which is found once it is looked at."""
        self._stale = True
        if self._seen:
            self._wake.set()

    def _read_some(self) -> tuple[int, search.State]:
        with self._database.read() as session:
            now = search.state(session)
        if now.read == now.total:
            return 0, now
        with self._database.begin() as session:
            return search.follow(session, PORTION), search.state(session)

    # answering

    async def _answer_on(self) -> None:
        while True:
            self._wake, self._person = trio.Event(), trio.Event()
            await self._answer()
            with trio.move_on_after(LOOK_SECONDS):
                await self._person.wait()
            await self._wake.wait()

    async def _answer(self) -> None:
        asked, new = self._asked, self._asked is not self._sought
        stale, self._stale = self._stale, False
        if new or stale:
            wanted, basis = await trio.to_thread.run_sync(self._wanted, asked)
            if new or basis != self._basis:
                # Asked again, the answer that stands there stays until there is a whole one.
                tell = new and asked != self._sought
                if not await self._seek(Seeking(wanted, asked.order), asked, tell=tell):
                    return
                self._sought, self._basis = asked, basis
        await self._tell(asked)

    async def _seek(self, seeking: Seeking, asked: Search, *, tell: bool) -> bool:
        """Look through everything; false if the person asks for something else meanwhile."""
        first = True
        while not seeking.done:
            await trio.to_thread.run_sync(self._steps, seeking, first)
            if self._asked is not asked:
                return False
            if tell or seeking.done:
                numbers = seeking.numbers()
                self._edition += numbers[: len(self._numbers)] != self._numbers
                self._seeking, self._numbers = seeking, numbers
            if tell and first:
                await self._tell(asked, FIRST_CARDS)
            elif tell and not seeking.done:
                await self._tell(asked)
            first = False
        return True

    def _steps(self, seeking: Seeking, first: bool) -> None:
        end = time.monotonic() + (FIRST_ANSWER_SECONDS if first else NEXT_ANSWER_SECONDS)
        with self._database.read() as session:
            while not seeking.done:
                seeking.step(session)
                enough = first and len(seeking.found) >= FIRST_CARDS
                if enough or time.monotonic() > end:
                    return

    async def _tell(self, asked: Search, count: int = WINDOW) -> None:
        told = await trio.to_thread.run_sync(self._made, asked, count)
        if self._asked is asked and told != self._told:
            self._told = told
            self._changed()

    def _wanted(self, asked: Search) -> tuple[Wanted, object]:
        """What is looked for, and all that the answer depends on besides."""
        with self._database.read() as session:
            frame = self._frame(session)
            online = frame.reachable if asked.online_only else None
            own = private.everything(session)
            hidden = frozenset(about for about, one in own.items() if one.blocked)
            basis = (chainlog.last(session), search.state(session), frame.reachable)
            first = frame.prices[0].token if frame.prices else ""
            wanted = Wanted(
                words=tuple(wording.asked(asked.text)),
                field=asked.field,
                region=asked.region,
                licence=asked.licence,
                tables=asked.tables_only,
                token=first,
                least_price=asked.min_price_units,
                most_price=asked.max_price_units,
                most_length=asked.max_bytes,
                rating=None if asked.min_rating is None else asked.min_rating * 10,
                since=None if asked.days is None else _days_before(frame.now, asked.days),
                owner=asked.owner,
                holders=online,
                hidden=hidden,
                kept=_kept(session, asked, own),
            )
            self._labels = tuple(sorted({label for one in own.values() for label in one.labels}))
            return wanted, (basis, wanted, self._labels)

    def _made(self, asked: Search, count: int) -> BrowseSnapshot:
        seeking, numbers = self._seeking, self._numbers
        first = max(0, min(self._first, len(numbers)) - count // 3)
        shown = numbers[first : first + count]
        return BrowseSnapshot(
            search=asked,
            cards=self._cards(shown),
            first=first,
            edition=self._edition,
            total=len(numbers),
            more=seeking.more,
            looking=not seeking.done or len(shown) < len(numbers[first : first + WINDOW]),
            fields=_counts(seeking, "field"),
            regions=_counts(seeking, "region"),
            licences=_counts(seeking, "licence"),
            labels=self._labels,
        )

    def _cards(self, numbers: list[int]) -> tuple[Card, ...]:
        with self._database.read() as session:
            return cards(self._frame(session), index.by_numbers(session, numbers))


def _kept(
    session: Session, asked: Search, own: dict[str, private.Private]
) -> tuple[frozenset[str], frozenset[int]] | None:
    """Owners and numbers, where the person asks for its contacts or one of its labels."""
    if not asked.contacts_only and not asked.label:
        return None
    about = {
        key
        for key, one in own.items()
        if (one.contact or not asked.contacts_only)
        and (asked.label in one.labels or not asked.label)
    }
    people = {key for key in about if key.startswith("0x")}
    rows = [index.registration(session, bytes.fromhex(key)) for key in about - people]
    return frozenset(people), frozenset(row.number for row in rows if row is not None)


def _days_before(now: int, days: int) -> int:
    """To the hour: the answer need not change with every block."""
    return (now // 3600 - days * 24) * 3600


def _counts(seeking: Seeking, column: Literal["field", "region", "licence"]) -> tuple[Count, ...]:
    return tuple(Count(value, n) for value, n in seeking.counts(column, MOST_CHOICES))
