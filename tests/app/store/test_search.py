"""Searching listings: words of two languages, filters, order, and the index that follows."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import wording
from app.domain.terms import TermsChoice
from app.store import index, ratings, search, seeking
from app.store.database import Database
from app.store.index import Index
from app.store.search import Wanted
from app.store.seeking import Order, Seeking
from chain import exchange_events as exchange
from chain import registry_events as registry
from chain.listing import encode_listing
from tests.app.store.happenings import (
    BUYER,
    OWNER,
    SUN,
    THIRD,
    TOKEN,
    WIND,
    confirmed,
    funded,
    listed,
    mined,
    registered,
    sold,
)
from tests.app.store.plans import plans
from tests.app.store.test_index import read

ORDER = b"1" * 32


def seek(database: Database, order: Order = "newest", words: str = "", **wanted: Any) -> Seeking:
    made = Seeking(Wanted(words=tuple(wording.asked(words)), **wanted), order)
    with database.read() as session:
        while not made.done:
            made.step(session)
    return made


def found(database: Database, words: str = "", order: Order = "newest", **wanted: Any) -> list[str]:
    numbers = seek(database, order, words, **wanted).numbers()
    with database.read() as session:
        return [dataset.title for dataset in index.by_numbers(session, numbers)]


def dataset(n: int, **said: Any) -> registry.Registered:
    return registered(bytes([n]) * 32, listing=listed(**said))


@pytest.fixture(params=[search.FEW, -1], ids=["few", "many"])
def shop(
    database: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Database:
    """Filters leave few of these five, or too many to be looked at one by one."""
    monkeypatch.setattr(search, "FEW", request.param)
    read(
        database,
        mined(1, dataset(1, title="Wind in Ost", price=5, what="10 % steps")),
        mined(2, dataset(2, title="Sun", price=7, field="weather", region="", what="No wind")),
        mined(3, dataset(3, title="WIND atlas", price=10**20, period="2020 east")),
        mined(4, registered(b"\4" * 32, listing=b"not a listing")),
        mined(5, dataset(5, title="上海电力负荷", price=3, what="每小时的数据", region="上海")),
    )
    return database


def test_words_of_both_languages_are_found(shop: Database) -> None:
    assert found(shop) == ["上海电力负荷", "", "WIND atlas", "Sun", "Wind in Ost"]
    assert found(shop, "wind") == ["WIND atlas", "Sun", "Wind in Ost"]
    assert found(shop, "  EAST  wind ") == ["WIND atlas"]
    assert found(shop, "wind sun atlas") == []
    assert found(shop, "10 %") == ["Wind in Ost"]
    for asked in ("电", "电力", "上海电力", "负荷 数据", "小时"):
        assert found(shop, asked) == ["上海电力负荷"], asked
    assert found(shop, "力电") == []
    assert found(shop, "天气") == []


def test_the_word_that_is_being_typed_is_found_by_its_beginning(shop: Database) -> None:
    assert found(shop, "atl") == ["WIND atlas"]
    assert found(shop, "atl ") == [], "it was ended, and is no word"
    assert found(shop, "at") == [], "too short to begin anything"


@pytest.mark.parametrize("word", ["electrification", "Énergétique", "ЭНЕРГЕТИКА"])
def test_every_beginning_of_a_word_is_one(database: Database, word: str) -> None:
    """The index knows some lengths of them as words of their own."""
    read(database, mined(1, dataset(1, title=word), dataset(2, title="Wind", what=f"a {word}")))
    for length in range(wording.LEAST_BEGINNING, len(word) + 1):
        assert found(database, word[:length], "best") == [word, "Wind"]
        assert found(database, word[:length] + "x") == []


@pytest.mark.parametrize(
    "sign", ["%", '"', "* OR *", "title:", "(", "NEAR(a b)", "-", "'; --", "\0"]
)
def test_signs_of_the_query_language_are_only_signs(shop: Database, sign: str) -> None:
    found(shop, sign)
    found(shop, f"wind {sign}")


def test_filters_leave_out_what_does_not_fit(shop: Database) -> None:
    assert found(shop, field="weather") == ["Sun"]
    assert found(shop, "wind", field="energy") == ["WIND atlas", "Wind in Ost"]
    assert found(shop, region="Europe") == ["WIND atlas", "Wind in Ost"]
    assert found(shop, most_price=7, token=TOKEN) == ["上海电力负荷", "Sun", "Wind in Ost"]
    assert found(shop, most_price=4, token=TOKEN) == ["上海电力负荷"]
    assert found(shop, "wind", most_price=4, token=TOKEN) == []
    assert found(shop, least_price=7, token=TOKEN) == ["WIND atlas", "Sun"]
    assert found(shop, most_price=7, token=THIRD) == []
    assert found(shop, owner=THIRD) == []
    assert len(found(shop, owner=OWNER)) == 5
    assert found(shop, holders=frozenset()) == []
    assert found(shop, hidden=frozenset([OWNER])) == []
    assert len(found(shop, hidden=frozenset([THIRD]))) == 5
    assert found(shop, most_length=1) == []
    assert found(shop, since=901) == []
    assert found(shop, tables=True) == []
    assert found(shop, licence="research") == []


def test_licence_and_tables_are_read_from_the_listing(database: Database) -> None:
    said = {"title": "T", "terms": {"use": "research"}, "columns": [["hour", "integer", 1000]]}
    read(database, mined(1, registered(listing=encode_listing(said))))
    assert TermsChoice().use != "research"
    assert found(database, licence="research") == ["T"]
    assert found(database, "hour", tables=True) == ["T"]


def test_order_is_by_age_price_or_where_the_words_stand(shop: Database) -> None:
    assert found(shop, "wind", "best") == ["WIND atlas", "Wind in Ost", "Sun"]
    cheap = ["上海电力负荷", "Wind in Ost", "Sun", "WIND atlas", ""]
    assert found(shop, "", "cheapest", token=TOKEN) == cheap
    assert found(shop, "", "dearest", token=TOKEN) == [*reversed(cheap[:-1]), ""]


def test_a_rating_counts_while_it_is_on_record(database: Database) -> None:
    reading = read(database, mined(1, registered()), mined(2, funded(ORDER)))
    assert found(database, rating=30) == []
    rated = mined(3, confirmed(ORDER, 4))
    reading.apply(rated.events, [rated.block], rated.cursor)
    assert found(database, rating=40) == ["Wind"]
    assert found(database, rating=41) == []
    reading.rewind(2)
    assert found(database, rating=10) == []


RINGS = [((OWNER, THIRD), (THIRD, OWNER)), ((OWNER, BUYER), (BUYER, THIRD), (THIRD, OWNER))]


@pytest.mark.parametrize("sales", [some for ring in RINGS for some in permutations(ring)])
def test_stars_of_a_ring_pass_no_filter_whichever_sale_closes_it(
    database: Database, sales: tuple[tuple[str, str], ...]
) -> None:
    """All that the owner sold is rated; the others sell something of no listing."""
    reading = read(database, mined(1, registered()))
    at = next(n for n, (seller, _) in enumerate(sales, 2) if seller == OWNER)
    for n, (seller, buyer) in enumerate(sales, 2):
        what = WIND if seller == OWNER else SUN
        block = mined(n, *sold(bytes([n]) * 32, seller, buyer, what, 5))
        reading.apply(block.events, [block.block], block.cursor)
        closed = n == len(sales) + 1
        assert found(database, rating=40) == (["Wind"] if at <= n and not closed else [])
    for n in range(len(sales), 1, -1):
        reading.rewind(n)
        assert found(database, rating=40) == (["Wind"] if at <= n else [])
        for late, (seller, buyer) in enumerate(sales[n - 1 :], n + 1):
            what = WIND if seller == OWNER else SUN
            again = mined(late, *sold(bytes([late]) * 32, seller, buyer, what, 5), branch=f"{n}")
            reading.apply(again.events, [again.block], again.cursor)
        assert found(database, rating=10) == []


def test_a_reorganisation_that_takes_more_than_one_sale_of_a_ring_gives_the_stars_back(
    database: Database,
) -> None:
    (_, *others) = RINGS[1]
    late = [
        event
        for n, (seller, buyer) in enumerate(others, 3)
        for event in sold(bytes([n]) * 32, seller, buyer, SUN, 1)
    ]
    rated = sold(ORDER, OWNER, BUYER, WIND, 5)
    reading = read(database, mined(1, registered()), mined(2, *rated), mined(3, *late))
    assert found(database, rating=10) == []
    reading.rewind(2)
    assert found(database, rating=50) == ["Wind"]


def test_listings_that_are_read_later_have_no_stars_of_a_ring(database: Database) -> None:
    count = search.AT_ONCE + 10
    wind, sun = ((n).to_bytes(32, "big") for n in (1, 2))
    ring = [*sold(ORDER, OWNER, THIRD, wind, 5), *sold(b"2" * 32, THIRD, OWNER, b"x" * 32, 5)]
    read(database, many(count), mined(2, *ring, *sold(b"3" * 32, OWNER, BUYER, sun, 4)))
    assert follow(database, count) == count
    assert found(database, rating=10) == ["Wind number2"]


PEOPLE = [OWNER, BUYER, THIRD, TOKEN]
"""Each has registered the dataset of its number."""


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_of_ratings_is_what_they_come_to(database: Database, seed: int) -> None:
    """Whatever is sold, paid, rated and taken back: a mean is kept as if it were asked for now."""
    chance = random.Random(seed)
    offers = {who: bytes([n]) * 32 for n, who in enumerate(PEOPLE, 1)}
    made = [registered(one, registrant=who) for who, one in offers.items()]
    reading = read(database, mined(1, *made))
    at, some_marked = 1, False
    for step in range(60):
        if at > 1 and chance.random() < 0.3:
            at = max(1, at - chance.randint(1, 4))
            reading.rewind(at)
        else:
            at += 1
            bodies = []
            for n in range(chance.randint(1, 3)):
                seller, buyer = chance.sample(PEOPLE, 2)
                order = bytes([step, n]) * 16
                bought, rated = sold(order, seller, buyer, offers[seller], chance.randint(1, 5))
                paid = exchange.Accepted(order_id=order, owner=seller, buyer=buyer)
                bodies += [bought, *chance.choice([[], [paid], [rated], [rated]])]
            block = mined(at, *bodies, branch=f"{step}")
            reading.apply(block.events, [block.block], block.cursor)
        with database.read() as session:
            rows = session.execute(text("SELECT number, rating FROM listings"))
            kept = {PEOPLE[number - 1]: stars for number, stars in rows}
            asked = {who: search.rating(session, one) for who, one in offers.items()}
            shown = [index.ratings(session, one) for one in offers.values()]
            some_marked |= any("ring" in ratings.marks(session, some) for some in shown)
        assert kept == asked
    assert some_marked


def test_whose_ratings_a_sale_changes_is_found_by_an_index(database: Database) -> None:
    read(database, mined(1, registered()), mined(2, *sold(ORDER, OWNER, THIRD, WIND, 5)))
    row = {"order_id": b"2" * 32, "scores": b"", "owner": THIRD, "buyer": OWNER, "state": "paid"}
    with database.read() as session:
        for before, after in (([row], []), ([], [row])):
            assert ratings.touched(session, before, after) == {WIND}
            found = plans(session, lambda s: ratings.touched(s, before, after))  # noqa: B023
            assert not [plan for plan in found if "SCAN r" in plan or "SCAN o" in plan]


def test_what_changes_is_found_as_it_is_now(database: Database) -> None:
    reading = read(database, mined(1, registered(), registered(SUN, listing=listed("Sun"))))
    happened = (
        (registry.ListingUpdated(dataset=WIND, title=OWNER, listing=listed("Breeze")), "breeze"),
        (registry.TitleTransferred(dataset=WIND, sender=OWNER, receiver=THIRD), "breeze"),
    )
    for n, (event, word) in enumerate(happened, 2):
        block = mined(n, event)
        reading.apply(block.events, [block.block], block.cursor)
        assert found(database, word) == ["Breeze"]
        assert found(database, "wind") == []
        assert found(database) == ["Sun", "Breeze"], "it keeps its place"
    assert found(database, owner=THIRD) == ["Breeze"]
    gone = mined(4, registry.Withdrawn(dataset=WIND, title=THIRD))
    reading.apply(gone.events, [gone.block], gone.cursor)
    assert found(database) == ["Sun"]
    assert found(database, "breeze") == []
    again = mined(5, registry.ListingUpdated(dataset=WIND, title=THIRD, listing=listed("Gale")))
    reading.apply(again.events, [again.block], again.cursor)
    assert found(database) == ["Sun", "Gale"]
    reading.rewind(1)
    assert found(database, "wind") == ["Wind"]
    assert found(database, "gale breeze") == []
    assert found(database) == ["Sun", "Wind"]
    reading.rewind(0)
    assert found(database) == []
    assert whole(database)


def whole(database: Database) -> bool:
    """Whether the full-text index is sound and, emptied of what is kept, holds nothing."""
    with database.begin() as session:
        session.execute(text("INSERT INTO listing_words(listing_words) VALUES('integrity-check')"))
        rows = session.execute(text("SELECT count(*) FROM listings")).scalar()
        words = session.execute(
            text("SELECT count(*) FROM listing_words WHERE listing_words MATCH 'marks : h*'")
        ).scalar()
        return rows == words


def many(count: int, block: int = 1) -> Any:
    return mined(
        block,
        *(
            registered(n.to_bytes(32, "big"), listing=listed(f"Wind number{n}", price=n + 1))
            for n in range(count)
        ),
    )


def follow(database: Database, most: int) -> int:
    with database.begin() as session:
        return search.follow(session, most)


def test_a_long_record_is_stored_first_and_read_later(database: Database) -> None:
    count = 2 * search.AT_ONCE + 40
    reading = read(database, many(count))
    with database.read() as session:
        assert search.state(session) == search.State(0, count)
        assert index.registration(session, (3).to_bytes(32, "big")) is not None
    assert found(database) == []
    assert follow(database, 50) == 50
    assert len(found(database, "wind")) == 50
    assert found(database, "number50") == []
    changed = registry.ListingUpdated(
        dataset=(60).to_bytes(32, "big"), title=OWNER, listing=listed("Sun")
    )
    block = mined(2, changed, registered(SUN))
    reading.apply(block.events, [block.block], block.cursor)
    with database.read() as session:
        assert search.state(session) == search.State(50, count + 1), "others wait before it"
    while follow(database, 50):
        pass
    assert len(found(database, "wind")) == count
    assert len(found(database)) == count + 1
    assert found(database, "sun") == ["Sun"]
    reading.rewind(1)
    assert len(found(database, "wind")) == count
    assert found(database, "sun") == []
    assert whole(database)


def test_a_fork_gives_numbers_out_again(database: Database) -> None:
    count = search.AT_ONCE + 10
    reading = read(database, mined(1, registered()), many(count, 2))
    follow(database, 10)
    reading.rewind(1)
    again = mined(2, registered(SUN, listing=listed("Sun")), branch="other")
    reading.apply(again.events, [again.block], again.cursor)
    assert found(database) == ["Sun", "Wind"]
    assert found(database, "number3") == []
    with database.read() as session:
        assert search.state(session) == search.State(2, 2)
    assert whole(database)


def test_more_than_can_be_shown_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "MOST", 10)
    monkeypatch.setattr(seeking, "FIRST_STRETCH", 7)
    read(database, many(10))
    for order in ("newest", "best"):
        every = seek(database, order, "wind")
        assert (len(every.found), every.more) == (10, False)
    extra = mined(2, registered(SUN, listing=listed("Wind sun")))
    Index(database).apply(extra.events, [extra.block], extra.cursor)
    for order in ("newest", "best"):
        every = seek(database, order, "wind")
        assert (len(every.found), every.more, every.numbers()[0]) == (10, True, 11)


def test_what_stands_in_titles_leaves_room_for_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest six say it in their titles, too, and are met again when the rest is looked at."""
    rest = (registered(bytes([n]) * 32, listing=listed("Sun", what="wind")) for n in range(6))
    titles = (registered(bytes([n]) * 32, listing=listed("Wind")) for n in range(6, 12))
    read(database, mined(1, *rest), mined(2, *titles))
    for most, more in ((12, False), (10, True)):
        monkeypatch.setattr(seeking, "MOST", most)
        every = seek(database, "best", "wind")
        assert every.numbers() == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1][:most]
        assert every.more is more


@given(titles=st.floats(0, 0.2), rest=st.floats(0, 0.2), million=st.floats(0, 4))
def test_steps_are_as_long_as_they_can_be_whatever_each_of_them_costs(
    titles: float, rest: float, million: float
) -> None:
    """Seconds that a step takes however short it is, first in titles and then in all; and what all
    of them take together for their length. Words that never meet cost the first only."""
    now, took = 0.0, [0.0]

    def hits(*_: object, titles: bool, least: int, below: int, **__: object) -> list[search.Hit]:
        nonlocal now
        took.append((below - least) * million / 1_000_000)
        now += took[-1] + each[titles]
        return []

    each = {True: titles, False: rest}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "state", lambda _: search.State(999_999, 999_999))
        patched.setattr(search, "hits", hits)
        patched.setattr(seeking, "time", SimpleNamespace(perf_counter=lambda: now))
        made = Seeking(Wanted(words=(("wind", False),)), "best")
        while not made.done:
            made.step(Session())
    steps = len(took) - 1
    assert sum(took) == pytest.approx(2 * million)
    assert steps <= 2 * (8 + million / seeking.QUICK_SECONDS)
    assert max(took) < 4 * seeking.SLOW_SECONDS + million * seeking.FIRST_STRETCH / 250_000


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(token=TOKEN, most_price=7),
        Wanted(token=TOKEN, least_price=7, words=(("wind", False),)),
        Wanted(most_length=10**9),
        Wanted(rating=10),
    ],
)
def test_filters_that_leave_few_have_indexes_and_nothing_else_uses_them(
    shop: Database, wanted: Wanted
) -> None:
    with shop.read() as session:
        among = search.few(session, wanted)
        (few,) = plans(session, lambda session: search.few(session, wanted))
        (hits,) = plans(
            session,
            lambda session: search.hits(
                session, wanted, titles=False, least=0, below=9, most=9, among=among
            ),
        )
    assert (among is None) == (search.FEW < 0)
    assert "USING COVERING INDEX ix_listings_" in few
    assert "ix_listings_" not in hits
    if among is not None:
        assert "SEARCH l USING INTEGER PRIMARY KEY (rowid=?)" in hits


def test_counts_are_of_what_was_found(shop: Database) -> None:
    seeking = seek(shop)
    assert seeking.counts("field", 5) == (("energy", 3), ("weather", 1))
    assert seeking.counts("region", 1) == (("Europe", 2),)


CHARACTERS = st.sampled_from("ab1 电力负荷上海,，。-_éß\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(CHARACTERS, max_size=12), st.text(CHARACTERS, min_size=1, max_size=6))
def test_what_is_part_of_a_title_is_among_its_words(before: str, part: str) -> None:
    title = f"{before} {part} 数"
    words = wording.words(title)
    for word, begins in wording.asked(part):
        assert word in words or (begins and any(one.startswith(word) for one in words))


def test_long_questions_are_cut() -> None:
    assert len(wording.asked(" ".join(f"w{n}" for n in range(99)))) == wording.MOST_WORDS
    assert all(len(word) <= wording.LONGEST_WORD for word in wording.words("x" * 5_000))


def test_a_price_beyond_the_column_fits_nothing_and_breaks_nothing(shop: Database) -> None:
    assert found(shop, least_price=2**200, token=TOKEN) == []


def test_replacing_the_same_listing_changes_nothing(shop: Database) -> None:
    before = found(shop)
    event = registry.ListingUpdated(
        dataset=b"\1" * 32, title=OWNER, listing=replace(dataset(1, title="Wind in Ost")).listing
    )
    block = mined(6, event)
    Index(shop).apply(block.events, [block.block], block.cursor)
    assert found(shop) == before
    assert whole(shop)
