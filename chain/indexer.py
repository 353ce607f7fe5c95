"""From the chain's logs to whatever keeps them: by ranges, resumable, safe against reorganisations.

The sink remembers the hash of each block it was told about. Before anything new is read, the block
at its cursor is compared with the chain's; if it was replaced, the sink goes back to the newest
block that both know, and reading goes on from there. A range counts only if its last block is the
same before and after the reading, so all of it is of one chain.

An endpoint that is merely behind changes nothing: what was read stays until the chain shows another
block in its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chain import abi, exchange_events, registry_events
from chain.address import Address
from chain.answers import Block, RawLog
from chain.errors import Unreachable
from chain.exchange_events import ExchangeEvent
from chain.gateway import Gateway
from chain.network import Network
from chain.registry_events import RegistryEvent

STEP_BLOCKS = 2000
LIMIT_BLOCKS = 20_000
STEP_EVENTS = 20_000
"""Where more events come at once, fewer blocks are asked for: a sink is not busy for long."""
KEPT_HASHES = 256
"""A sink keeps at least this many of the newest blocks it was told about."""

Body: TypeAlias = RegistryEvent | ExchangeEvent


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One event of ours and its place in the chain; the order is (block_number, log_index)."""

    block_number: int
    block_hash: bytes
    block_time: int
    tx_hash: bytes
    log_index: int
    body: Body


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to this block has been read."""

    block_number: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Advance:
    """What one call of `advance` did. `done`: nothing is left up to `head`."""

    head: Block
    events: int
    rewound_to: int | None
    done: bool


class Sink(Protocol):
    """Where events go. Every change is whole or not at all, also across a crash."""

    def cursor(self) -> Cursor | None:
        """How far reading has come; None before the first block."""

    def hashes(self) -> Mapping[int, bytes]:
        """The hashes of at least the newest 256 blocks that `apply` was given, by number."""

    def apply(self, events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        """Add events and blocks, both in the chain's order, and move the cursor, all in one."""

    def rewind(self, to_block: int) -> None:
        """Forget events and blocks above this number. The cursor goes to the newest block that is
        left, or to None."""


class Indexer:
    """Reads one network's events into one sink."""

    def __init__(
        self,
        gateway: Gateway,
        network: Network,
        sink: Sink,
        step: int = STEP_BLOCKS,
        registrations_only: bool = False,
    ) -> None:
        """`step`: blocks asked for at once, at most; `registrations_only`: only `Registered`."""
        self._gateway = gateway
        self._network = network
        self._sink = sink
        self._step = self._most = step
        self._decoders: dict[tuple[str, bytes], Callable[[RawLog], Body]] = {}
        for topic, reader in registry_events.decoders().items():
            self._decoders[network.registry, topic] = reader
        for topic, read in exchange_events.decoders().items():
            self._decoders[network.exchange, topic] = read
        self._contracts: tuple[Address, ...] = (network.registry, network.exchange)
        self._topics: tuple[bytes, ...] = ()
        if registrations_only:
            self._contracts = (network.registry,)
            self._topics = (abi.interface("Registry").topic("Registered"),)

    def advance(self, limit: int = LIMIT_BLOCKS) -> Advance:
        """Read up to `limit` blocks more. Errors leave the sink at a whole step.

        Unreachable if the chain does not answer or answers nonsense, WrongNetwork as the gateway.
        """
        head = self._gateway.head()
        cursor = self._sink.cursor()
        if cursor == Cursor(head.number, head.hash):
            return Advance(head, 0, None, done=True)
        rewound_to = self._rewind(head, cursor)
        cursor = self._sink.cursor()
        seen = cursor if rewound_to is None else None  # the chain's own, as seen after the head
        following = self._network.start_block if cursor is None else cursor.block_number + 1
        last = min(head.number, following + limit - 1)
        count = 0
        while following <= last:
            end = min(last, following + self._step - 1)
            found = self._read(cursor, following, end, head, seen)
            if found is None:
                # Replaced while we read: the next call finds out how far back.
                return Advance(head, count, rewound_to, done=False)
            events, blocks = found
            cursor = Cursor(end, blocks[-1].hash)
            self._sink.apply(events, blocks, cursor)
            count += len(events)
            following = end + 1
            if len(events) > STEP_EVENTS:
                self._step = max(1, self._step // 2)
            elif len(events) < STEP_EVENTS // 4:
                self._step = min(self._most, self._step * 2)
        return Advance(head, count, rewound_to, done=following > head.number)

    def _rewind(self, head: Block, cursor: Cursor | None) -> int | None:
        """Go back to the newest block that both the sink and the chain know, if need be."""
        if cursor is None:
            return None
        known = {**self._sink.hashes(), cursor.block_number: cursor.block_hash}
        numbers = sorted(number for number in known if number <= head.number)
        if not numbers and not self._network.practice:
            return None  # an endpoint far behind; our own practice node would have begun anew
        # The blocks in common are a prefix: most often all of them, else halving finds its end.
        low, high = 0, len(numbers)
        if numbers and self._agrees(numbers[-1], known[numbers[-1]]):
            return None
        while low < high:
            middle = (low + high) // 2
            if self._agrees(numbers[middle], known[numbers[middle]]):
                low = middle + 1
            else:
                high = middle
        to_block = numbers[low - 1] if low else self._network.start_block - 1
        self._sink.rewind(to_block)
        return to_block

    def _agrees(self, number: int, block_hash: bytes) -> bool:
        block = self._gateway.block(number)
        return block is not None and block.hash == block_hash

    def _read(
        self, cursor: Cursor | None, first: int, end: int, head: Block, seen: Cursor | None
    ) -> tuple[list[ChainEvent], list[Block]] | None:
        """Events and blocks of a range, `end` last; None if they are not all of one chain.

        The order of the questions matters: the last block is the same before and after the rest,
        and the rest includes the block that this range must follow, unless it was ``seen`` since
        the head, which then is the last block, was asked for.
        """
        ending = head if end == head.number else self._gateway.block(end)
        if ending is None:
            return None
        follows = ending is head and cursor == seen
        if cursor and not (follows or self._agrees(cursor.block_number, cursor.block_hash)):
            return None
        logs = self._gateway.logs(first, end, self._contracts, self._topics)
        blocks = {end: ending}
        for number in _spaced(first, end) if end == head.number else ():
            block = self._gateway.block(number)
            if block is None:
                return None
            blocks[number] = block
        events: list[ChainEvent] = []
        for log in logs:
            block = blocks.get(log.block_number)
            if block is None:
                block = self._block_of(log)
                blocks[log.block_number] = block
            if block.hash != log.block_hash:
                return None
            if (event := self._decoded(log, block)) is not None:
                events.append(event)
        if not self._agrees(end, ending.hash):
            return None
        return events, [blocks[number] for number in sorted(blocks)]

    def _block_of(self, log: RawLog) -> Block:
        if log.block_time is not None:
            return Block(log.block_number, log.block_hash, log.block_time)
        block = self._gateway.block(log.block_number)
        if block is None:
            raise Unreachable("The endpoint has an event's block no more. It will be tried again.")
        return block

    def _decoded(self, log: RawLog, block: Block) -> ChainEvent | None:
        """None for events that this version does not know."""
        reader = self._decoders.get((log.address, log.topics[0])) if log.topics else None
        if reader is None:
            return None
        try:
            body = reader(log)
        except ValueError as error:
            raise Unreachable(
                f"The endpoint sent an event that the contract cannot have logged: {error}."
            ) from None
        return ChainEvent(
            log.block_number, log.block_hash, block.timestamp, log.tx_hash, log.index, body
        )


def _spaced(first: int, end: int) -> list[int]:
    """Blocks 1, 2, 4, … before the end: after catching up, a reorganisation goes back at most
    twice as far as it is deep."""
    distances = (1 << power for power in range(KEPT_HASHES.bit_length() - 1))
    return [end - distance for distance in distances if end - distance >= first]
