"""``/lading/sample/1``: a buyer asks for a sample, and later for the records that were drawn.

After both hellos the buyer asks one thing and gets it, or ``refused``/``later`` with a reason:

    ask    → {"dataset":hex,"head":number,"type":"ask"}
           ← {"block":number,"records":k,"signature":hex,"type":"grant"}
    open   → {"block":number,"dataset":hex,"hash":hex,"type":"open"}
           ← OPENING*               in the order drawn, as in a delivery (`p2p.delivery`)
           ← {"type":"end","withheld":[number, …]}

``head`` is the newest block the buyer knows; ``block``, whose hash will decide, comes after it and
after the owner's. ``hash`` is that block's once it is final. Either can be asked again: the answers
are the same and cost nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from p2p.delivery import OPENING, OPENING_BYTES, UNASKED, binary, expect, read_opening
from p2p.errors import PeerError, Unreachable
from p2p.identity import Peer
from p2p.limits import MESSAGE_BYTES, SAMPLE_RECORDS, WORK_SECONDS
from p2p.openings import Opening
from p2p.samples import Sample
from p2p.wire import Wire, parse

PROTOCOL: Final = "/lading/sample/1"
_BLOCKS: Final = 2**53 - 1
_RECORDS: Final = 2**32


@dataclass(frozen=True, slots=True)
class Ask:
    """A sample of this dataset (32 bytes); ``head`` is the newest block the buyer knows."""

    dataset: bytes
    head: int


@dataclass(frozen=True, slots=True)
class Open:
    """The records that the block with this number and hash (32 bytes) drew."""

    dataset: bytes
    block: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """The owner agrees: ``records`` of them, drawn by ``block``; the signature is over that."""

    block: int
    records: int
    signature: bytes


Giver = Callable[[Peer, Ask | Open], Awaitable[Grant | Sample]]
"""Answers an `Ask` with a `Grant` and an `Open` with a `Sample`, after it is stored; PeerError
refuses, Unreachable says "not yet"."""


async def no_samples(peer: Peer, asked: Ask | Open) -> Grant | Sample:
    raise PeerError("This app gives no samples.")


# The buyer's side


async def ask(wire: Wire, asked: Ask) -> Grant:
    """Raises PeerError if the owner refuses or breaks the protocol, Unreachable."""
    await wire.write_object("ask", dataset=asked.dataset.hex(), head=asked.head)
    answer = expect(await wire.read_object(), "grant", "block", "records", "signature")
    block, records = answer["block"], answer["records"]
    if not _is_number(block, 1, _BLOCKS) or not _is_number(records, 1, SAMPLE_RECORDS):
        raise PeerError("The owner agreed to a sample that there cannot be.")
    return Grant(block, records, _raw(answer["signature"], 65))


async def fetch(wire: Wire, asked: Open, count: int) -> Sample:
    """At most ``count`` records, unchecked (`p2p.samples.check`). Raises as `ask`."""
    await wire.write_object(
        "open", dataset=asked.dataset.hex(), block=asked.block, hash=asked.hash.hex()
    )
    openings: list[Opening] = []
    wait: float | None = WORK_SECONDS  # the owner hashes its whole tree before the first one
    while True:
        body = await wire.read(max(OPENING_BYTES, MESSAGE_BYTES), wait=wait)
        wait = None
        if body is None:
            raise Unreachable("The peer ended the exchange early. It will be tried again.")
        if body[:1] == b"{":
            return Sample(tuple(openings), _withheld(parse(body), count))
        if len(openings) == count:
            raise PeerError("The owner opened more records than were drawn.")
        openings.append(read_opening(binary(body, OPENING)))


def _withheld(answer: dict[str, Any], count: int) -> tuple[int, ...]:
    numbers = expect(answer, "end", "withheld")["withheld"]
    if not isinstance(numbers, list) or len(numbers) > count:
        raise PeerError(UNASKED)
    if not all(_is_number(number, 0, _RECORDS - 1) for number in numbers):
        raise PeerError(UNASKED)
    return tuple(numbers)


# The owner's side


async def serve(wire: Wire, peer: Peer, give: Giver) -> None:
    """Answer the one thing the buyer asks. Raises what ends the stream early."""
    asked = _read(await wire.read_object())
    try:
        given = await give(peer, asked)
    except (PeerError, Unreachable) as error:
        await wire.refuse(error)
        return
    if isinstance(given, Grant):
        await wire.write_object(
            "grant", block=given.block, records=given.records, signature=given.signature.hex()
        )
        return
    for opening in given.openings:
        index = opening.index.to_bytes(4, "big")
        await wire.write(OPENING + index, opening.record, b"".join(opening.path))
    await wire.write_object("end", withheld=list(given.withheld))


def _read(asked: dict[str, Any]) -> Ask | Open:
    fields = {"ask": {"v", "type", "dataset", "head"}, "open": {"v", "type", *_OPEN}}
    if asked.keys() != fields.get(asked["type"]):
        raise PeerError("The buyer asked for something that is not spoken here.")
    dataset = _raw(asked["dataset"], 32)
    block = asked["head"] if asked["type"] == "ask" else asked["block"]
    if not _is_number(block, 0, _BLOCKS):
        raise PeerError("The buyer named no block.")
    if asked["type"] == "ask":
        return Ask(dataset, block)
    return Open(dataset, block, _raw(asked["hash"], 32))


_OPEN: Final = ("dataset", "block", "hash")


def _is_number(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _raw(value: object, size: int) -> bytes:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        raw = b""
    if len(raw) != size or raw.hex() != value:
        raise PeerError(f"The peer sent something else than {size} bytes.")
    return raw
