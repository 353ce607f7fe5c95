"""An order is its events: the cache, the fold, the outbox and what a reorganisation takes back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import effects as fx
from app.domain import events as ev
from app.domain import order as life
from app.domain.errors import IllegalTransitionError
from app.domain.order import Delivery, Order, Stage
from app.store import orders, outbox
from app.store.database import Database
from tests.counts import JUDGED

OWNER, BUYER = "0x" + "1" * 40, "0x" + "2" * 40
THREAD = "ab" * 16
TERMS = {"lading:choices": {"use": "internal", "months": 12}, "permission": [{"action": "use"}]}
PROPOSAL = ev.Proposal("0x" + "3" * 40, 10**30, 5, 86_400, 3_600, 99, TERMS, "für „dich“")


def request(at: int = 1) -> ev.RequestMade:
    return ev.RequestMade(at, OWNER, BUYER, b"d" * 32, 7, PROPOSAL, b"m" * 32, b"sealed", 3)


def signed(at: int = 2, name: int = 0) -> ev.OfferSigned:
    offer = {"key_commit": bytes([name]).hex() * 32, "price": str(10**30)}
    return ev.OfferSigned(at, offer, b"s" * 65, bytes([name]) * 32, PROPOSAL)


def funded(block: int, at: int = 3) -> ev.Funded:
    return ev.Funded(at, block, 5_000)


def begin(database: Database, thread: str = THREAD, role: ev.Side = "buyer") -> Order:
    order, effects = life.open_order(thread, role, request())
    with database.begin() as session:
        orders.append(session, order, request(), effects)
    return order


def record(database: Database, *events: ev.Event, thread: str = THREAD) -> Order:
    for event in events:
        with database.read() as session:
            before = orders.load(session, thread)
        assert before is not None
        order, effects = life.advance(before, event)
        with database.begin() as session:
            orders.append(session, order, event, effects)
    return order


def test_what_says_the_same_as_before_is_not_decoded_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database)
    begin(database, "cd" * 16)
    decode, decoded = orders.codec.decode, []

    def counted(kind: type, text: str) -> object:
        decoded.append(kind)
        return decode(kind, text)

    with database.read() as session:
        before = orders.list_orders(session)
    monkeypatch.setattr(orders.codec, "decode", counted)
    with database.read() as session:
        assert orders.list_orders(session) == before
    assert decoded == []
    moved = record(database, signed())
    decoded.clear()
    with database.read() as session:
        assert {order.thread: order for order in orders.list_orders(session)}[THREAD] == moved
        assert orders.load(session, THREAD) == moved
    assert decoded == [Order, ev.OfferSigned]


def test_an_order_is_found_as_it_was_saved(database: Database) -> None:
    begin(database)
    order = record(database, signed(), ev.ManifestChecked(2, 4), funded(10))
    with database.read() as session:
        assert orders.load(session, THREAD) == order
        assert orders.list_orders(session) == [order]
        assert orders.by_order_id(session, bytes(32)) == order
        assert orders.by_order_id(session, b"?" * 32) is None
        assert orders.load(session, "00" * 16) is None
        assert orders.events(session, THREAD) == (
            request(),
            signed(),
            ev.ManifestChecked(2, 4),
            funded(10),
        )
        assert orders.event(session, THREAD, 1) == signed()
        assert orders.event(session, THREAD, 4) is None
    assert order.stage == Stage.FUNDED
    assert type(order.stage) is Stage


def test_the_last_changed_order_comes_first_and_ended_ones_can_be_left_out(
    database: Database,
) -> None:
    begin(database)
    begin(database, "cd" * 16)
    record(database, ev.Declined(9, "buyer", ""))
    with database.read() as session:
        assert [order.thread for order in orders.list_orders(session)] == [THREAD, "cd" * 16]
        assert [o.thread for o in orders.list_orders(session, open_only=True)] == ["cd" * 16]


def test_an_event_that_does_not_follow_on_the_last_one_is_refused(database: Database) -> None:
    order = begin(database)
    late, effects = life.advance(order, signed())
    record(database, ev.CounterMade(2, "owner", PROPOSAL))
    with pytest.raises(LookupError, match="2 events"), database.begin() as session:
        orders.append(session, late, signed(), effects)
    with database.read() as session:
        assert orders.events(session, THREAD)[1:] == (ev.CounterMade(2, "owner", PROPOSAL),)
        assert [task.effect for task in outbox.pending(session, THREAD)] == [
            fx.SendMessage("request", 0)
        ]


def test_an_order_begins_with_a_request(database: Database) -> None:
    order = replace(begin(database, "cd" * 16), thread=THREAD)
    with pytest.raises(LookupError, match="no request"), database.begin() as session:
        orders.append(session, order, funded(1), ())


def test_effects_are_due_with_their_event(database: Database) -> None:
    begin(database)
    record(database, signed(), funded(10))
    with database.read() as session:
        assert [task.effect for task in outbox.due(session, 0)] == [
            fx.SendMessage("request", 0),
            fx.FetchManifest(1),
            fx.FetchContent(2),
        ]


def test_buyer_nonces_are_never_given_twice(database: Database, path: Path) -> None:
    with database.begin() as session:
        assert [orders.next_buyer_nonce(session, OWNER) for _ in range(3)] == [0, 1, 2]
        assert orders.next_buyer_nonce(session, BUYER) == 0
    database.close()
    with (again := Database.open(path)).begin() as session:
        assert orders.next_buyer_nonce(session, OWNER) == 3
        orders.raise_buyer_nonce(session, OWNER, 65_540)
        orders.raise_buyer_nonce(session, OWNER, 10)
        orders.raise_buyer_nonce(session, "0x" + "9" * 40, 7)
        assert orders.next_buyer_nonce(session, OWNER) == 65_540
        assert orders.next_buyer_nonce(session, "0x" + "9" * 40) == 7
    again.close()


def test_a_key_commitment_is_known_once_any_order_has_seen_it(database: Database) -> None:
    begin(database)
    record(database, signed(name=1), ev.OfferLapsed(100), signed(at=101, name=2))
    with database.read() as session:
        assert orders.seen_key_commit(session, b"\1" * 32)
        assert orders.seen_key_commit(session, b"\2" * 32)
        assert not orders.seen_key_commit(session, b"\3" * 32)


def test_a_reorganisation_takes_back_what_only_its_blocks_said(database: Database) -> None:
    begin(database)
    before = record(database, signed())
    record(database, funded(10), ev.ContentReceived(4, b"r" * 32))
    with database.begin() as session:
        for task in outbox.pending(session, THREAD):
            outbox.done(session, task.id)
        assert orders.drop_above(session, 9) == (THREAD,)
    with database.read() as session:
        order = orders.load(session, THREAD)
        assert orders.list_orders(session) == [order]
        assert order is not None
        assert (order.stage, order.delivery) == (Stage.OFFERED, Delivery.AWAITED)
        assert order.number == before.number + 2, "numbers of events do not move"
        assert orders.event(session, THREAD, 2) is None
        assert orders.event(session, THREAD, 3) == ev.ContentReceived(4, b"r" * 32)
    # The payment, recorded again in another block, makes the content be fetched again.
    assert record(database, funded(11)).stage == Stage.FUNDED
    with database.read() as session:
        assert [task.effect for task in outbox.pending(session, THREAD)] == [fx.FetchContent(4)]


def test_a_payment_put_back_gives_what_followed_from_it_its_footing_again(
    database: Database,
) -> None:
    begin(database)
    before = record(database, signed(), funded(10), ev.ContentReceived(4, b"r" * 32))
    with database.begin() as session:
        orders.drop_above(session, 9)
        again = orders.put_back(session, THREAD, funded(12))
        assert again is not None
        assert orders.load(session, THREAD) == again
        assert orders.list_orders(session) == [again]
        assert (again.stage, again.delivery) == (Stage.FUNDED, Delivery.RECEIVED)
        assert (again.number, again.delivery_root) == (before.number, before.delivery_root)
        assert orders.event(session, THREAD, 2) == funded(12)
        due = [task.effect for task in outbox.pending(session, THREAD)]
        assert fx.FetchContent(2) in due


def test_nothing_is_put_back_that_was_not_taken_back(database: Database) -> None:
    begin(database)
    record(database, signed(), funded(10))
    with database.begin() as session:
        assert orders.put_back(session, THREAD, funded(12)) is None
        assert orders.put_back(session, THREAD, ev.Accepted(9, 12)) is None
        assert orders.put_back(session, "0" * 32, funded(12)) is None
        assert orders.event(session, THREAD, 2) == funded(10)


def test_effects_of_a_payment_taken_back_are_no_longer_due(database: Database) -> None:
    begin(database)
    record(database, signed(), funded(10))
    with database.begin() as session:
        orders.drop_above(session, 9)
        assert [task.effect for task in outbox.pending(session, THREAD)] == [
            fx.SendMessage("request", 0),
            fx.FetchManifest(1),
        ]


def test_a_reorganisation_is_reported_again_when_asked_again(database: Database) -> None:
    begin(database)
    record(database, signed(), funded(10))
    for _ in range(2):
        with database.begin() as session:
            assert orders.drop_above(session, 9) == (THREAD,)


def test_what_time_asked_for_may_be_asked_for_again_after_a_reorganisation(
    database: Database,
) -> None:
    begin(database)
    record(database, signed(), funded(10))
    timely, decided = fx.RecordEntry("refund", 0), fx.RecordEntry("confirm", 1)
    with database.begin() as session:
        for effect in (timely, decided):
            outbox.add(session, THREAD, effect, 0)
        for task in outbox.pending(session, THREAD):
            outbox.done(session, task.id)
        orders.drop_above(session, 9)
        for effect in (timely, decided):
            outbox.add(session, THREAD, effect, 0)
        assert [task.effect for task in outbox.pending(session, THREAD)] == [timely]


def some_events() -> st.SearchStrategy[list[ev.Event | int]]:
    """Events in any order, and numbers: blocks above which everything is dropped."""
    at = st.integers(0, 200)
    block = st.integers(1, 30)
    root, text = st.binary(min_size=32, max_size=32), st.text(max_size=8)
    scores = st.binary(min_size=6, max_size=6)
    side = st.sampled_from(["owner", "buyer"])
    proposal = st.builds(replace, st.just(PROPOSAL), price_units=st.integers(1, 2**256), note=text)
    one: st.SearchStrategy[ev.Event] = st.one_of(
        st.builds(ev.CounterMade, at, side, proposal),
        st.builds(signed, at, st.integers(0, 255)),
        st.builds(ev.ManifestChecked, at, st.integers(1, 9)),
        st.builds(ev.OfferLapsed, at),
        st.builds(ev.Declined, at, side, text),
        st.builds(ev.Funded, at, block, at),
        st.builds(ev.Revealed, at, block, root, root, at),
        st.builds(ev.Confirmed, at, block, scores, root),
        st.builds(ev.Accepted, at, block),
        st.builds(ev.Refunded, at, block),
        st.builds(ev.Rated, at, block, scores, root),
        st.builds(ev.ContentReceived, at, root),
        st.builds(ev.ReceiptSigned, at, root, root),
        st.builds(ev.KeyGiven, at, root),
        st.builds(ev.ContentChecked, at, text),
        st.builds(ev.RecordFailed, at, at, text),
        st.builds(ev.ConfirmationSigned, at, scores, st.just({"words": "ok"}), root, root),
        st.builds(ev.ProblemReported, at, text),
    )
    first: st.SearchStrategy[list[ev.Event | int]] = st.builds(
        lambda blocks: [signed(), *(funded(number) for number in blocks)],
        st.lists(block, max_size=1),
    )
    return st.builds(lambda a, b: a + b, first, st.lists(st.one_of(one, block), max_size=30))


@given(role=st.sampled_from(["owner", "buyer"]), steps=some_events())
@settings(
    max_examples=60 if JUDGED else 20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_cache_is_the_fold_and_dropped_events_were_never_there(
    database: Database, role: ev.Side, steps: list[ev.Event | int]
) -> None:
    with database.begin() as session:
        thread = f"{len(orders.list_orders(session)):032x}"
    begin(database, thread, role)
    kept: list[ev.Event] = [request()]
    for step in steps:
        if isinstance(step, int):
            with database.begin() as session:
                orders.drop_above(session, step)
            kept = [e for e in kept if not (isinstance(e, ev.CHAIN_EVENTS) and e.block > step)]
        else:
            try:
                record(database, step, thread=thread)
            except IllegalTransitionError:
                continue
            kept.append(step)
    with database.read() as session:
        order = orders.load(session, thread)
        assert order is not None
        assert order in orders.list_orders(session)
        assert orders.events(session, thread) == tuple(kept)
        never = life.fold(thread, role, tuple(kept))
        assert replace(order, number=never.number) == never
        seqs = {task.effect.seq for task in outbox.pending(session, thread)}
        assert all(orders.event(session, thread, seq) is not None for seq in seqs)
