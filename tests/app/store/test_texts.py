"""Texts, messages received, peers and settings."""

from typing import Any

import pytest

from app.domain.events import Proposal, RequestMade
from app.domain.order import open_order
from app.store import orders, peers, settings, texts
from app.store.database import Database
from app.store.texts import TextLine

ANN, BOB = "0x" + "a" * 40, "0x" + "b" * 40
THREAD = "ab" * 16
PROPOSAL = Proposal("", 1, 0, 1, 1, 9, {}, "")


def line(id: str, **changes: Any) -> TextLine:
    values: dict[str, Any] = {
        "thread": THREAD,
        "dataset": "",
        "other": BOB,
        "mine": True,
        "at": 5,
        "text": "<b>grüße</b>\0",
        "stored_by_peer": False,
    }
    return TextLine(id=id, **values | changes)


def keep(database: Database, *lines: TextLine) -> None:
    with database.begin() as session:
        for one in lines:
            texts.add(
                session,
                one.id,
                one.thread,
                one.dataset,
                one.other,
                one.mine,
                one.at,
                one.text,
                one.stored_by_peer,
            )


def test_texts_come_back_in_the_order_they_were_kept(database: Database) -> None:
    mine, theirs = line("02", at=9), line("01", mine=False, at=3)
    keep(database, mine, theirs, line("03", thread="cd" * 16))
    keep(database, line("02", text="said twice"))
    with database.read() as session:
        assert texts.for_thread(session, THREAD) == (mine, theirs)


def test_my_texts_wait_until_the_other_app_has_them(database: Database) -> None:
    keep(database, line("01"), line("02", mine=False), line("03", other=ANN), line("04"))
    with database.begin() as session:
        assert [one.id for one in texts.undelivered(session, BOB)] == ["01", "04"]
        texts.mark_delivered(session, "01")
        texts.mark_delivered(session, "unknown")
        assert [one.id for one in texts.undelivered(session, BOB)] == ["04"]


def test_who_waits_longest_comes_first(database: Database) -> None:
    delivered = line("01", other="0x" + "c" * 40, stored_by_peer=True)
    keep(database, delivered, line("02", other=BOB), line("03", other=ANN), line("04", other=BOB))
    keep(database, line("05", other="0x" + "d" * 40, mine=False))
    with database.read() as session:
        assert texts.waiting_for(session) == [BOB, ANN]


def test_questions_are_the_threads_about_a_dataset_without_an_order(database: Database) -> None:
    about = "ef" * 32
    keep(
        database,
        line("01", thread="q1", dataset=about),
        line("02", thread="q2", dataset=about, other=ANN),
        line("03", thread="q1", mine=False, text="yes"),
        line("04", thread="no dataset"),
        line("05", dataset=about),
    )
    request = RequestMade(1, ANN, BOB, bytes(32), 1, PROPOSAL, b"", b"", None)
    with database.begin() as session:
        orders.append(session, open_order(THREAD, "owner", request)[0], request, ())
    with database.read() as session:
        assert texts.questions(session) == [
            line("03", thread="q1", dataset=about, mine=False, text="yes"),
            line("02", thread="q2", dataset=about, other=ANN),
        ]
        assert [one.id for one in texts.questions(session, limit=1)] == ["03"]


def test_a_message_is_new_once(database: Database) -> None:
    with database.begin() as session:
        assert not texts.seen(session, "01")
        assert texts.seen(session, "01")
        assert not texts.seen(session, "02")

    def stopped() -> None:
        with database.begin() as session:
            assert not texts.seen(session, "03")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stopped()
    with database.begin() as session:
        assert texts.seen(session, "02")
        assert not texts.seen(session, "03"), "it was not stored, so it was not received"


def test_peers_keep_their_addresses_until_they_are_another_peer(database: Database) -> None:
    with database.begin() as session:
        peers.remember(session, BOB, "12D3a", b"k" * 32, ("/ip4/10.0.0.1/tcp/1",), 5)
        peers.remember(session, BOB, "12D3a", b"l" * 32, (), 6)
    with database.read() as session:
        assert peers.find(session, ANN) is None
        assert peers.find(session, BOB) == peers.KnownPeer(
            BOB, "12D3a", b"l" * 32, ("/ip4/10.0.0.1/tcp/1",), 6
        )
    with database.begin() as session:
        peers.remember(session, BOB, "12D3b", b"l" * 32, (), 7)
        found = peers.find(session, BOB)
    assert found is not None
    assert (found.peer_id, found.addresses) == ("12D3b", ())


def test_settings_hold_json(database: Database) -> None:
    with database.begin() as session:
        settings.put(session, "a", [1, {"b": None}])
        settings.put(session, "a", {"c": "二"})
        assert settings.get(session, "a") == {"c": "二"}
        assert settings.get(session, "b", "default") == "default"
    for wrong in (b"bytes", float("nan")):
        with pytest.raises((TypeError, ValueError)), database.begin() as session:
            settings.put(session, "a", wrong)
    with database.read() as session:
        assert settings.get(session, "a") == {"c": "二"}
