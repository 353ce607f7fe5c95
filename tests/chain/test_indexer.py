"""The index on a real anvil that is reorganised under it, and on endpoints that lie or lag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from chain import answers
from chain.answers import Block, RawLog
from chain.errors import Unreachable
from chain.gateway import Gateway
from chain.indexer import KEPT_HASHES, ChainEvent, Cursor, Indexer
from chain.registry import Committed, ListingUpdated, Registered, commit_call
from tests.chain.conftest import Account, Chain


class MemorySink:
    """A sink as the interface asks for it, and nothing else."""

    def __init__(self) -> None:
        self.events: list[ChainEvent] = []
        self.blocks: dict[int, bytes] = {}
        self.place: Cursor | None = None
        self.rewinds: list[int] = []

    def cursor(self) -> Cursor | None:
        return self.place

    def hashes(self) -> Mapping[int, bytes]:
        return dict(sorted(self.blocks.items())[-KEPT_HASHES:])

    def apply(self, events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        self.events += events
        self.blocks |= {block.number: block.hash for block in blocks}
        self.place = cursor

    def rewind(self, to_block: int) -> None:
        self.rewinds.append(to_block)
        self.events = [event for event in self.events if event.block_number <= to_block]
        self.blocks = {number: h for number, h in self.blocks.items() if number <= to_block}
        left = max(self.blocks, default=None)
        self.place = None if left is None else Cursor(left, self.blocks[left])

    def commitments(self) -> list[bytes]:
        return [each.body.commitment for each in self.events if isinstance(each.body, Committed)]


def mark(number: int) -> bytes:
    return number.to_bytes(32, "big")


def commit(chain: Chain, by: Account, *numbers: int) -> None:
    """One block for each, with one event."""
    for number in numbers:
        chain.send(commit_call(chain.network, mark(number)), by)


def indexer(chain: Chain, sink: MemorySink, step: int = 2000) -> Indexer:
    return Indexer(chain.gateway, chain.network, sink, step)


def test_events_come_in_order_and_once(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    registration = own_chain.register(owner)
    commit(own_chain, owner, 1, 2, 3)
    index = indexer(own_chain, sink, step=2)
    advance = index.advance()
    assert advance.done
    assert advance.rewound_to is None
    assert advance.events == len(sink.events) == 5
    assert [type(event.body) for event in sink.events[:2]] == [Committed, Registered]
    registered = sink.events[1]
    assert isinstance(registered.body, Registered)
    assert registered.body.root == registration.root
    block = own_chain.gateway.block(registered.block_number)
    assert block == Block(registered.block_number, registered.block_hash, registered.block_time)
    assert sink.commitments()[1:] == [mark(1), mark(2), mark(3)]
    assert sink.place == Cursor(advance.head.number, advance.head.hash)
    assert index.advance().events == 0
    commit(own_chain, owner, 4)
    assert index.advance().events == 1
    assert sink.rewinds == []


def test_an_advance_is_limited_and_resumed_by_another_index(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, *range(10))
    rounds = 0
    while not indexer(own_chain, sink, step=2).advance(limit=3).done:
        rounds += 1
    assert rounds >= 3
    assert sink.commitments() == [mark(number) for number in range(10)]


def test_reading_begins_at_the_deployment(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1)
    later = own_chain.gateway.head().number + 1
    commit(own_chain, owner, 2)
    network = replace(own_chain.network, start_block=later)
    assert Indexer(own_chain.gateway, network, sink).advance().done
    assert sink.commitments() == [mark(2)]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_reorganisation_rewinds_to_the_common_block(own_chain: Chain, depth: int) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1)
    index = indexer(own_chain, sink)
    index.advance()
    common = own_chain.gateway.head().number
    before = own_chain.rpc("evm_snapshot")
    for number in range(depth):
        commit(own_chain, owner, 100 + number)
        index.advance()
    own_chain.rpc("evm_revert", before)
    commit(own_chain, owner, *range(200, 201 + depth))
    advance = index.advance()
    assert advance.rewound_to == common
    assert sink.rewinds == [common]
    assert sink.commitments() == [mark(1), *(mark(200 + number) for number in range(depth + 1))]


def test_a_reorganisation_after_catching_up_goes_back_at_most_twice_as_far(
    own_chain: Chain,
) -> None:
    owner, sink = own_chain.account(), MemorySink()
    own_chain.mine(300)
    before = own_chain.rpc("evm_snapshot")
    fork = own_chain.gateway.head().number
    commit(own_chain, owner, *range(20))
    index = indexer(own_chain, sink)
    index.advance()
    own_chain.rpc("evm_revert", before)
    commit(own_chain, owner, *range(50, 80))
    advance = index.advance()
    assert advance.rewound_to is not None
    assert fork - 20 <= advance.rewound_to <= fork
    assert sink.commitments() == [mark(number) for number in range(50, 80)]


def test_a_reorganisation_of_the_same_length_is_seen(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    index = indexer(own_chain, sink)
    index.advance()
    commit(own_chain, owner, 1)
    index.advance()
    own_chain.rpc("anvil_reorg", 1, [])
    index.advance()
    assert len(sink.rewinds) == 1
    assert sink.commitments() == []


def test_a_chain_begun_anew_is_read_anew(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1, 2, 3)
    index = indexer(own_chain, sink)
    index.advance()
    sink.blocks = {number + 1000: b"\x01" * 32 for number in sink.blocks}
    sink.place = Cursor(max(sink.blocks), b"\x01" * 32)
    assert index.advance().rewound_to == -1
    assert sink.commitments() == [mark(1), mark(2), mark(3)]


class Bent(Gateway):
    """A real gateway whose answers a test bends."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.network)
        self.bend_logs: Callable[[list[RawLog]], list[RawLog]] = lambda logs: logs
        self.behind = 0
        self.asked: list[int] = []

    def logs(
        self,
        from_block: int,
        to_block: int,
        addresses: Sequence[str],
        topics: Sequence[bytes | None] = (),
    ) -> list[RawLog]:
        return self.bend_logs(super().logs(from_block, to_block, addresses, topics))

    def block(self, number: int) -> Block | None:
        self.asked.append(number)
        return super().block(number)

    def head(self) -> Block:
        block = super().head()
        return self.block(block.number - self.behind) or block


@pytest.fixture
def bent(own_chain: Chain) -> Bent:
    gateway = Bent(own_chain)
    own_chain.gateway.close()
    own_chain.gateway = gateway
    return gateway


def test_registrations_alone_can_be_read(own_chain: Chain) -> None:
    owner, sink = own_chain.account(), MemorySink()
    registration = own_chain.register(owner)
    commit(own_chain, owner, 1)
    only = Indexer(own_chain.gateway, own_chain.network, sink, registrations_only=True)
    assert only.advance().done
    (event,) = sink.events
    assert isinstance(event.body, Registered)
    assert event.body.root == registration.root


def test_a_new_block_is_asked_for_once_before_its_events_and_once_after(
    own_chain: Chain, bent: Bent
) -> None:
    """And the one before it once between."""
    owner, sink = own_chain.account(), MemorySink()
    index = indexer(own_chain, sink)
    commit(own_chain, owner, 1)
    before = index.advance().head.number
    commit(own_chain, owner, 2)
    bent.asked.clear()
    assert index.advance().events == 1
    head = before + 1
    assert bent.asked == [head, before, head]  # the first is how `Bent` knows its head


def test_a_block_replaced_between_two_ranges_is_seen(own_chain: Chain, bent: Bent) -> None:
    owner, sink = own_chain.account(), MemorySink()
    index = indexer(own_chain, sink, step=2)
    index.advance()
    before = own_chain.rpc("evm_snapshot")
    commit(own_chain, owner, 1, 2, 3)

    def replaced(logs: list[RawLog]) -> list[RawLog]:
        bent.bend_logs = lambda logs: logs
        apply = sink.apply

        def applied(*what: object) -> None:
            sink.apply = apply  # type: ignore[method-assign]
            apply(*what)  # type: ignore[arg-type]
            own_chain.rpc("evm_revert", before)
            commit(own_chain, owner, 11, 12, 13, 14)

        sink.apply = applied  # type: ignore[method-assign]
        return logs

    bent.bend_logs = replaced
    assert not index.advance().done
    assert index.advance().rewound_to is not None
    assert sink.commitments() == [mark(number) for number in (11, 12, 13, 14)]


def test_an_endpoint_that_is_behind_changes_nothing(own_chain: Chain, bent: Bent) -> None:
    owner, sink = own_chain.account(), MemorySink()
    index = indexer(own_chain, sink)
    commit(own_chain, owner, 1, 2, 3)
    index.advance()
    bent.behind = 2
    assert index.advance().rewound_to is None
    assert sink.commitments() == [mark(1), mark(2), mark(3)]
    assert sink.rewinds == []


def test_a_reorganisation_while_reading_is_not_half_read(own_chain: Chain, bent: Bent) -> None:
    owner, sink = own_chain.account(), MemorySink()
    index = indexer(own_chain, sink)
    index.advance()
    before = own_chain.rpc("evm_snapshot")
    commit(own_chain, owner, 1, 2)

    def reorganise(logs: list[RawLog]) -> list[RawLog]:
        bent.bend_logs = lambda logs: logs
        own_chain.rpc("evm_revert", before)
        commit(own_chain, owner, 7, 8, 9)
        return logs

    bent.bend_logs = reorganise
    advance = index.advance()
    assert not advance.done
    assert sink.events == []
    while not index.advance().done:
        pass
    assert sink.commitments() == [mark(7), mark(8), mark(9)]


def test_times_are_asked_for_where_logs_do_not_tell_them(own_chain: Chain, bent: Bent) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1, 2)
    bent.bend_logs = lambda logs: [replace(log, block_time=None) for log in logs]
    indexer(own_chain, sink).advance()
    for event in sink.events:
        block = own_chain.gateway.block(event.block_number)
        assert block is not None
        assert event.block_time == block.timestamp


def test_a_log_of_a_block_that_is_not_in_the_chain_is_not_kept(
    own_chain: Chain, bent: Bent
) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1)
    bent.bend_logs = lambda logs: [
        replace(log, block_hash=bytes(32), block_time=None) for log in logs
    ]
    assert not indexer(own_chain, sink).advance().done
    assert sink.place is None


def test_an_event_that_the_contract_cannot_have_logged_is_the_endpoints_fault(
    own_chain: Chain, bent: Bent
) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1)
    bent.bend_logs = lambda logs: [replace(log, topics=log.topics[:2]) for log in logs]
    with pytest.raises(Unreachable, match="cannot have logged"):
        indexer(own_chain, sink).advance()
    assert sink.place is None


def test_events_of_later_versions_are_passed_over(own_chain: Chain, bent: Bent) -> None:
    owner, sink = own_chain.account(), MemorySink()
    commit(own_chain, owner, 1, 2)
    bent.bend_logs = lambda logs: [
        replace(logs[0], topics=(b"\x99" * 32,)),
        replace(logs[1], topics=()),
    ]
    advance = indexer(own_chain, sink).advance()
    assert advance.done
    assert advance.events == 0


# Logs as answered

ADDRESS = "0x97F65B2aC9837437BA8b17f514EA54B051df202C"
LOG = {
    "address": ADDRESS.lower(),
    "topics": ["0x" + "11" * 32],
    "data": "0x",
    "blockNumber": "0x5",
    "blockHash": "0x" + "22" * 32,
    "transactionHash": "0x" + "33" * 32,
    "logIndex": "0x0",
    "removed": False,
}


def read(*logs: object) -> list[RawLog]:
    return answers.logs(list(logs), 4, 6, {ADDRESS.lower(): ADDRESS})


def test_logs_are_sorted_and_keep_the_address_as_we_write_it() -> None:
    later, earlier = LOG | {"logIndex": "0x1"}, LOG | {"blockTimestamp": "0x9"}
    first, second = read(later, earlier)
    assert (first.index, first.block_time, first.address) == (0, 9, ADDRESS)
    assert (second.index, second.block_time) == (1, None)


@pytest.mark.parametrize(
    "bad",
    [
        {"address": "0x" + "12" * 20},
        {"blockNumber": "0x3"},
        {"blockNumber": "0x7"},
        {"removed": True},
        {"topics": ["0x" + "11" * 32] * 5},
        {"topics": ["0x11"]},
        {"topics": ["0x" + "11" * 31 + "  "]},
        {"data": "0x 11 "},
        {"data": "0x" + "00" * (64 * 1024 + 1)},
        {"data": "0x0"},
        {"logIndex": None},
        {"blockTimestamp": "soon"},
    ],
    ids=str,
)
def test_a_log_that_was_not_asked_for_is_nonsense(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(LOG | bad)


def test_one_place_has_one_log_and_one_block_one_hash() -> None:
    with pytest.raises(ValueError, match="twice"):
        read(LOG, LOG)
    with pytest.raises(ValueError, match="two blocks"):
        read(LOG, LOG | {"logIndex": "0x1", "blockHash": "0x" + "44" * 32})


def test_listing_events_have_no_listing_in_their_repr() -> None:
    assert "words" not in repr(ListingUpdated(bytes(32), ADDRESS, b"words"))


def test_where_much_happened_less_is_asked_for_at_once(
    own_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain.indexer.STEP_EVENTS", 4)
    owner, sink, sizes = own_chain.account(), MemorySink(), []
    apply = sink.apply

    def counted(events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        sizes.append(len(events))
        apply(events, blocks, cursor)

    monkeypatch.setattr(sink, "apply", counted)
    commit(own_chain, owner, *range(30))
    assert indexer(own_chain, sink, step=16).advance().done
    assert sizes[0] > 4
    assert max(sizes[-3:]) <= 4, sizes
    assert sink.commitments() == [mark(number) for number in range(30)]
