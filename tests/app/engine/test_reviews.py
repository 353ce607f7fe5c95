"""Words behind ratings: given only of what is on record, asked of owner and buyer over real
sockets, and believed only if they are those on record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
import trio

from app.domain import commands as cmd
from app.engine.letters import Letters
from app.engine.reviews import Reviews
from app.store import reviews as rows
from app.store.database import Database
from app.store.index import Index
from chain import agreement
from p2p.errors import Unreachable
from p2p.host import Peer
from p2p.reviews import Document, Wanted
from tests.app.store.conftest import database, path
from tests.app.store.happenings import (
    BUYER,
    OWNER,
    THIRD,
    WIND,
    confirmed,
    funded,
    mined,
    registered,
)
from tests.p2p.people import Person, on_line

__all__ = ["database", "path"]

FIRST, SECOND = b"1" * 32, b"2" * 32
SAID: Document = {"lading": 1, "words": "As described."}
ALSO: Document = {"lading": 1, "words": "Late."}
ANYBODY = Peer("anybody", "peer", bytes(32))


@pytest.fixture(autouse=True)
def record(database: Database) -> None:
    """Two rated orders; nobody's words are here."""
    said = [(FIRST, SAID), (SECOND, ALSO)]
    rated = [
        replace(confirmed(order), review=agreement.review_hash(review)) for order, review in said
    ]
    bodies = [registered(), *(funded(order) for order, _ in said), *rated]
    for number, body in enumerate(bodies, start=1):
        block = mined(number, body)
        Index(database).apply(block.events, [block.block], block.cursor)


def wanted(order: bytes, review: Document) -> Wanted:
    return Wanted(order, agreement.review_hash(review))


def words(database: Database) -> list[str | None]:
    with database.read() as session:
        return [rows.read(session, agreement.review_hash(one))[0] for one in (SAID, ALSO)]


def test_only_what_is_on_record_is_given(database: Database) -> None:
    ours = Reviews(database, OWNER, lambda: None)
    draft: Document = {"lading": 1, "words": "Not published."}
    with database.begin() as session:
        for one in (SAID, draft):
            rows.keep(session, agreement.review_hash(one), one)

    def given(asked: Wanted) -> Document | None:
        return trio.run(ours.give, ANYBODY, asked)

    assert given(wanted(FIRST, SAID)) == SAID
    assert given(wanted(SECOND, ALSO)) is None, "it is not here"
    assert given(wanted(SECOND, SAID)) is None, "it is of another order"
    assert given(wanted(FIRST, draft)) is None, "it is kept and no rating"
    assert given(wanted(b"3" * 32, SAID)) is None, "there is no such order"


class Where:
    """As much of `Letters` as is asked here: where two people are."""

    def __init__(self, people: dict[str, Person]) -> None:
        self._people = people

    def whereabouts(self, identity: str) -> tuple[str, tuple[str, ...]]:
        person = self._people.get(identity)
        if person is None:
            raise Unreachable("It has not said yet where it can be reached.")
        return person.peer_id, person.addresses


def ask(database: Database, address: str, people: dict[str, Person]) -> list[str]:
    """Ask everybody; the states that were shown meanwhile."""
    states: list[str] = []
    ours = Reviews(database, address, lambda: states.append(ours.state(WIND)))

    async def run() -> None:
        me = Person("me")
        async with on_line(me, *people.values()):
            ours.connect(me.host, cast(Letters, Where(people)))
            with trio.fail_after(30):
                await ours.ask(cmd.AskReviews(WIND.hex()))

    trio.run(run)
    return states


def holding(name: str, *documents: tuple[Wanted, Any]) -> Person:
    person = Person(name)
    person.reviews = dict(documents)
    return person


def test_the_owner_is_asked_and_then_who_wrote_what_it_has_not(database: Database) -> None:
    owner = holding(OWNER, (wanted(FIRST, SAID), SAID))
    buyer = holding(BUYER, (wanted(SECOND, ALSO), ALSO))
    states = ask(database, THIRD, {OWNER: owner, BUYER: buyer})
    assert words(database) == ["As described.", "Late."]
    assert states == ["asking", "asking", "asking", "asked"], "shown as they come"


def test_what_came_is_not_asked_for_again(database: Database) -> None:
    owner = holding(OWNER, (wanted(FIRST, SAID), SAID), (wanted(SECOND, ALSO), ALSO))
    ask(database, THIRD, {OWNER: owner})
    assert ask(database, THIRD, {OWNER: holding(OWNER)}) == ["asking", "asked"]
    assert words(database) == ["As described.", "Late."]


def test_a_lie_of_the_owner_keeps_nothing_and_nobody_else_from_answering(
    database: Database,
) -> None:
    owner = holding(OWNER, (wanted(SECOND, ALSO), SAID | {"words": "<b>Splendid!</b>"}))
    buyer = holding(BUYER, (wanted(FIRST, SAID), SAID))
    ask(database, THIRD, {OWNER: owner, BUYER: buyer})
    assert words(database) == ["As described.", None]


def test_somebody_else_in_the_owners_place_is_asked_nothing(database: Database) -> None:
    stranger = holding("somebody else", (wanted(FIRST, SAID), SAID))
    ask(database, THIRD, {OWNER: stranger})
    assert words(database) == [None, None]


def test_nobody_there_is_an_answer_too(database: Database) -> None:
    assert ask(database, THIRD, {}) == ["asking", "asked"]
    assert words(database) == [None, None]


def test_who_is_owner_or_buyer_does_not_ask_itself(database: Database) -> None:
    me = holding(OWNER, (wanted(FIRST, SAID), SAID))
    ask(database, OWNER, {OWNER: me})
    assert words(database) == [None, None]
