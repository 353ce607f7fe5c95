"""The record as it was read: browsing, ratings, and a rewind that leaves no trace."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain import events as ev
from app.domain import order as life
from app.store import bodies, chainlog, index, orders, peers, search, starts
from app.store.database import Database
from app.store.index import Index
from app.store.tables import Base, RegistrationRow
from chain import exchange_events as exchange
from chain import registry_events as registry
from chain.listing import encode_listing
from tests.app.store.happenings import (
    BIG,
    BUYER,
    OWNER,
    SUN,
    THIRD,
    TOKEN,
    WIND,
    Mined,
    about,
    confirmed,
    funded,
    listed,
    mined,
    profile,
    registered,
    revealed,
)
from tests.app.store.plans import plans
from tests.counts import JUDGED

FIRST, SECOND = b"1" * 32, b"2" * 32


def read(database: Database, *blocks: Mined) -> Index:
    """Everything in these blocks, each applied by itself."""
    reading = Index(database)
    for one in blocks:
        reading.apply(one.events, [one.block], one.cursor)
    return reading


def titles(found: list[index.RegisteredDataset]) -> list[str]:
    return [dataset.title for dataset in found]


def test_a_registration_is_found_as_it_is_on_record(database: Database) -> None:
    read(database, mined(7, registered()))
    with database.read() as session:
        found = index.registration(session, WIND)
        assert index.registration(session, SUN) is None
    assert found is not None
    made = registered()
    assert {name: getattr(found, name) for name in ("root", "records", "length", "listing")} == {
        name: getattr(made, name) for name in ("root", "records", "length", "listing")
    }
    assert (found.registrant, found.title_holder, found.withdrawn) == (OWNER, OWNER, False)
    assert (found.committed_at, found.registered_at, found.block) == (900, 1_007, 7)
    assert (found.title, found.field, found.token) == ("Wind", "energy", TOKEN)
    assert found.price == BIG // 10**60


def test_what_follows_changes_the_registration(database: Database) -> None:
    read(
        database,
        mined(1, registered(), registered(SUN, listing=listed("Sun"))),
        mined(2, registry.ListingUpdated(dataset=WIND, title=OWNER, listing=listed("Wind 2", 9))),
        mined(3, registry.TitleTransferred(dataset=WIND, sender=OWNER, receiver=THIRD)),
        mined(4, registry.Withdrawn(dataset=SUN, title=OWNER)),
    )
    with database.read() as session:
        wind, sun = index.registration(session, WIND), index.registration(session, SUN)
        assert wind is not None
        assert sun is not None
        assert (wind.title, wind.price, wind.title_holder) == ("Wind 2", 9, THIRD)
        assert (wind.registrant, wind.block) == (OWNER, 1)
        assert sun.withdrawn
        assert titles(index.by_numbers(session, [2, 1, 3])) == ["Sun", "Wind 2"]
        kinds = [type(event.body) for event in index.history(session, WIND)]
    assert kinds == [registry.Registered, registry.ListingUpdated, registry.TitleTransferred]


def test_equal_content_is_ordered_by_commit_and_withdrawal_does_not_hide_it(
    database: Database,
) -> None:
    other = {"content_id": b"o" * 32}
    read(
        database,
        mined(1, registered(b"\1" * 32, committed_at=50)),
        mined(
            2,
            registered(b"\2" * 32, committed_at=40),
            registered(b"\3" * 32, committed_at=45, **other),
        ),
        mined(3, registered(b"\4" * 32, committed_at=60, root=b"R" * 32, **other)),
        mined(4, registry.Withdrawn(dataset=b"\2" * 32, title=OWNER)),
    )
    with database.read() as session:
        same = index.same_content(session, b"c" * 32, b"R" * 32)
        assert [one.dataset_id[0] for one in same] == [2, 1, 4]
        assert index.same_content(session, b"?" * 32, b"?" * 32) == []
        shared, apart = (b"c" * 32, b"?" * 32), (b"?" * 32, b"R" * 32)
        mixed, other = (b"o" * 32, b"R" * 32), (b"o" * 32, b"?" * 32)
        first = index.first_of_each(session, (shared, apart, mixed, other))
        assert {key: dataset[0] for key, (dataset, _) in first.items()} == {
            shared: 2, apart: 4, mixed: 3, other: 3,
        }  # fmt: skip


@pytest.mark.parametrize(
    "look",
    [
        lambda session: index.registration(session, WIND),
        lambda session: index.same_content(session, WIND, SUN),
        lambda session: index.first_of_each(session, ((WIND, SUN), (SUN, WIND))),
        lambda session: index.ratings_of_each(session, (WIND, SUN)),
        lambda session: index.registered_by(session, OWNER),
        lambda session: index.newer_versions(session, WIND, [OWNER]),
        lambda session: index.history(session, WIND),
        lambda session: index.order_events(session, FIRST),
        lambda session: index.newest_events(session, [FIRST], 9),
        lambda session: index.payments_by(session, BUYER),
        lambda session: search.rating(session, WIND),
    ],
)
def test_hashes_and_addresses_are_found_by_an_index(database: Database, look: Any) -> None:
    read(database, mined(1, registered(), funded(FIRST)))
    with database.read() as session:
        found = plans(session, look)
    assert found
    # What such a search brought, put in order, may be gone through; nothing else.
    plans_of_tables = [re.sub(r"SCAN (\(subquery-\d+\)|anon_\d+)", "", plan) for plan in found]
    assert not [plan for plan in plans_of_tables if "SCAN" in plan]


def test_what_only_starts_alike_is_not_the_same(database: Database) -> None:
    one, other = bytes(31) + b"\1", bytes(31) + b"\2"
    listing = listed("Wind")
    read(
        database,
        mined(1, registered(one, content_id=one, root=one, listing=listing)),
        mined(2, registered(other, content_id=other, root=other, listing=listing)),
        mined(3, registry.Withdrawn(dataset=other, title=OWNER)),
    )
    with database.read() as session:
        same = index.same_content(session, one, one)
        assert [row.dataset_id for row in same] == [one]
        assert len(index.history(session, one)) == 1
        assert len(index.history(session, other)) == 2


@pytest.mark.parametrize(("read_up_to", "rows"), [(0, (4, 12)), (3, (20, 4)), (7, (28, 0))])
def test_what_is_looked_up_is_found_wherever_its_start_is_kept(
    runs: None,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    read_up_to: int,
    rows: tuple[int, int],
) -> None:
    """Two registrations at once make a run, one by itself does not."""
    monkeypatch.setattr(starts, "MANY", 2)
    monkeypatch.setattr(starts, "MOST_WAITING", 2)
    ids = [bytes([n]) * 32 for n in range(1, 8)]
    made = [registered(one, committed_at=900 - n) for n, one in enumerate(ids)]
    blocks = [mined(n // 2 + 1, *made[n : n + 2]) for n in range(0, 7, 2)]
    reading = read(database, *blocks)
    if read_up_to:
        settle(database, read_up_to)
    monkeypatch.setattr(starts, "MOST_WAITING", 100)

    def found() -> list[list[bytes]]:
        with database.read() as session:
            same = index.same_content(session, made[0].content_id, made[0].root)
            own = index.registered_by(session, OWNER)
            known = [one for one in ids if index.registration(session, one)]
            told = [one for one in ids if index.history(session, one)]
            content = made[0].content_id, bytes(32)
            first = index.first_of_each(session, (content, (bytes(32), bytes(32))))
            assert first == {content: (same[0].dataset_id, OWNER)}
            datasets = [[one.dataset_id for one in some] for some in (reversed(same), own)]
            return [*datasets, known, told]

    assert kept(database) == rows
    assert found() == [ids] * 4
    said = mined(5, registry.ListingUpdated(ids[0], OWNER, listed("Said anew")))
    reading.apply(said.events, [said.block], said.cursor)
    assert kept(database) == rows, "a listing moves nothing"
    given = [registry.TitleTransferred(one, OWNER, THIRD) for one in (ids[0], ids[6])]
    block = mined(6, *given)
    reading.apply(block.events, [block.block], block.cursor)
    assert found() == [ids, ids[1:6], ids, ids]
    again = mined(7, *(replace(made[n], listing=b"") for n in (0, 3, 6)))
    reading.apply(again.events, [again.block], again.cursor)
    assert found() == [ids, ids[1:6], ids, ids], "each dataset is registered once"
    assert_all_found(database)
    reading.rewind(3)
    assert found() == [ids[:6]] * 4
    assert_all_found(database)
    reading.rewind(1)
    assert found() == [ids[:2]] * 4
    others = [registered(bytes([n]) * 32) for n in range(10, 14)]
    block = mined(2, *others, branch="other")
    reading.apply(block.events, [block.block], block.cursor)
    assert_all_found(database)
    settle(database, 6)
    assert kept(database) == (24, 0)
    assert_all_found(database)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts are put into runs however few come at once, and stay there until `settle`."""
    monkeypatch.setattr(starts, "MANY", 1)
    monkeypatch.setattr(search, "AT_ONCE", 0)


def settle(database: Database, up_to: int) -> None:
    with database.begin() as session:
        search.follow(session, up_to)


def kept(database: Database) -> tuple[int, int]:
    """Rows of both tables of starts."""
    with database.read() as session:
        tables = (Base.metadata.tables[name] for name in ("starts", "start_runs"))
        settled, waiting = (session.scalar(select(func.count()).select_from(t)) for t in tables)
        return settled or 0, waiting or 0


def assert_all_found(database: Database) -> None:
    """By each of the columns as many as there are."""
    with database.read() as session:
        every = list(session.scalars(select(RegistrationRow)))
        assert sorted(starts.present(session, [row.dataset_id for row in every])) == sorted(
            {row.dataset_id for row in every}
        )
        for name in ("dataset_id", "content_id", "root", "title_holder"):
            column = getattr(RegistrationRow, name)
            for value in {getattr(row, name) for row in every}:
                numbers = {row.number for row in every if getattr(row, name) == value}
                found = session.scalars(
                    select(RegistrationRow.number).where(starts.among(session, column, [value]))
                )
                assert set(found) == numbers, name
                if name in ("content_id", "root"):
                    oldest = starts.oldest(session, column, value, 100)
                    assert {row.number for row in oldest} == numbers, name


def test_many_are_looked_up_at_once_in_a_run(runs: None, database: Database) -> None:
    ids = [bytes([n]) * 32 for n in range(1, 3 * starts.FEW)]
    asked = ids[::2]
    assert len(asked) > starts.FEW
    read(database, mined(1, *map(registered, ids)))
    with database.read() as session:
        these = starts.among(session, RegistrationRow.dataset_id, asked)
        found = session.scalars(select(RegistrationRow.dataset_id).where(these))
        assert sorted(found) == asked


def test_what_is_given_away_beside_many_new_ones_does_not_scatter_them(
    runs: None, database: Database
) -> None:
    reading = read(database, mined(1, registered()))
    assert kept(database) == (0, 4)
    given = registry.TitleTransferred(WIND, OWNER, THIRD)
    block = mined(2, registered(b"1" * 32), given, registered(b"2" * 32))
    reading.apply(block.events, [block.block], block.cursor)
    assert kept(database) == (4, 8), "the one that changed is put in by itself"
    assert_all_found(database)
    reading.rewind(1)
    assert kept(database) == (0, 4), "runs of what is gone are gone"
    assert_all_found(database)


def test_much_that_waits_is_settled_though_reading_is_not_there_yet(
    runs: None, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(database, *(mined(n, *(registered(bytes([n, m]) * 16) for m in (1, 2))) for n in (1, 2)))
    settle(database, 1)
    assert kept(database) == (16, 0), "what fits into one turn goes with it"
    reading = read(database, *(mined(n, registered(bytes([n]) * 32)) for n in (3, 4)))
    settle(database, 1)
    assert kept(database) == (16, 8)
    monkeypatch.setattr(starts, "MOST_WAITING", 2)
    settle(database, 1)
    assert kept(database) == (24, 0)
    reading.rewind(0)
    assert kept(database) == (0, 0)


def test_what_is_read_anew_after_a_fork_is_settled_with_its_listings(
    runs: None, database: Database
) -> None:
    """The sales of a field are found among what is settled."""
    sale = mined(2, funded(FIRST), exchange.Accepted(**about(FIRST)))
    named = mined(3, registry.ListingUpdated(WIND, OWNER, listed("Wind 2")))
    reading = read(database, mined(1, registered(), registered(SUN)), sale, named)
    settle(database, 2)
    reading.rewind(2)
    with database.read() as session:
        ((order, dataset),) = index.settled(session, "energy", 9, 9)
    assert (order.order_id, dataset.title) == (FIRST, "Wind")


def test_a_registration_is_told_as_it_was_whatever_came_later(database: Database) -> None:
    first, named = registered(), registry.ListingUpdated(WIND, OWNER, listed("Wind 2"))
    later = (replace(named, listing=listed("Wind 3")), registry.Withdrawn(WIND, OWNER))
    given = registry.TitleTransferred(WIND, OWNER, THIRD)
    blocks = [mined(1, first), mined(2, named), mined(3, *later, given)]
    reading = read(database, *blocks)
    with database.read() as session:
        assert index.history(session, WIND) == [e for block in blocks for e in block.events]
        assert chainlog.above(session, 0) == index.history(session, WIND)
    reading.rewind(1)
    with database.read() as session:
        found = index.registration(session, WIND)
        assert index.history(session, WIND) == blocks[0].events
    assert found is not None
    assert (found.listing, found.title_holder, found.withdrawn) == (first.listing, OWNER, False)


def test_another_registration_in_the_place_of_one_makes_the_log_another(
    database: Database,
) -> None:
    def last() -> object:
        with database.read() as session:
            return chainlog.last(session)

    seen = [last()]
    reading = read(database, mined(1, registered()))
    seen.append(last())
    reading.rewind(0)
    again = mined(1, registered(SUN), branch="other")
    reading.apply(again.events, [again.block], again.cursor)
    seen.append(last())
    block = mined(2, registry.Withdrawn(SUN, OWNER))
    reading.apply(block.events, [block.block], block.cursor)
    seen.append(last())
    assert len(set(seen)) == 4


def test_a_log_from_before_is_read(database: Database) -> None:
    """Bodies were JSON with hex digits until version 7."""
    for body in (registered(), profile(OWNER, "Ann"), funded(FIRST)):
        kind = bodies.KINDS[type(body)]
        text_then = json.dumps(body, default=_as_then)
        assert bodies.decode(kind, text_then) == body == bodies.decode(kind, bodies.encode(body))


def _as_then(value: Any) -> Any:
    return (
        value.hex()
        if isinstance(value, bytes)
        else {f.name: getattr(value, f.name) for f in fields(value)}
    )


HOSTILE = [
    b"",
    b"not a listing",
    encode_listing({"title": 5, "price": {"token": [], "units": "1e5"}}),
    encode_listing({"title": "a\0b\x1b[31m", "price": {"token": "ü" * 99, "units": "7"}}),
]


@pytest.mark.parametrize("listing", HOSTILE)
def test_any_registration_on_record_can_be_stored(database: Database, listing: bytes) -> None:
    huge = registered(length=2**53 - 1, committed_at=0, listing=listing)
    read(database, mined(1, huge))
    with database.read() as session:
        (found,) = index.by_numbers(session, [1])
        (event,) = index.history(session, WIND)
    assert event.body == huge
    assert (found.length, found.listing) == (2**53 - 1, listing)
    assert found.title in ("", "ab[31m")


def test_the_last_profile_counts_and_its_name_is_printable(database: Database) -> None:
    read(
        database,
        mined(1, profile(OWNER, "Ann"), profile(BUYER, "Bo\nb\u202e")),
        mined(2, profile(OWNER, "Anna")),
    )
    with database.read() as session:
        found = index.profile(session, OWNER)
        assert found == index.RecordedProfile(
            OWNER,
            "Anna",
            "12D3",
            b"k" * 32,
            ("/ip4/127.0.0.1/tcp/1", "/dns4/example.org/tcp/2"),
            2,
        )
        assert index.profile(session, THIRD) is None
        assert [peers.name(session, who) for who in (OWNER, BUYER, THIRD)] == ["Anna", "Bob", ""]


STEPS: list[tuple[Any, str, int]] = [
    (funded(FIRST), "funded", 5_000),
    (revealed(FIRST), "revealed", 9_000),
    (exchange.Accepted(**about(FIRST)), "paid", 9_000),
    (exchange.Rated(**about(FIRST), scores=b"\4" * 6, review=b"r" * 32), "paid_rated", 9_000),
]


def test_an_order_follows_its_events(database: Database) -> None:
    reading, found = Index(database), None
    for number, (body, state, deadline) in enumerate(STEPS, 1):
        step = mined(number, body)
        reading.apply(step.events, [step.block], step.cursor)
        with database.read() as session:
            found = index.recorded_order(session, FIRST)
            assert index.recorded_order(session, SECOND) is None
        assert found is not None
        assert (found.state, found.deadline, found.block) == (state, deadline, number)
        assert (found.funded_at, found.changed_at) == (1_001, 1_000 + number)
    assert found is not None
    assert (found.owner, found.buyer, found.price) == (OWNER, BUYER, BIG)
    assert (found.secret, found.scores) == (b"s" * 32, b"\4" * 6)


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (confirmed(FIRST), "paid_rated"),
        (exchange.Refunded(**about(FIRST), by_owner=True), "refunded"),
        (
            exchange.Complained(
                **about(FIRST), index=2**32 - 1, mask=b"m" * 32, delivery_root=b"x" * 32
            ),
            "refunded",
        ),
    ],
)
def test_an_order_ends_at_once(database: Database, ending: Any, state: str) -> None:
    credited = exchange.Credited(order_id=FIRST, account=OWNER, token=TOKEN, amount_units=BIG)
    read(database, mined(1, funded(FIRST), ending, credited))
    with database.read() as session:
        found = index.recorded_order(session, FIRST)
        assert found is not None
        assert found.state == state
        bodies = [event.body for event in index.order_events(session, FIRST)]
        assert bodies == [funded(FIRST), ending, credited]
        assert index.order_events(session, FIRST, up_to_block=0) == []


def test_ratings_are_the_rated_orders_of_a_dataset_or_an_owner(database: Database) -> None:
    read(
        database,
        mined(1, funded(FIRST), funded(SECOND, dataset=SUN), funded(b"3" * 32)),
        mined(2, confirmed(SECOND, 2), confirmed(FIRST, 5)),
    )
    with database.read() as session:
        assert [one.order_id for one in index.ratings(session, WIND)] == [FIRST]
        assert [one.scores[0] for one in index.ratings_of(session, OWNER)] == [5, 2]
        assert index.ratings_of(session, BUYER) == []


def test_final_events_of_the_exchange_are_handed_out_once_and_in_order(
    database: Database,
) -> None:
    reading = read(
        database,
        mined(1, registered(), funded(FIRST)),
        mined(2, revealed(FIRST), profile(OWNER, "Ann")),
        mined(3, confirmed(FIRST)),
    )

    def final(after: int, block: int, limit: int = 9) -> tuple[list[int], list[Any]]:
        with database.read() as session:
            found = index.events_final(session, after, block, limit)
        return [seq for seq, _ in found], [event.body for _, event in found]

    seqs, happened = final(0, 2)
    assert happened == [funded(FIRST), revealed(FIRST)]
    assert final(0, 2, limit=1) == (seqs[:1], happened[:1])
    assert final(seqs[-1], 2) == ([], [])
    last, _ = final(seqs[-1], 3)
    reading.rewind(1)
    again = mined(2, revealed(FIRST), branch="other")
    reading.apply(again.events, [again.block], again.cursor)
    renewed, happened = final(last[-1], 9)
    assert happened == [revealed(FIRST)]
    assert renewed[0] > last[-1], "what is read again has a new number"


def test_what_is_kept_only_in_the_log_is_rewound_with_it(database: Database) -> None:
    bodies = (
        registry.Committed(account=OWNER, commitment=b"c" * 32),
        registry.Wanted(want=SECOND, account=OWNER, expires=2**64 - 1, content=b"wind"),
        registry.Unwanted(want=SECOND, account=OWNER),
        exchange.Deposited(account=OWNER, token=TOKEN, amount_units=BIG),
        exchange.Withdrawn(account=OWNER, token=TOKEN, amount_units=1, receiver=THIRD),
        exchange.EpochRaised(owner=OWNER, epoch=3),
        exchange.Acknowledged(**about(FIRST), delivery_root=b"x" * 32),
    )
    reading = read(database, mined(1), mined(2, *bodies))
    with database.read() as session:
        log = chainlog.above(session, 1)
    assert log == mined(2, *bodies).events
    reading.rewind(1)
    assert contents(database)["chain_events"] == []


def test_reading_goes_on_where_it_stopped(database: Database, path: Path) -> None:
    assert Index(database).cursor() is None
    assert Index(database).hashes() == {}
    one, two = mined(4, registered()), mined(9)
    read(database, one, two)
    database.close()
    again = Database.open(path)
    assert Index(again).cursor() == two.cursor
    assert Index(again).hashes() == {4: one.hash, 9: two.hash}
    again.close()


def test_only_recent_hashes_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.index.KEPT_BLOCKS", 3)
    reading = read(database, *(mined(number * 10) for number in range(1, 6)))
    assert list(reading.hashes()) == [30, 40, 50]


def test_events_and_cursor_are_stored_together_or_not_at_all(database: Database) -> None:
    reading = read(database, mined(1, registered()))
    torn = mined(2, profile(OWNER, "Ann"))
    twice = [*torn.events, *torn.events]
    with pytest.raises(IntegrityError):
        reading.apply(twice, [torn.block], torn.cursor)
    assert reading.cursor() == mined(1).cursor
    with database.read() as session:
        assert index.profile(session, OWNER) is None


def test_a_rewind_takes_the_orders_own_chain_events_back(database: Database) -> None:
    terms = ev.Proposal(TOKEN, 5, 2, 3, 4, 99, {}, "")
    history: list[Any] = [
        ev.RequestMade(1, OWNER, BUYER, WIND, 7, terms, b"", b"", 0),
        ev.OfferSigned(2, {"key_commit": "00" * 32}, b"", FIRST, terms),
        ev.Funded(1_005, 5, 5_000),
    ]
    order, effects = life.open_order("ab" * 16, "buyer", history[0])
    with database.begin() as session:
        orders.append(session, order, history[0], effects)
        for event in history[1:]:
            order, effects = life.advance(order, event)
            orders.append(session, order, event, effects)
    reading = read(database, mined(4), mined(5, funded(FIRST)), mined(6))
    reading.rewind(5)
    with database.read() as session:
        assert orders.list_orders(session)[0].stage == life.Stage.FUNDED
    reading.rewind(4)
    with database.read() as session:
        assert orders.list_orders(session)[0].stage == life.Stage.OFFERED
        assert index.recorded_order(session, FIRST) is None


def test_a_rewind_between_known_blocks_goes_back_to_the_one_before(database: Database) -> None:
    reading = Index(database)
    first, last = mined(3), mined(9)
    reading.apply(first.events, [], first.cursor)
    reading.apply([*mined(5, registered()).events, *mined(8).events], [], last.cursor)
    reading.rewind(7)
    assert reading.cursor() == first.cursor
    with database.read() as session:
        assert index.registration(session, WIND) is None, "block 5 will be read again"
    reading.rewind(2)
    assert reading.cursor() is None


# Rewind == never having seen


def happenings() -> st.SearchStrategy[Any]:
    dataset = st.sampled_from([WIND, SUN])
    order = st.sampled_from([FIRST, SECOND])
    person = st.sampled_from([OWNER, BUYER, THIRD])
    name = st.sampled_from(["Ann", "Bob", "", "Zoë"])
    return st.one_of(
        st.builds(registered, dataset),
        st.builds(
            registry.ListingUpdated,
            dataset=dataset,
            title=person,
            listing=st.builds(listed, name, st.integers(1, 9)),
        ),
        st.builds(registry.Withdrawn, dataset=dataset, title=person),
        st.builds(registry.TitleTransferred, dataset=dataset, sender=person, receiver=person),
        st.builds(profile, person, name),
        st.builds(registry.Committed, account=person, commitment=order),
        st.builds(funded, order, price=st.integers(1, 2**256 - 1)),
        st.builds(revealed, order),
        st.builds(confirmed, order, st.integers(1, 5)),
        st.builds(exchange.Accepted, order_id=order, owner=person, buyer=person),
        st.builds(
            exchange.Deposited,
            account=person,
            token=st.just(TOKEN),
            amount_units=st.integers(0, BIG),
        ),
    )


Branch = list[list[Any]]
branches = st.lists(st.lists(happenings(), max_size=4), max_size=8)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "fresh.sqlite")
    yield database
    database.close()


@given(
    history=st.lists(st.tuples(st.integers(-1, 8), branches), min_size=1, max_size=4),
    step=st.integers(1, 4),
    read_up_to=st.integers(0, 4),
)
@pytest.mark.parametrize("many", [1, starts.MANY])
@settings(
    max_examples=60 if JUDGED else 20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_any_reorganisations_the_record_is_that_of_the_last_chain(
    database: Database,
    fresh: Database,
    monkeypatch: pytest.MonkeyPatch,
    history: list[tuple[int, Branch]],
    step: int,
    read_up_to: int,
    many: int,
) -> None:
    """Each part of ``history`` is a fork: the block it leaves the chain at, and its blocks."""
    monkeypatch.setattr(starts, "MANY", many)
    monkeypatch.setattr(search, "AT_ONCE", search.AT_ONCE if many > 1 else 0)
    reading = Index(database)
    reading.rewind(-1)
    chain: list[Mined] = []
    for number, (fork, branch) in enumerate(history):
        chain = chain[: fork + 1]
        chain += [
            Mined(len(chain) + n, f"branch {number}", tuple(happened))
            for n, happened in enumerate(branch)
        ]
        reading.rewind(fork)
        follow(reading, chain, step)
        settle(database, read_up_to)
        assert_all_found(database)
    settle(database, 99)
    unforked = Index(fresh)
    unforked.rewind(-1)
    follow(unforked, chain, step=100)
    settle(fresh, 99)
    assert contents(database) == contents(fresh)
    assert reading.cursor() == unforked.cursor() == (chain[-1].cursor if chain else None)


def follow(reading: Index, chain: list[Mined], step: int) -> None:
    """Read on from the cursor, ``step`` blocks at a time, knowing only the last one's hash."""
    at = reading.cursor()
    start = at.block_number + 1 if at else 0
    for first in range(start, len(chain), step):
        some = chain[first : first + step]
        reading.apply([e for one in some for e in one.events], [], some[-1].cursor)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the record's tables, without the numbers that never come again."""
    with database.read() as session:
        return {
            name: rows(session, name)
            for name in ("chain_events", "registrations", "profiles", "chain_orders", "listings")
        }


def rows(session: Session, name: str) -> list[tuple[Any, ...]]:
    columns = [column for column in Base.metadata.tables[name].c if column.name != "seq"]
    return sorted((tuple(row) for row in session.execute(select(*columns))), key=repr)


def test_the_comparison_sees_a_single_difference(database: Database, fresh: Database) -> None:
    read(database, mined(0, registered()))
    read(fresh, mined(0, replace(registered(), committed_at=901)))
    assert contents(database) != contents(fresh)
