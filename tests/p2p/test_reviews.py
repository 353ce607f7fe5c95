"""Anybody may ask for the words behind a rating; nothing but those words is believed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785
import trio
import trio.testing

from p2p import reviews
from p2p.errors import PeerError, Unreachable
from p2p.host import Peer
from p2p.limits import MESSAGE_BYTES, TALK_BURST, TALK_BYTES, TALK_PER_SECOND
from p2p.pace import Pace
from p2p.reviews import Document, Wanted
from tests.p2p.people import Person, on_line, text
from tests.p2p.streams import wire_pair

ANNA = Peer("anna", "peer a", bytes(32))
ORDER = b"o" * 32


def wanted(document: Document) -> Wanted:
    return Wanted(ORDER, hashlib.sha256(rfc8785.dumps(document)).digest())


def words(said: str) -> Document:
    return {"lading": 1, "words": said}


GOOD = words("As described.")


@pytest.mark.trio
async def test_a_stranger_is_told_what_is_here_and_that_the_rest_is_not() -> None:
    anna, ben = Person("anna"), Person("ben")
    some = [words(f"number {i}") for i in range(5)]
    some.append(words('<img src="http://10.0.0.1/x"> \x00\x1b[31m'))  # for the caller to judge
    ben.reviews = {wanted(one): one for one in some[1:]}
    got: list[Document] = []
    async with on_line(anna, ben):
        await anna.host.fetch_reviews(
            ben.peer_id,
            ben.addresses,
            [wanted(one) for one in some],
            lambda asked, document: got.append(document),
            identity="ben",
        )
    assert got == some[1:]


@pytest.mark.trio
async def test_an_app_that_does_not_know_the_question_says_so_and_goes_on_talking() -> None:
    anna, ben = Person("anna"), Person("ben")
    spoken = (one for one in ben.host._protocols if one != reviews.PROTOCOL)
    ben.host._protocols = tuple(spoken)
    got: list[Document] = []
    async with on_line(anna, ben):
        with pytest.raises(Unreachable):
            await anna.host.fetch_reviews(
                ben.peer_id, ben.addresses, [wanted(GOOD)], lambda _, said: got.append(said)
            )
        await anna.say(ben, text())
    assert len(ben.inbox) == 1
    assert not got


def answer(document: Any, **changes: Any) -> bytes:
    return rfc8785.dumps({"v": 1, "type": "words", "document": document} | changes)


def nested(deep: int) -> Document:
    document: Document = {}
    for _ in range(deep):
        document = {"a": document}
    return document


@pytest.mark.trio
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(GOOD, answer(words("Very bad.")), id="another review"),
        pytest.param(GOOD, answer(words("As described.\x00")), id="control characters added"),
        pytest.param(GOOD, answer(words("<b>As described.</b>")), id="markup added"),
        pytest.param(GOOD, answer(GOOD | {"price": 1}), id="something added"),
        pytest.param(GOOD, answer([GOOD]), id="no object"),
        pytest.param(GOOD, answer("As described."), id="bare words"),
        pytest.param(GOOD, answer(GOOD, more=1), id="more fields"),
        pytest.param(GOOD, answer(GOOD, type="review"), id="another kind"),
        pytest.param(GOOD, answer(GOOD, v=2), id="another version"),
        pytest.param(GOOD, answer(GOOD).replace(b":", b": "), id="another form"),
        pytest.param(nested(17), answer(nested(17)), id="too deep"),
        pytest.param(nested(5000), b'{"a":' * 5000, id="no end"),
        pytest.param(words("x" * MESSAGE_BYTES), answer(words("x" * MESSAGE_BYTES)), id="long"),
        pytest.param(GOOD, b"\x01" + bytes(32), id="no JSON"),
    ],
)
async def test_nothing_but_the_review_on_record_is_believed(asked: Any, said: bytes) -> None:
    one, other = wire_pair()
    review = b"r" * 32 if len(said) == 25_000 else wanted(asked).review
    got: list[Document] = []

    async def lie() -> None:
        await other.read_object()
        await other.write(said)

    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lie)
            with pytest.raises(PeerError):
                await reviews.fetch(one, [Wanted(ORDER, review)], lambda _, it: got.append(it))
    assert not got


@pytest.mark.trio
@pytest.mark.parametrize(
    "question",
    [
        {"v": 1, "type": "review", "order": "00" * 32},
        {"v": 1, "type": "review", "order": "00" * 32, "review": "00" * 31},
        {"v": 1, "type": "review", "order": "00" * 32, "review": "AA" * 32},
        {"v": 1, "type": "review", "order": "00" * 32, "review": None},
        {"v": 1, "type": "review", "order": "zz" * 32, "review": "00" * 32},
        {"v": 1, "type": "list", "order": "00" * 32, "review": "00" * 32},
        {"v": 1, "type": "review", "order": "00" * 32, "review": "00" * 32, "all": True},
    ],
)
async def test_what_is_no_question_ends_the_stream(question: dict[str, Any]) -> None:
    one, other = wire_pair()

    async def give(peer: Peer, asked: Wanted) -> Document | None:
        raise AssertionError("nothing was asked")

    await one.write(rfc8785.dumps(question))
    with pytest.raises(PeerError):
        await reviews.serve(other, ANNA, give, Pace(TALK_BURST, TALK_PER_SECOND))


@pytest.mark.trio
async def test_who_asks_without_end_waits(autojump_clock: trio.testing.MockClock) -> None:
    """As long as for messages; a long answer counts as several."""
    one, other = wire_pair()
    long = words("x" * (3 * TALK_BYTES))
    pace = Pace(TALK_BURST, TALK_PER_SECOND)

    async def give(peer: Peer, asked: Wanted) -> Document | None:
        return long

    begun = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reviews.serve, other, ANNA, give, pace)
        await reviews.fetch(one, [wanted(long)] * TALK_BURST, lambda _, document: None)
        nursery.cancel_scope.cancel()
    assert trio.current_time() - begun == pytest.approx(3 * TALK_BURST / TALK_PER_SECOND, rel=0.05)
