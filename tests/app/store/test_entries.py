"""Record entries: one for a key, bytes before sending, and the way back when a block is dropped."""

from dataclasses import dataclass, replace

import pytest

from app.store import entries
from app.store.database import Database
from app.store.entries import Attempt, Entry
from app.store.index import Index
from chain.answers import Block
from chain.indexer import Cursor

TO = "0x" + "1" * 40
FIRST = Attempt(b"raw 1", b"1" * 32, 10**10, 5)
SECOND = Attempt(b"raw 2", b"2" * 32, 10**40, 25)


@dataclass(frozen=True)
class Receipt:
    hash: bytes = FIRST.hash
    block_number: int = 12
    block_hash: bytes = b"b" * 32
    gas_used: int = 55_000
    fee_wei: int = 10**19  # more than 64 bits


def wanted(database: Database, key: str = "fund:1", thread: str = "ab" * 16) -> Entry:
    with database.begin() as session:
        return entries.want(session, key, "fund", thread=thread, title="Wind", made_at=3)


def signed(database: Database, key: str = "fund:1", nonce: int = 4) -> Entry:
    id = wanted(database, key).id
    attempt = replace(FIRST, hash=key.encode().ljust(32))
    with database.begin() as session:
        return entries.signed(session, id, TO, b"call", 10**19, nonce, attempt)


def by_key(database: Database, key: str = "fund:1") -> Entry:
    with database.read() as session:
        entry = entries.by_key(session, key)
    assert entry is not None
    return entry


def test_the_same_key_is_the_same_entry(database: Database) -> None:
    entry = wanted(database)
    assert (entry.state, entry.attempts, entry.nonce, entry.data) == ("wanted", (), None, b"")
    assert wanted(database, thread="cd" * 16) == entry
    assert wanted(database, "fund:2").id != entry.id
    with database.read() as session:
        assert entries.by_key(session, "fund:3") is None


def test_attempts_are_kept_in_order_under_one_nonce(database: Database) -> None:
    id = wanted(database).id
    with database.begin() as session:
        entries.signed(session, id, TO, b"call", 10**19, 4, FIRST)
        entries.signed(session, id, TO, b"call", 10**19, 4, FIRST)  # a repeat adds nothing
        entry = entries.signed(session, id, TO, b"call", 10**19, 4, SECOND)
    assert entry == by_key(database)
    assert entry.attempts == (FIRST, SECOND)
    assert (entry.state, entry.nonce, entry.value_wei) == ("signed", 4, 10**19)
    with pytest.raises(ValueError, match="nonce 4, not 5"), database.begin() as session:
        entries.signed(session, id, TO, b"call", 10**19, 5, replace(SECOND, hash=b"3" * 32))
    assert by_key(database) == entry


def test_from_the_wish_to_the_final_block(database: Database) -> None:
    id = signed(database).id
    with database.begin() as session:
        entry = entries.recorded(session, id, Receipt(), 30)
    assert (entry.state, entry.recorded_at, entry.block_number) == ("recorded", 30, 12)
    assert (entry.tx_hash, entry.gas_used, entry.fee_wei) == (FIRST.hash, 55_000, 10**19)
    with database.read() as session:
        assert entries.unfinished(session) == [entry]
    with database.begin() as session:
        assert entries.final(session, id) == replace(entry, state="final")
        assert entries.unfinished(session) == []


def test_an_entry_the_contract_undid_still_cost_a_fee(database: Database) -> None:
    with database.begin() as session:
        never = entries.failed(session, wanted(database, "x").id, "not enough for the fee")
    with database.begin() as session:
        undone = entries.failed(session, signed(database, "y").id, "refused", Receipt())
    assert (never.state, never.problem, never.fee_wei) == ("failed", "not enough for the fee", None)
    assert (undone.state, undone.problem, undone.fee_wei) == ("failed", "refused", 10**19)


def test_entries_in_dropped_blocks_are_on_their_way_again(database: Database) -> None:
    blocks = {"final": 10, "recorded": 11, "failed": 12, "kept": 9}
    ids = {name: signed(database, name, nonce).id for nonce, name in enumerate(blocks)}
    signed(database, "not mined", 9)
    with database.begin() as session:
        for name, block in blocks.items():
            entries.recorded(session, ids[name], Receipt(block_number=block), 30)
        entries.final(session, ids["final"])
        entries.failed(session, ids["failed"], "refused", Receipt(block_number=12))
    kept = by_key(database, "kept")
    with database.begin() as session:
        again = entries.rewind(session, 9)
    assert [entry.key for entry in again] == ["final", "recorded", "failed"]
    for entry in again:
        assert entry == by_key(database, entry.key)
        assert (entry.state, entry.block_number, entry.tx_hash) == ("signed", None, None)
        assert (entry.problem, entry.fee_wei, len(entry.attempts)) == ("", None, 1)
    assert by_key(database, "kept") == kept
    with database.begin() as session:
        assert entries.rewind(session, 9) == []


def test_the_index_takes_entries_back_with_the_blocks_they_were_in(database: Database) -> None:
    """In one commit: a crash, or an endpoint that fails right after, must not leave them final."""
    reading = Index(database)
    for number in (9, 10):
        block = Block(number, bytes([number]) * 32, 1000 + number)
        reading.apply([], [block], Cursor(number, block.hash))
    kept, lost = signed(database, "kept", 1).id, signed(database, "lost", 2).id
    with database.begin() as session:
        for id, number in ((kept, 9), (lost, 10)):
            entries.recorded(session, id, Receipt(block_number=number), 30)
            entries.final(session, id)
    reading.rewind(9)
    assert (by_key(database, "kept").state, by_key(database, "lost").state) == ("final", "signed")


def test_entries_are_found_by_what_they_are_about(database: Database) -> None:
    with database.begin() as session:
        for n in range(4):
            entries.want(
                session,
                f"{n}",
                "listing",
                thread="ab" * 16 if n < 2 else "",
                dataset="ef" * 32 if n > 1 else "",
            )
        assert [e.key for e in entries.for_thread(session, "ab" * 16)] == ["0", "1"]
        assert [e.key for e in entries.for_dataset(session, "ef" * 32)] == ["2", "3"]
        assert [e.key for e in entries.newest(session, 3)] == ["3", "2", "1"]
        assert [e.key for e in entries.unfinished(session)] == ["0", "1", "2", "3"]


def test_the_highest_nonce_counts_failed_entries_too(database: Database) -> None:
    with database.read() as session:
        assert entries.highest_nonce(session) is None
    signed(database, "a", 7)
    id = signed(database, "b", 8).id
    with database.begin() as session:
        entries.failed(session, id, "refused")
        assert entries.highest_nonce(session) == 8


def test_an_entry_that_is_not_there_is_an_error(database: Database) -> None:
    with pytest.raises(LookupError, match="no record entry 3"), database.begin() as session:
        entries.final(session, 3)
