"""Wanted: posted within its limits, told once to whose data fits, answered, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain import wants as rules
from app.domain.commands import AnswerWant, BlockParty, PostWant, TakeBackWant
from app.domain.errors import RuleError
from app.domain.snapshots.shell import Notice
from app.domain.wants import Want
from app.engine import wanting
from app.engine.private import Private
from app.engine.texting import Texting
from app.engine.wanting import Wanting, matches, on_offer
from app.store import datasets, settings, texts, wants
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.index import Index
from chain import registry_events as registry
from chain.answers import Block
from chain.indexer import Advance
from chain.listing import decode_listing, encode_listing
from tests.app.store.happenings import (
    BUYER,
    OWNER,
    SUN,
    THIRD,
    WIND,
    listed,
    mined,
    registered,
    sold,
)

NOW, LATER = 1_002, 90_000
MOVED = Advance(Block(9, bytes(32), 9), 1, None, done=True)
WANT = Want(title="Wind speeds", field="energy")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(tmp_path / "lading.sqlite")
    yield made
    made.close()


class Office:
    """An owner's app without a network: what was to be recorded, and what was told."""

    def __init__(self, database: Database, me: str = OWNER) -> None:
        self.wanted: list[tuple[str, str]] = []
        self.told: list[Notice] = []
        ledger: Any = SimpleNamespace(now=NOW)
        entries: Any = SimpleNamespace(want=lambda key, what, **_: self.wanted.append((key, what)))
        texting = Texting(database, ledger, lambda: None)
        self.wanting = Wanting(database, ledger, entries, me, texting, self.told.append)


def read(database: Database, number: int, *bodies: Any) -> Index:
    index, block = Index(database), mined(number, *bodies)
    index.apply(block.events, [block.block], block.cursor)
    return index


def said(want_id: bytes = b"1" * 32, want: Want = WANT, expires: int = LATER) -> registry.Wanted:
    content = encode_listing(rules.document(want))
    return registry.Wanted(want=want_id, account=BUYER, expires=expires, content=content)


@pytest.fixture
def office(database: Database) -> Office:
    """Who has "Wind: Speeds" on offer, and something that is not its own any more."""
    read(database, 1, registered(), registered(SUN, listing=listed("Wind speeds")))
    read(database, 2, registry.TitleTransferred(dataset=SUN, sender=OWNER, receiver=THIRD))
    with database.begin() as session:
        for n, dataset in enumerate((WIND, SUN)):
            own = OwnDataset(key=f"{n:032x}", path="x", made_at=1, state="registered")
            datasets.save(session, replace(own, dataset_id=dataset))
    return Office(database)


def test_a_want_is_posted_as_it_will_be_read(database: Database, office: Office) -> None:
    office.wanting.post(PostWant(WANT, 7))
    ((key, what),) = office.wanted
    with database.read() as session:
        kept = settings.get(session, f"entry:{key}")
    assert (what, kept["expires"]) == ("want", NOW + 7 * 86_400)
    assert rules.read(decode_listing(bytes.fromhex(kept["content"]))) == WANT


@pytest.mark.parametrize("post", [PostWant(Want(), 7), PostWant(WANT, 0), PostWant(WANT, 400)])
def test_what_is_no_want_is_refused(office: Office, post: PostWant) -> None:
    with pytest.raises(RuleError):
        office.wanting.post(post)
    assert office.wanted == []


@pytest.mark.parametrize("columns", [0, rules.MOST_COLUMNS])
def test_what_is_too_long_for_the_record_is_refused(office: Office, columns: int) -> None:
    """What it takes packed counts: as many letters of one kind fit. With so many columns it would
    not even be a listing."""
    drawn = Random(1)

    def any_letters(count: int) -> str:
        return "".join(chr(drawn.randint(0x10000, 0x10FFFD)) for _ in range(count))

    plain = replace(WANT, what="龥" * 2000, columns=("龥" * 80,) * columns)
    office.wanting.post(PostWant(plain, 7))
    assert len(office.wanted) == 1
    names = tuple(any_letters(80) for _ in range(columns))
    with pytest.raises(RuleError) as refused:
        office.wanting.post(PostWant(replace(plain, what=any_letters(2000), columns=names), 7))
    assert (refused.value.code, len(office.wanted)) == ("want.long", 1)


def test_whose_data_fits_is_told_once(database: Database, office: Office) -> None:
    read(
        database,
        3,
        said(),
        said(b"2" * 32, replace(WANT, field="finance")),
        said(b"3" * 32, expires=NOW),
        registry.Wanted(want=b"4" * 32, account=BUYER, expires=LATER, content=b"\xff"),
        replace(said(b"5" * 32), account=OWNER),
    )
    office.wanting.advanced(MOVED)
    office.wanting.advanced(MOVED)
    (notice,) = office.told
    assert (notice.kind, notice.code, notice.about) == ("news", "want.match", "31" * 32)
    assert notice.values == {"title": "Wind speeds", "dataset": "Wind"}


def test_where_nobody_wants_anything_my_datasets_are_not_looked_through(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_: object) -> None:
        raise AssertionError("there is nothing to compare with")

    monkeypatch.setattr(wanting, "on_offer", looked)
    office.wanting.advanced(MOVED)
    assert office.told == []


def test_stars_of_a_ring_are_no_reason(database: Database, office: Office) -> None:
    """Those of a buyer who sells nothing back are."""
    read(database, 3, said())

    def reasons() -> list[str]:
        with database.read() as session:
            (want,) = wants.standing(session, NOW)
            ((_, found),) = matches(want, on_offer(session, OWNER))
        return [reason.what for reason in found]

    read(database, 4, *sold(b"1" * 32, OWNER, THIRD, WIND, 5))
    assert "rating" in reasons()
    index = read(database, 5, *sold(b"2" * 32, THIRD, OWNER, SUN, 5))
    assert "rating" not in reasons()
    index.rewind(4)
    assert "rating" in reasons()


def test_nobody_hides_a_want_behind_many_of_its_own(database: Database, office: Office) -> None:
    many = [
        replace(said(number.to_bytes(32, "big"), Want(title="Anything")), account=THIRD)
        for number in range(wants.MOST_OF_ONE + 1, 2 * wants.MOST_COMPARED)
    ]
    read(database, 3, said())
    read(database, 4, *many)
    office.wanting.advanced(MOVED)
    assert [notice.about for notice in office.told] == ["31" * 32]
    with database.read() as session:
        found = wants.standing(session, NOW)
    assert [one.account for one in found] == [THIRD] * wants.MOST_OF_ONE + [BUYER]


def test_of_the_blocked_nothing_is_told(database: Database, office: Office) -> None:
    Private(database, OWNER, lambda: None).block(BlockParty(BUYER, True))
    read(database, 3, said())
    office.wanting.advanced(MOVED)
    assert office.told == []


def test_an_answer_is_a_text_about_the_dataset(database: Database, office: Office) -> None:
    read(database, 3, said())
    thread = office.wanting.answer(AnswerWant("31" * 32, WIND.hex(), " I have it. "))
    with database.read() as session:
        (line,) = texts.for_thread(session, thread)
    assert (line.other, line.dataset, line.text) == (BUYER, WIND.hex(), "I have it.")
    for command in (
        AnswerWant("31" * 32, SUN.hex(), "not mine"),
        AnswerWant("99" * 32, WIND.hex(), "nobody wants it"),
    ):
        with pytest.raises(RuleError):
            office.wanting.answer(command)


def test_only_ones_own_want_is_taken_back(database: Database, office: Office) -> None:
    read(database, 3, said(), replace(said(b"5" * 32), account=OWNER))
    with pytest.raises(RuleError):
        office.wanting.take_back(TakeBackWant("31" * 32))
    office.wanting.take_back(TakeBackWant("35" * 32))
    assert office.wanted == [(f"unwant:{'35' * 32}", "unwant")]


def test_the_board_follows_the_record(database: Database) -> None:
    def standing() -> list[bytes]:
        with database.read() as session:
            return [one.want_id for one in wants.standing(session, NOW)]

    read(database, 1, said())
    index = read(database, 2, said(b"2" * 32), said(b"3" * 32, expires=NOW))
    assert standing() == [b"2" * 32, b"1" * 32]
    read(database, 3, registry.Unwanted(want=b"1" * 32, account=THIRD))
    assert standing() == [b"2" * 32, b"1" * 32], "somebody else's word"
    read(database, 4, registry.Unwanted(want=b"1" * 32, account=BUYER))
    assert standing() == [b"2" * 32]
    index.rewind(3)
    assert standing() == [b"2" * 32, b"1" * 32]
    index.rewind(0)
    assert standing() == []
