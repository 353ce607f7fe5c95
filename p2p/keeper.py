"""A relay that keeps parcels for peers who are off line: its side of `p2p.keeping`."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import trio

from p2p.circuit import is_peer_id
from p2p.errors import PeerError, Unreachable
from p2p.keeping import (
    BLOCK,
    CHECK,
    FRAME_BYTES,
    STORED,
    framed,
    name_of,
    number,
    read_block,
    shape_of,
)
from p2p.kept_store import Kept, KeptStore
from p2p.limits import CHUNK_SECONDS, IDLE_SECONDS, OFFER_BYTES
from p2p.pace import Pace
from p2p.wire import ByteStream, Wire

FORGET_SECONDS: Final = 60.0
_FIELDS: Final = {
    "terms": {"v", "type"},
    "leave": {"v", "type", "for", "parcel", "records"},
    "fetch": {"v", "type", "parcel", "block"},
    "drop": {"v", "type", "parcel"},
}


class Keeper:
    """``changed`` is called when a parcel came or went; ``pace`` gives the relay's bandwidth."""

    def __init__(
        self, store: KeptStore, changed: Callable[[], None], pace: Callable[[], Pace | None]
    ) -> None:
        self.store = store
        self._changed = changed
        self._pace = pace
        self._busy: Counter[str] = Counter()
        self._writers: dict[bytes, tuple[trio.CancelScope, trio.Event]] = {}

    async def run(self) -> None:
        """Until cancelled: remove what has been kept long enough."""
        while True:
            before = self.store.parcels
            await trio.to_thread.run_sync(self.store.forget)
            if self.store.parcels != before:
                self._changed()
            await trio.sleep(FORGET_SECONDS)

    async def serve(self, stream: ByteStream, peer_id: str, address: str) -> None:
        """One request of a peer that Noise has proved, from an address as `Connection` counts them.
        Raises PeerError, Unreachable."""
        wire = Wire(stream)
        pace = self._pace()
        wire.slow_down(reading=pace, writing=pace)
        try:
            asked = await wire.read_object(OFFER_BYTES, within=IDLE_SECONDS)
            with self._counted(peer_id):
                await self._answer(wire, peer_id, address, asked)
        except (PeerError, Unreachable) as error:
            await wire.refuse(error)
            raise

    @contextmanager
    def _counted(self, peer_id: str) -> Iterator[None]:
        bounds = self.store.keeping
        if self._busy.total() >= bounds.at_once or self._busy[peer_id] >= bounds.at_once_per_peer:
            raise Unreachable("The relay is busy: one of its limits is reached.")
        self._busy[peer_id] += 1
        try:
            yield
        finally:
            self._busy[peer_id] -= 1
            if not self._busy[peer_id]:
                del self._busy[peer_id]

    async def _answer(self, wire: Wire, peer_id: str, address: str, asked: dict[str, Any]) -> None:
        kind = asked["type"]
        if asked.keys() != _FIELDS.get(kind):
            raise PeerError("The peer asks a relay for nothing a relay does.")
        if kind == "terms":
            terms = self.store.terms(peer_id, address)
            await wire.write_object("terms", bytes=terms.largest_bytes, seconds=terms.seconds)
        elif kind == "leave":
            await self._take(wire, peer_id, address, asked)
        elif kind == "fetch":
            await self._give(wire, peer_id, asked)
        else:
            await trio.to_thread.run_sync(self.store.drop, name_of(asked), peer_id)
            self._changed()
            await wire.write_object("end")

    async def _take(self, wire: Wire, peer_id: str, address: str, asked: dict[str, Any]) -> None:
        name, recipient, records = name_of(asked), asked["for"], shape_of(asked).records
        if not isinstance(recipient, str) or not is_peer_id(recipient) or recipient == peer_id:
            raise PeerError("A parcel is for another peer.")
        while name in self._writers:  # its depositor has come back: what it left behind is over
            if self.store.depositor(name) != peer_id:
                raise PeerError("There is another parcel of that name.")
            scope, over = self._writers[name]
            scope.cancel()
            await over.wait()
        scope, over = self._writers[name] = trio.CancelScope(), trio.Event()
        try:
            with scope:
                begin = partial(self.store.begin, name, peer_id, recipient, records, address)
                kept = await trio.to_thread.run_sync(begin)
                self._changed()
                await self._take_blocks(wire, kept)
        finally:
            del self._writers[name]
            over.set()
        if scope.cancelled_caught:
            raise Unreachable("The owner leaves the same parcel again.")

    async def _take_blocks(self, wire: Wire, kept: Kept) -> None:
        first = kept.blocks
        await wire.write_object("kept", blocks=first, until=kept.until)
        for index in range(first, kept.layout.blocks):
            frame = await wire.read(FRAME_BYTES, within=CHUNK_SECONDS)
            if frame is None:
                return
            sealed = read_block(frame, index, kept.layout)
            check = frame[len(BLOCK) + 4 :][:CHECK]
            await trio.to_thread.run_sync(self.store.put, kept, check, sealed)
            await wire.write(STORED + kept.blocks.to_bytes(4, "big"))
        if first < kept.layout.blocks:
            self._changed()
            await wire.write_object("kept", blocks=kept.blocks, until=kept.until)

    async def _give(self, wire: Wire, peer_id: str, asked: dict[str, Any]) -> None:
        kept = self.store.find(name_of(asked), peer_id)
        first = number(asked, "block", kept.layout.blocks)
        await wire.write_object("kept", blocks=kept.layout.blocks, until=kept.until)
        for index in range(first, kept.layout.blocks):
            check, sealed = await trio.to_thread.run_sync(self.store.get, kept, index)
            await wire.write(*framed(index, sealed, check))
