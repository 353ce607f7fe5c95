"""From the record to the orders: what a look takes from it, and what it need not ask again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import pytest
import trio

from app.domain.order import Stage
from app.engine import watching
from app.engine.trading import Trading
from app.engine.watching import Watching
from app.store import index
from app.store.index import Index
from chain import exchange_events as exchange
from chain.answers import Block
from chain.indexer import Advance, ChainEvent, Cursor
from tests.app.engine.sides import BUYER, NOW, OFFER, ORDER_ID, OWNER, Pair, Side

PAID = exchange.Funded(ORDER_ID, OWNER.address, BUYER.address, OFFER, NOW + 1800)


class Looks:
    """A side's looks at a record that the test writes."""

    def __init__(self, side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
        self.side = side
        self.asked = 0
        self._index = Index(side.database)
        self.watching = Watching(
            side.database, side.journal, side.ledger, side.entries, lambda: None
        )
        of_an_order = index.order_events

        def order_events(*arguments):
            self.asked += 1
            return of_an_order(*arguments)

        monkeypatch.setattr(watching.index, "order_events", order_events)

    def mined(self, number: int, *bodies: exchange.ExchangeEvent, branch: bytes = b"a") -> None:
        block = Block(number, branch * 32, NOW)
        events = [
            ChainEvent(number, block.hash, NOW, b"t" * 32, place, body)
            for place, body in enumerate(bodies)
        ]
        self._index.apply(events, [block], Cursor(number, block.hash))

    def reorganised(self, above: int) -> None:
        self._index.rewind(above)

    def look(self, head: int, rewound_to: int | None = None) -> Stage:
        """The order's stage after it."""
        self.side.ledger.head = Block(head, b"h" * 32, NOW)
        self.asked = 0
        trio.run(self.watching.advanced, Advance(self.side.ledger.head, 0, rewound_to, True))
        order = self.side.order()
        assert order is not None
        return order.stage


@pytest.fixture
def looks(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Looks:
    pair.offered()
    return Looks(pair.owner, monkeypatch)


def test_only_of_an_order_where_something_moved_its_events_are_asked_for(looks: Looks) -> None:
    assert looks.look(100) == Stage.OFFERED
    looks.mined(101, PAID)
    assert looks.look(102) == Stage.OFFERED
    assert looks.asked == 0, "nothing is final that was not before"
    assert looks.look(103) == Stage.FUNDED
    assert looks.asked == 1
    looks.look(104)  # the order moved
    assert looks.look(105) == Stage.FUNDED
    assert looks.asked == 0


@pytest.mark.parametrize("told", [True, False])
def test_a_payment_that_a_reorganisation_moved_is_taken_where_it_stands_then(
    looks: Looks, told: bool
) -> None:
    """Also where the look that went back was broken off, and nobody was told."""
    looks.mined(100)
    looks.mined(101, PAID)
    assert looks.look(103) == Stage.FUNDED
    looks.look(104)
    looks.reorganised(100)
    looks.mined(101, branch=b"b")
    assert looks.look(105, 100 if told else None) == Stage.OFFERED
    looks.mined(106, PAID)
    assert looks.look(107) == Stage.OFFERED
    assert looks.look(108) == Stage.FUNDED


def test_a_payment_that_is_read_again_in_the_same_moment_is_taken_again(looks: Looks) -> None:
    looks.mined(100)
    looks.mined(101, PAID)
    assert looks.look(103) == Stage.FUNDED
    looks.look(104)
    looks.reorganised(100)
    looks.mined(101, PAID, branch=b"b")
    assert looks.look(105, 100) == Stage.FUNDED


def test_the_bond_is_not_asked_for_while_a_newer_block_waits(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.offered()
    looks = Looks(pair.buyer, monkeypatch)
    state = SimpleNamespace(free_bond=lambda owner, token: OFFER.bond)
    monkeypatch.setattr(pair.buyer.ledger, "final_state", lambda: state)
    order = pair.buyer.order()
    assert order is not None
    pair.buyer.ledger.look_again()
    looks.look(100)
    assert not looks.watching.bond_in_place(order)
    pair.buyer.ledger._again = trio.Event()
    looks.look(101)
    assert looks.watching.bond_in_place(order)


def test_what_can_wait_for_the_next_look_hears_then_of_the_events_of_both() -> None:
    heard: list[tuple[str, int]] = []

    def part(name: str) -> Callable[[Advance], None]:
        return lambda advance: heard.append((name, advance.events))

    def waited(name: str) -> Callable[[Advance], Awaitable[None]]:
        async def advanced(advance: Advance) -> None:
            heard.append((name, advance.events))

        return advanced

    def nothing() -> None: ...

    trading = SimpleNamespace(
        ledger=SimpleNamespace(hurries=True),
        watching=SimpleNamespace(advanced=waited("orders")),
        _restoring=SimpleNamespace(advanced=waited("registrations")),
        _versions=SimpleNamespace(advanced=part("versions")),
        _wanting=SimpleNamespace(advanced=part("wants")),
        presence=SimpleNamespace(publish=nothing),
        samples=SimpleNamespace(look=nothing),
        subscribing=SimpleNamespace(look=nothing),
        purse=SimpleNamespace(look_again=lambda: heard.append(("purse", 0))),
        entries=SimpleNamespace(retry=lambda: heard.append(("entries", 0))),
        _events_put_off=0,
    )

    def look(events: int, done: bool = True) -> list[tuple[str, int]]:
        heard.clear()
        advance = Advance(Block(100, b"h" * 32, NOW), events, None, done)
        trio.run(Trading._advanced, cast(Trading, trading), advance)
        return [*heard]

    assert look(3) == [("orders", 3)]
    trading.ledger.hurries = False
    others = ("registrations", "versions", "wants")
    known = [("purse", 0), ("entries", 0)]
    assert look(2) == [("orders", 2), *((name, 5) for name in others), *known]
    assert look(0) == [("orders", 0), *((name, 0) for name in others)]
    # Some look only where the record was read to its end: that is said with the events until then.
    assert look(4, done=False) == [("orders", 4), *((name, 4) for name in others), *known]
    assert look(0) == [("orders", 0), *((name, 4) for name in others), *known]
    assert look(0) == [("orders", 0), *((name, 0) for name in others)]
