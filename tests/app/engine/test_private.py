"""What a person keeps to itself: kept here only, found in Browse, and at the door."""

from __future__ import annotations

import pytest
import trio

from app.domain.commands import BlockParty, KeepContact, WriteNote
from app.domain.errors import RuleError
from app.domain.finding_commands import Search
from app.domain.snapshots.people import Person
from app.engine.private import LONGEST_LABEL, LONGEST_NOTE, MOST_LABELS, Private
from app.engine.projections import wants
from app.engine.projections.frame import Frame, short_code
from app.engine.projections.order_page import order_page
from app.store import private
from app.store.database import Database
from app.store.index import Index
from chain import registry_events as registry
from chain.answers import Block
from p2p import messages as m
from p2p.errors import PeerError
from tests.app.engine.sides import BUYER, DATASET, NOW, THREAD, Pair, counter, message_id, request
from tests.app.engine.test_finding import database, running
from tests.app.store.happenings import OWNER, SUN, THIRD, WIND, listed, mined, registered
from tests.app.store.test_answers import asked

__all__ = ["database"]


def test_notes_contacts_and_blocks_are_kept_side_by_side(database: Database) -> None:
    mine = Private(database, OWNER, lambda: None)
    mine.write(WriteNote("ab" * 32, "  gaps in May ", ("energy", " energy", "", "later")))
    mine.contact(KeepContact(THIRD, True))
    mine.block(BlockParty(THIRD, True))
    mine.contact(KeepContact(THIRD, False))
    with database.read() as session:
        assert private.everything(session) == {
            THIRD: private.Private(blocked=True),
            "ab" * 32: private.Private("gaps in May", ("energy", "later")),
        }
    mine.block(BlockParty(THIRD, False))
    mine.write(WriteNote("ab" * 32, "", ()))
    with database.read() as session:
        assert private.everything(session) == {}


@pytest.mark.parametrize(
    "command",
    [
        WriteNote("ab" * 32, "x" * (LONGEST_NOTE + 1)),
        WriteNote("ab" * 32, "", ("x" * (LONGEST_LABEL + 1),)),
        WriteNote("ab" * 32, "", tuple(str(n) for n in range(MOST_LABELS + 1))),
    ],
)
def test_what_is_too_long_is_refused(database: Database, command: WriteNote) -> None:
    with pytest.raises(RuleError):
        Private(database, OWNER, lambda: None).write(command)
    with database.read() as session:
        assert private.everything(session) == {}


def test_nobody_blocks_themselves(database: Database) -> None:
    with pytest.raises(RuleError, match="yourself"):
        Private(database, OWNER, lambda: None).block(BlockParty(OWNER, True))


def test_browse_hides_the_blocked_and_finds_contacts_and_labels(database: Database) -> None:
    block = mined(
        1,
        registered(WIND, listing=listed("Wind")),
        registered(SUN, registrant=THIRD, listing=listed("Sun")),
    )
    Index(database).apply(block.events, [block.block], block.cursor)

    async def main() -> None:
        async with running(database) as shown:
            mine = Private(database, "", shown.finding.look)
            await shown.see(Search(), 2)
            mine.block(BlockParty(THIRD, True))
            assert [card.title for card in (await shown.see(Search(), 1)).cards] == ["Wind"]
            mine.block(BlockParty(THIRD, False))
            await shown.see(Search(), 2)
            mine.contact(KeepContact(THIRD, True))
            contacts = Search(contacts_only=True)
            shown.ask(contacts)
            assert [card.title for card in (await shown.see(contacts, 1)).cards] == ["Sun"]
            mine.write(WriteNote(WIND.hex(), "", ("later",)))
            labelled = Search(label="later")
            shown.ask(labelled)
            found = await shown.see(labelled, 1)
            assert ([card.title for card in found.cards], found.labels) == (["Wind"], ("later",))
            neither = Search(label="never")
            shown.ask(neither)
            await shown.see(neither, 0)

    trio.run(main)


def test_who_is_blocked_is_refused_at_the_door_until_it_is_undone(pair: Pair) -> None:
    side = pair.owner
    mine = Private(side.database, side.identity.address, lambda: None)
    mine.block(BlockParty(BUYER.address, True))
    text = m.Text(id=message_id("text"), thread=THREAD, text="Hello?")
    for message in (request(), text):
        with pytest.raises(PeerError, match="not taken"):
            side.hears(BUYER, message)
    assert side.order() is None
    mine.block(BlockParty(BUYER.address, False))
    side.hears(BUYER, request())
    side.hears(BUYER, text)
    assert side.order() is not None
    mine.block(BlockParty(BUYER.address, True))
    with pytest.raises(PeerError, match="not taken"):
        side.hears(BUYER, counter())
    side.hears(BUYER, m.Decline(id=message_id("decline"), thread=THREAD, note=""))


def test_a_buyer_without_data_is_shown_as_blocked_wherever_one_meets_them(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = pair.owner
    side.hears(BUYER, request())
    for number in (1, 2, 3):
        account = THIRD if number == 1 else BUYER.address
        want = registry.Wanted(
            want=bytes([number]) * 32, account=account, expires=NOW + 9, content=b""
        )
        side.reads(Block(20 + number, bytes([number]) * 32, NOW - 9), want)
    mine = Private(side.database, side.identity.address, lambda: None)

    def shown() -> tuple[Person, list[tuple[str, str, bool]]]:
        with side.database.glance() as session, asked() as statements:
            frame = Frame(session, side.ledger, None)
            page = order_page(frame, THREAD)
            board = wants.board(frame).wants
        assert sum(" private" in one for one in statements) == 1, "what is kept is read once"
        assert page is not None
        return page.person, [(one.want[:2], one.by, one.person.blocked) for one in board]

    name, third = short_code(BUYER.address), short_code(THIRD)
    assert shown() == (
        Person(BUYER.address, name, name),
        [("03", name, False), ("02", name, False), ("01", third, False)],
    )
    mine.write(WriteNote(BUYER.address, "asks twice", ("slow",)))
    mine.contact(KeepContact(BUYER.address, True))
    mine.block(BlockParty(BUYER.address, True))
    monkeypatch.setattr(wants, "MOST_SHOWN", 1)  # no number of others hides who is blocked
    assert shown() == (
        Person(BUYER.address, name, name, True, True, "asks twice", ("slow",)),
        [("01", third, False), ("03", name, True)],
    )


def test_a_question_says_who_asks(pair: Pair) -> None:
    side = pair.owner
    question = m.Text(id=message_id("question"), thread=THREAD, dataset=DATASET, text="Since when?")
    side.hears(BUYER, question)
    Private(side.database, side.identity.address, lambda: None).block(
        BlockParty(BUYER.address, True)
    )
    with side.database.read() as session:
        page = order_page(Frame(session, side.ledger, None), THREAD)
    assert page is not None
    assert (page.person.address, page.person.blocked) == (BUYER.address, True)
