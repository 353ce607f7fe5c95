"""The owner's bulk work: chunks read, compared with the registered leaves, sealed, remembered.

`serving` runs it, in a process of its own where there is much to do.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from p2p import chacha20, sent_leaves
from p2p.bodies import OnLine
from p2p.content import Content, Room
from p2p.errors import NotNow
from p2p.records import CHUNK
from p2p.sealing import chunk_name, chunk_nonce, delivery_leaves
from p2p.sent_leaves import SentLeaves


def _goes_on() -> NotNow | None:
    return None


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """What an owner delivers for one order.

    records: n; leaves_path: the leaf hashes kept since registration; dk: the delivery key (32
    bytes; never shown), None before the payment is final: then only the manifest is opened; work:
    a folder of this order in which the leaves of the delivery tree stay until the order has ended;
    put_off: asked before each piece of data, what it returns is told to the buyer and ends the
    delivery there. Who has everything already is told the delivery root all the same.
    """

    records: int
    leaves_path: Path
    content: Content
    dk: bytes | None
    work: Path
    put_off: Callable[[], NotNow | None] = _goes_on


class Desk:
    """Seals one order's chunks, one after another, in memory of its own. Raises ContentError."""

    def __init__(self, source: Source, dk: bytes, tree: SentLeaves) -> None:
        self._source, self._dk, self._tree = source, dk, tree
        self._room = Room()

    def seal(self, index: int, out: memoryview) -> tuple[memoryview, bytes]:
        """The sealed chunk, at the beginning of ``out`` (a chunk's bytes), every record of it as
        registered; and its leaves in the delivery tree, which are remembered."""
        content, leaves_path = self._source.content, self._source.leaves_path
        plain, leaves = content.checked_chunk(index, leaves_path, self._room)
        sealed = out[: len(plain)]
        chacha20.xor_into(self._dk, chunk_nonce(index), 0, plain, sealed)
        entries = delivery_leaves(leaves, sealed)
        if index == self._tree.chunks:
            self._tree.add(entries)
        return sealed, entries


class Sealer(OnLine):
    """A job (`p2p.worker`): seals chunks of ``source`` into slots of the window, and sends those
    that take a line. Methods raise ContentError."""

    def __init__(self, source: Source, window: memoryview) -> None:
        assert source.dk is not None
        self._window = window
        self._tree = SentLeaves(source.work / sent_leaves.NAME, source.records)
        self._desk = Desk(source, source.dk, self._tree)

    def chunks(self) -> int:
        """How many the delivery tree has already."""
        return self._tree.chunks

    def seal(self, index: int, slot: int) -> tuple[int, bytes]:
        """The chunk's size in bytes and its name; it lies in the slot then."""
        sealed, entries = self._desk.seal(index, self._window[slot * CHUNK :][:CHUNK])
        return len(sealed), chunk_name(entries)

    def send(self, index: int, slot: int, at: int, size: int) -> bool:
        """So much of the sealed chunk in the slot, which is of no other use then; whether the
        system took it."""
        piece = self._window[slot * CHUNK + at :][:size]
        return self._bodies is not None and self._bodies.send(index, at, piece)

    def root(self) -> bytes:
        """Of all chunks, which the disk has then."""
        self._tree.force()
        return self._tree.root()


def apart(source: Source) -> Source:
    """For another process: what only the network's loop may ask stays here."""
    return replace(source, put_off=_goes_on)


def sealer_of(source: Source) -> tuple[type[Sealer], Source]:
    """The job and its argument."""
    return Sealer, apart(source)
