"""Finding beside everything else: a long record is read while searches are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from app.domain.finding_commands import Search, ShowResults
from app.domain.snapshots.datasets import BrowseSnapshot
from app.engine import finding
from app.engine.finding import Finding
from app.engine.projections.frame import Frame
from app.store import search
from app.store.database import Database
from app.store.index import Index
from chain import registry_events as registry
from tests.app.store.happenings import OWNER, SUN, WIND, listed, mined, registered
from tests.counts import JUDGED, PROVE

COUNT = 10_000 if PROVE else 3_000 if JUDGED else 1_200
FAIR_SECONDS = 100


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(tmp_path / "lading.sqlite")
    yield made
    made.close()


class Shown:
    """The window's side: the last snapshot, and waiting for one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.told = trio.Event()
        self.failed: list[Exception] = []
        self.finding = Finding(
            database,
            lambda: self.told.set(),
            lambda session: Frame(session, None, None),
            lambda error, about: self.failed.append(error),
        )

    @property
    def snapshot(self) -> BrowseSnapshot:
        with self.database.read() as session:
            return self.finding.snapshot(Frame(session, None, None))

    async def see(self, search: Search, total: int, first: int = 0) -> BrowseSnapshot:
        while True:
            self.told = trio.Event()
            now = self.snapshot
            shown = (now.search, now.total, now.looking) == (search, total, False)
            if shown and now.first <= first < now.first + max(len(now.cards), 1):
                return now
            assert not self.failed, self.failed
            with trio.fail_after(FAIR_SECONDS):  # for each news: how much is read may be a lot
                await self.told.wait()

    async def rests(self) -> None:
        """Return when everything is read and no answer is looked for."""
        with trio.fail_after(FAIR_SECONDS):
            while not all(
                event.statistics().tasks_waiting
                for event in (self.finding._unread, self.finding._wake)
            ):
                await trio.testing.wait_all_tasks_blocked()

    def ask(self, command: Search | ShowResults) -> None:
        self.finding.handlers[type(command)](command)


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Shown]:
    shown = Shown(database)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(shown.finding.run)
        yield shown
        nursery.cancel_scope.cancel()


def rise(index: Index) -> None:
    """One more is registered."""
    more = mined(2, registered(SUN, listing=listed("Sun")))
    index.apply(more.events, [more.block], more.cursor)


def listing(n: int) -> bytes:
    return listed(f"Wind {n}", what="风电数据" if n % 2 else "Speeds", price=n + 1)


def fill(database: Database, count: int) -> Index:
    index = Index(database)
    block = mined(
        1,
        *(
            registered(n.to_bytes(32, "big"), content_id=n.to_bytes(32, "big"), listing=listing(n))
            for n in range(count)
        ),
    )
    index.apply(block.events, [block.block], block.cursor)
    return index


def test_a_long_record_can_be_searched_while_it_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, COUNT)

    async def main() -> None:
        async with running(database) as shown:
            words = Search("风电")
            with monkeypatch.context() as slowly:
                slowly.setattr("app.engine.finding.REST", 5)  # so that what is between can be seen
                shown.ask(words)
                with trio.fail_after(FAIR_SECONDS):
                    while not 0 < shown.snapshot.read < COUNT:
                        shown.told = trio.Event()
                        await shown.told.wait()
                    assert shown.snapshot.to_read == COUNT
            every = await shown.see(words, COUNT // 2)
            assert every.cards[0].title == f"Wind {COUNT - 1}"
            assert (every.read, every.to_read) == (COUNT, COUNT)
            rare = Search(f"wind {COUNT - 2}")
            shown.ask(rare)
            assert (await shown.see(rare, 1)).cards[0].title == f"Wind {COUNT - 2}"

    trio.run(main)


def test_while_much_is_stored_reading_rests_and_what_was_read_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.finding.REST_WHILE_STORED", 10**6)
    fill(database, 2 * finding.PORTION)

    async def main() -> None:
        async with running(database) as shown:
            shown.ask(Search("wind"))
            every = await shown.see(Search("wind"), finding.PORTION)
            assert (every.read, every.to_read) == (finding.PORTION, 2 * finding.PORTION)
            assert every.read_per_second > 0
            shown.ask(Search("speeds"))
            await shown.see(Search("speeds"), finding.PORTION // 2)

    trio.run(main)


def test_reading_goes_on_after_a_restart_where_it_was(database: Database) -> None:
    fill(database, 3 * search.AT_ONCE)
    with database.begin() as session:
        search.follow(session, 10)

    async def main() -> None:
        async with running(database) as shown:
            await shown.see(Search(), 3 * search.AT_ONCE)
            assert len(shown.snapshot.cards) == finding.WINDOW

    trio.run(main)


def test_the_cards_are_those_the_person_looks_at(database: Database) -> None:
    count = 3 * search.AT_ONCE + finding.WINDOW
    fill(database, count)

    async def main() -> None:
        async with running(database) as shown:
            cheap = Search(order="newest")
            shown.ask(cheap)
            top = await shown.see(cheap, count)
            assert (top.first, len(top.cards)) == (0, finding.WINDOW)
            shown.ask(ShowResults(200))
            lower = await shown.see(cheap, count, first=200)
            assert lower.cards[200 - lower.first].title == f"Wind {count - 1 - 200}"
            assert lower.edition == top.edition
            shown.ask(ShowResults(10**9))
            assert (await shown.see(cheap, count, first=count - 1)).cards[-1].title == "Wind 0"

    trio.run(main)


def test_the_first_answer_is_what_a_window_shows(database: Database) -> None:
    count = 3 * finding.WINDOW
    fill(database, count)

    async def main() -> None:
        async with running(database) as shown:
            await shown.see(Search(), count)
            asked = Search(order="newest")
            shown.ask(asked)
            answers: list[BrowseSnapshot] = []
            while not answers or answers[-1].looking:
                await shown.told.wait()
                shown.told = trio.Event()
                if shown.snapshot.search is asked:
                    answers.append(shown.snapshot)
            first, last = answers[0], answers[-1]
            assert (len(first.cards), first.looking) == (finding.FIRST_CARDS, True)
            assert first.cards == last.cards[: finding.FIRST_CARDS]
            assert (len(last.cards), last.total) == (finding.WINDOW, count)
            assert len(answers) == 2

    trio.run(main)


def test_what_is_asked_again_stays_until_there_is_a_whole_answer(database: Database) -> None:
    """Whoever comes back to the list finds their place again."""
    count = 3 * finding.WINDOW
    index = fill(database, count)

    async def main() -> None:
        async with running(database) as shown:
            await shown.see(Search(), count)
            rise(index)
            shown.finding.look(seen=False)
            await shown.rests()
            shown.ask(Search())
            while (now := shown.snapshot).total == count:
                assert not now.looking
                await shown.told.wait()
                shown.told = trio.Event()
            assert (now.total, now.looking, len(now.cards)) == (count + 1, False, finding.WINDOW)

    trio.run(main)


def test_an_answer_nobody_looks_at_is_not_found_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = fill(database, 2)

    async def main() -> None:
        async with running(database) as shown:
            before = await shown.see(Search(), 2)
            rise(index)
            with monkeypatch.context() as unseen:
                unseen.setattr(finding, "Seeking", lambda *_: pytest.fail("nobody looks"))
                shown.finding.look(seen=False)
                await shown.rests()
            with database.read() as session:
                assert search.state(session) == search.State(3, 3)
            shown.finding.look()
            after = await shown.see(Search(), 3)
            assert after.edition > before.edition

    trio.run(main)


def test_what_changes_on_the_record_changes_the_results(database: Database) -> None:
    index = fill(database, 2)

    async def main() -> None:
        async with running(database) as shown:
            before = await shown.see(Search(), 2)
            rise(index)
            shown.finding.look()
            after = await shown.see(Search(), 3)
            assert after.cards[0].title == "Sun"
            assert after.edition > before.edition
            gone = mined(3, registry.Withdrawn(dataset=SUN, title=OWNER), registered(WIND))
            index.apply(gone.events, [gone.block], gone.cursor)
            index.rewind(1)
            shown.finding.look()
            await shown.see(Search(), 2)

    trio.run(main)
