"""``/lading/delivery/1``, the buyer's side: opened records before paying, sealed chunks after.

The buyer pulls. After both hellos it asks for one thing and gets it, or ``refused``/``later`` with
a reason at any point:

    manifest   → {"type":"manifest","order":hex}
               ← OPENING*  {"type":"end"}
    delivery   → {"type":"fetch","leaves":index of the first leaf wanted,"order":hex}
               ← {"type":"delivery","records":n}
               ← LEAVES*              in order, to the last; none if the index is n
               → {"type":"start","chunk":k}     only after root(leaves) = R
               ← CHUNK k, k+1, …      at most 16 of them not acknowledged
               → STORED after each    the system has it
               ← {"type":"end","root":R_x}
    paused     → {"type":"paused","order":hex}      the buyer will not fetch for now
               ← {"type":"end"}

Binary frames: one byte that names it ‖ fields. OPENING 0x01 ‖ u32 index ‖ record (4096) ‖ path
(32 each). LEAVES 0x02 ‖ leaf hashes (32 each). CHUNK 0x03 ‖ u32 index ‖ ciphertext (4096 a record).
STORED 0x04 ‖ u32 number of chunks that are stored.

Ciphertext cannot be judged before the key is known. What is checked while it arrives is order and
size; what is signed later is R_x over the bytes on disk, and only if the owner names the same.
"""

from collections.abc import Callable
from typing import Any, Final

import trio

from p2p import records
from p2p.errors import Cancelled, PeerError
from p2p.limits import LEAVES_BYTES, OPENING_RECORDS, PATH_HASHES, PROGRESS_SECONDS, WORK_SECONDS
from p2p.manifest import Manifest
from p2p.openings import Opening, check_manifest, manifest_records
from p2p.records import RECORD, Fingerprint
from p2p.spool import Spool
from p2p.wire import Wire, parse

PROTOCOL: Final = "/lading/delivery/1"
OPENING, LEAVES, CHUNK, STORED = b"\x01", b"\x02", b"\x03", b"\x04"
_OPENING_BYTES: Final = 5 + RECORD + 32 * PATH_HASHES


class Meter:
    """Calls a progress function often enough to look alive and no more than 20 times a second."""

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self._progress = progress
        self._next = 0.0

    def show(self, first: int, second: int, *, last: bool = False) -> None:
        """Report two counts; ``last`` is always passed on."""
        now = trio.current_time()
        if last or now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._progress(first, second)


async def fetch_manifest(wire: Wire, order_id: bytes, fingerprint: Fingerprint) -> Manifest:
    """Every manifest record, opened under the registered root and checked.

    Raises PeerError if the owner refuses or lies, Unreachable.
    """
    await wire.write_object("manifest", order=order_id.hex())
    openings: list[Opening] = []
    expected = 1
    wait: float | None = WORK_SECONDS  # the owner hashes its whole tree before the first one
    while len(openings) < expected:
        opening = _opening(await _binary(wire, OPENING, _OPENING_BYTES, wait=wait))
        wait = None
        openings.append(opening)
        if len(openings) == 1:
            expected = manifest_records(opening.record)
            if expected > min(OPENING_RECORDS, fingerprint.records):
                raise PeerError("The owner's manifest is longer than the dataset.")
    _expect(await wire.read_object(), "end")
    return await trio.to_thread.run_sync(check_manifest, openings, fingerprint)


async def say_paused(wire: Wire, order_id: bytes) -> None:
    """Tell the owner that nothing is fetched until this side resumes. PeerError, Unreachable."""
    await wire.write_object("paused", order=order_id.hex())
    _expect(await wire.read_object(), "end")


async def fetch(
    wire: Wire,
    order_id: bytes,
    spool: Spool,
    *,
    progress: Callable[[int, int], None],
    paused: Callable[[], bool],
) -> bytes:
    """Everything the spool lacks, written to disk; returns R_x, which both sides computed alike.

    ``progress(chunks stored, chunks)``, at most 20 times a second. ``paused`` is asked before
    each chunk; true raises Cancelled. However it ends, another call goes on at the first missing
    chunk. Raises PeerError (refused, or a lie), NotNow (the owner has put it off), Unreachable,
    ContentError (this disk).
    """
    meter = Meter(progress)
    await wire.write_object("fetch", order=order_id.hex(), leaves=spool.leaves_received)
    reply = _expect(await wire.read_object(wait=WORK_SECONDS), "delivery", "records")
    if reply["records"] != spool.records:
        raise PeerError("The owner wants to deliver another number of records than registered.")
    while not spool.leaves_complete:
        leaves = await _binary(wire, LEAVES, 1 + LEAVES_BYTES)
        # The last block makes the spool compare the root, which takes as long as it takes.
        await trio.to_thread.run_sync(spool.put_leaves, bytes(leaves))
    await wire.write_object("start", chunk=spool.next_chunk)
    wait: float | None = WORK_SECONDS  # the owner may have to catch up on its own tree first
    meter.show(spool.next_chunk, spool.chunks, last=True)
    while spool.next_chunk < spool.chunks:
        if paused():
            raise Cancelled("The delivery is paused. It goes on where it stopped.")
        index = spool.next_chunk
        size = 4 + records.chunk_records(index, spool.records) * RECORD
        body = await _binary(wire, CHUNK, 1 + size, wait=wait)
        wait = None
        if len(body) != size or int.from_bytes(body[:4], "big") != index:
            raise PeerError("The owner sent another chunk than the next one.")
        await trio.to_thread.run_sync(spool.put_chunk, index, body[4:])
        await wire.write(STORED + spool.next_chunk.to_bytes(4, "big"))
        meter.show(spool.next_chunk, spool.chunks, last=spool.next_chunk == spool.chunks)
    end = _expect(await wire.read_object(wait=WORK_SECONDS), "end", "root")
    root = await trio.to_thread.run_sync(spool.delivery_root)
    if end["root"] != root.hex():
        raise PeerError(
            "The owner names another delivery root than what lies on this disk: nothing is signed."
        )
    return root


async def _binary(wire: Wire, kind: bytes, limit: int, *, wait: float | None = None) -> memoryview:
    """The body of the next binary frame after its first byte; a refusal instead is raised."""
    body = await wire.read(max(limit, 1024), wait=wait)
    if body is None:
        raise PeerError("The owner ended the delivery early.")
    if body[:1] == b"{":
        parse(body)
    if body[:1] != kind:
        raise PeerError("The owner sent something else than was asked for.")
    return memoryview(body)[1:]


def _opening(body: memoryview) -> Opening:
    path = bytes(body[4 + RECORD :])
    if len(body) < 4 + RECORD or len(path) % 32:
        raise PeerError("The owner sent an opening of a wrong length.")
    return Opening(
        int.from_bytes(body[:4], "big"),
        bytes(body[4 : 4 + RECORD]),
        tuple(path[at : at + 32] for at in range(0, len(path), 32)),
    )


def _expect(document: dict[str, Any], kind: str, *fields: str) -> dict[str, Any]:
    if document["type"] != kind or document.keys() != {"v", "type", *fields}:
        raise PeerError("The owner sent something else than was asked for.")
    return document
