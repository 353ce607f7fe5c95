"""What a relay keeps for peers who are off line: one file a parcel, in a folder of its own.

    file  = head ‖ (check ‖ sealed block)*        name: the parcel's name in hex; ".part" behind it
                                                  until the last block is on the disk
    head  = "LADINGK1" ‖ name (32) ‖ depositor (38) ‖ recipient (38) ‖ u64 records ‖ u64 until
            ‖ SHA-256 of all this                 peer ids in binary, until in unix seconds
    check = SHA-256 of the sealed block

The folder is one relay's at a time, which holds the lock "kept.lock" in it.

Only what was forced to the disk as a whole gets its final name and is ever given away, so that a
kill or a power cut at any moment leaves a parcel or a beginning that goes on. Every block is
compared with its check again before it is given away. The methods that read or write wait for the
disk: call them in a worker thread; one writer a parcel at a time.
"""

import hashlib
import os
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from libp2p.peer.id import ID

from p2p.errors import PeerError, Unreachable
from p2p.files import force_folder
from p2p.keeping import CHECK, NO_PARCEL, Terms, sealed_size, shape, sum_before
from p2p.kept_sealing import TAG
from p2p.parcels import Label
from p2p.records import MAX_RECORDS

_MAGIC: Final = b"LADINGK1"
_FIELDS: Final = struct.Struct(">8s32s38s38sQQ")
_HEAD: Final = _FIELDS.size + 32
_PART: Final = ".part"
LOCK: Final = "kept.lock"  # of the relay that runs; it stays and tells whose folder this is
SYNC_BLOCKS: Final = 64  # so that the last one has not all of a parcel to wait for
_FULL: Final = "The relay keeps as much as it can now. Try again later, or at another one."
_ADDRESS_FULL: Final = (
    "The relay keeps as much as it may from your internet address, whoever there left it. Try "
    "again later, or at another relay."
)
_LOST: Final = "The relay's disk has lost this parcel. The owner has to leave it once more."


@dataclass(frozen=True, slots=True)
class Keeping:
    """What an operator allows: where parcels lie, bytes of all together, of one depositor, of one
    IP address (IPv4, or IPv6 network of 64 bits), of one parcel, and for how long they stay.

    parcels, parcels_per_peer, parcels_per_address: how many, however small they are. at_once,
    at_once_per_peer: how many come or go at the same time; each holds some MiB of memory.
    unfinished_seconds: a beginning of which nothing more has come is given up.
    """

    folder: Path
    quota_bytes: int = 20 * 10**9
    per_peer_bytes: int = 5 * 10**9
    per_address_bytes: int = 10 * 10**9
    parcel_bytes: int = 5 * 10**9
    seconds: int = 7 * 86_400
    parcels: int = 4096
    parcels_per_peer: int = 64
    parcels_per_address: int = 256
    at_once: int = 32
    at_once_per_peer: int = 2
    unfinished_seconds: int = 86_400


@dataclass(slots=True)
class Kept:
    """One parcel: who left it for whom, how many ``blocks`` are there, and the time of the last.

    ``address``: where its depositor came from; in memory only, nothing after a restart."""

    name: bytes
    depositor: str
    recipient: str
    records: int
    until: int
    path: Path
    address: str = ""
    blocks: int = 0
    touched: float = 0.0
    layout: Label = field(init=False)

    def __post_init__(self) -> None:
        self.layout = shape(self.records)

    @property
    def whole(self) -> bool:
        return not self.path.name.endswith(_PART)

    @property
    def size(self) -> int:
        """Bytes on the disk now."""
        return _HEAD + sum_before(self.layout, self.blocks)

    @property
    def full_size(self) -> int:
        return file_size(self.records)


class KeptStore:
    """The parcels in ``keeping.folder``, those of earlier runs among them. OSError if the folder
    cannot be used. now: unix seconds."""

    def __init__(self, keeping: Keeping, now: Callable[[], float] = time.time) -> None:
        self.keeping = keeping
        self._now = now
        self._kept: dict[bytes, Kept] = {}
        self._writing = threading.RLock()  # what is there, and how much
        keeping.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(keeping.folder.iterdir()):
            kept = _read_head(path)
            if kept is not None and (kept.name not in self._kept or kept.whole):
                self._kept[kept.name] = kept
        self.used_bytes = sum(kept.size for kept in self._kept.values())

    @property
    def parcels(self) -> int:
        """Whole ones and beginnings."""
        return len(self._kept)

    def depositor(self, name: bytes) -> str:
        """Who left this parcel, or nobody."""
        kept = self._kept.get(name)
        return "" if kept is None else kept.depositor

    def terms(self, depositor: str, address: str) -> Terms:
        """What it takes from somebody at an address now."""
        left = min(self.keeping.parcel_bytes, self._room(depositor), self._room_at(address))
        return Terms(max(0, left), self.keeping.seconds)

    def begin(
        self, name: bytes, depositor: str, recipient: str, records: int, address: str
    ) -> Kept:
        """A parcel to be written, or to go on with: blocks that are not whole are cut off. Raises
        PeerError (not for this depositor), Unreachable (no room now)."""
        with self._writing:
            kept = self._kept.get(name)
            if kept is None:
                return self._made(name, depositor, recipient, records, address)
        if (kept.depositor, kept.recipient, kept.records) != (depositor, recipient, records):
            raise PeerError("There is another parcel of that name.")
        if not kept.whole:
            self._take_up(kept)
        return kept

    def _made(
        self, name: bytes, depositor: str, recipient: str, records: int, address: str
    ) -> Kept:
        until = int(self._now()) + self.keeping.seconds
        path = self.keeping.folder / (name.hex() + _PART)
        made = Kept(name, depositor, recipient, records, until, path, address)
        made.touched = self._now()
        if made.full_size > self.keeping.parcel_bytes:
            raise PeerError("This parcel is larger than this relay takes any.")
        if made.full_size > self._room(depositor):
            raise Unreachable(_FULL)
        if made.full_size > self._room_at(address):
            raise Unreachable(_ADDRESS_FULL)
        try:
            with path.open("wb", buffering=0) as file:
                file.write(_head(made))
        except OSError as error:
            raise Unreachable(_FULL) from error
        self._kept[name] = made
        self.used_bytes += made.size
        return made

    def put(self, kept: Kept, check: bytes, sealed: bytes) -> None:
        """Write the next block, which was compared with its check. Raises Unreachable (no room)."""
        more = CHECK + len(sealed)
        with self._writing:
            if self._kept.get(kept.name) is not kept:
                raise Unreachable("The relay does not keep this parcel any more.")
            if self.used_bytes + more > self.keeping.quota_bytes:
                raise Unreachable(_FULL)
            self._write(kept, check + sealed)
            self.used_bytes += more
            kept.blocks += 1
            kept.touched = self._now()
        if kept.blocks == kept.layout.blocks:
            self._finish(kept)

    def _write(self, kept: Kept, data: bytes) -> None:
        try:
            with kept.path.open("r+b", buffering=0) as file:
                file.seek(kept.size)
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
                if kept.blocks % SYNC_BLOCKS == SYNC_BLOCKS - 1:
                    os.fsync(file.fileno())
        except OSError as error:
            raise Unreachable(_FULL) from error

    def find(self, name: bytes, recipient: str) -> Kept:
        """A whole parcel, for its recipient. Raises PeerError."""
        kept = self._kept.get(name)
        if kept is None or not kept.whole or kept.recipient != recipient:
            raise PeerError(NO_PARCEL)
        return kept

    def get(self, kept: Kept, block: int) -> tuple[bytes, bytes]:
        """A block's check, and the block. PeerError if the disk lost it: then all of it goes;
        Unreachable if it cannot be read now."""
        try:
            # Not while it is renamed or removed: Windows does neither to a file that is open.
            with self._writing, kept.path.open("rb") as file:
                check, sealed = _block(file, kept, block)
        except FileNotFoundError:
            check = sealed = b""
        except OSError as error:
            raise Unreachable("The relay cannot read its disk now. Try again later.") from error
        if hashlib.sha256(sealed).digest() != check:
            self._remove(kept)
            raise PeerError(_LOST)
        return check, sealed

    def drop(self, name: bytes, peer_id: str) -> None:
        """Remove what this peer left, or what was left for it. Raises PeerError."""
        kept = self._kept.get(name)
        if kept is None or peer_id not in (kept.depositor, kept.recipient):
            raise PeerError(NO_PARCEL)
        self._remove(kept)

    def forget(self) -> None:
        """Remove what has been kept long enough, and beginnings that nobody goes on with."""
        now = self._now()
        given_up = now - self.keeping.unfinished_seconds
        for kept in list(self._kept.values()):
            if kept.until <= now or (not kept.whole and kept.touched <= given_up):
                with suppress(OSError):  # tried again with the next look
                    self._remove(kept)

    def _room(self, depositor: str) -> int:
        """Bytes that somebody may leave now, wherever that is."""
        own = [kept.full_size for kept in list(self._kept.values()) if kept.depositor == depositor]
        if self.parcels >= self.keeping.parcels or len(own) >= self.keeping.parcels_per_peer:
            return 0
        left = self.keeping.quota_bytes - self.used_bytes
        return min(left, self.keeping.per_peer_bytes - sum(own))

    def _room_at(self, address: str) -> int:
        """Bytes that an address may leave now, with however many keys it comes."""
        there = [kept.full_size for kept in list(self._kept.values()) if kept.address == address]
        if len(there) >= self.keeping.parcels_per_address:
            return 0
        return self.keeping.per_address_bytes - sum(there)

    def _finish(self, kept: Kept) -> None:
        whole = kept.path.with_name(kept.name.hex())
        with self._writing:
            if self._kept.get(kept.name) is not kept:
                raise Unreachable("The relay does not keep this parcel any more.")
            try:
                with kept.path.open("r+b") as file:  # Windows forces no file that is only read
                    os.fsync(file.fileno())
                os.replace(kept.path, whole)
                force_folder(whole.parent)
            except OSError as error:
                raise Unreachable(_FULL) from error
            kept.path = whole

    def _remove(self, kept: Kept) -> None:
        with self._writing:
            if self._kept.get(kept.name) is kept:
                kept.path.unlink(missing_ok=True)
                del self._kept[kept.name]
                self.used_bytes -= kept.size

    def _take_up(self, kept: Kept) -> None:
        """Count the blocks that are whole; whatever comes behind them was torn."""
        blocks, before = 0, kept.size
        try:
            with kept.path.open("r+b") as file:
                while blocks < kept.layout.blocks:
                    check, sealed = _block(file, kept, blocks)
                    if hashlib.sha256(sealed).digest() != check:
                        break
                    blocks += 1
                file.truncate(_HEAD + sum_before(kept.layout, blocks))
        except OSError as error:
            raise Unreachable(_FULL) from error
        with self._writing:
            kept.blocks = blocks
            self.used_bytes += kept.size - before
        if blocks == kept.layout.blocks:
            self._finish(kept)


def stranger(folder: Path) -> str | None:
    """Something in a folder that is not empty and in which no relay has kept anything; None if
    parcels may lie there. OSError if it cannot be read."""
    if not folder.exists():
        return None
    there = sorted(path for path in folder.iterdir() if path.name != "lost+found")  # of a disk
    if any(path.name == LOCK or (path.is_file() and _read_head(path)) for path in there):
        return None
    return there[0].name if there else None


def file_size(records: int) -> int:
    """Bytes that a parcel of so many records takes of a quota."""
    return _HEAD + sealed_size(records)


def _head(kept: Kept) -> bytes:
    peers = (ID.from_base58(peer).to_bytes() for peer in (kept.depositor, kept.recipient))
    head = _FIELDS.pack(_MAGIC, kept.name, *peers, kept.records, kept.until)
    return head + hashlib.sha256(head).digest()


def _read_head(path: Path) -> Kept | None:
    """A parcel of an earlier run; None for any other file, which is left alone."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            status = os.fstat(file.fileno())
    except OSError:
        return None
    fields, check = head[:-CHECK], head[-CHECK:]
    if len(head) != _HEAD or hashlib.sha256(fields).digest() != check:
        return None
    magic, name, depositor, recipient, records, until = _FIELDS.unpack(fields)
    named = path.name.removesuffix(_PART)
    if magic != _MAGIC or named != name.hex() or not 1 <= records <= MAX_RECORDS:
        return None
    owner, buyer = (ID(peer).to_base58() for peer in (depositor, recipient))
    kept = Kept(name, owner, buyer, records, until, path, touched=status.st_mtime)
    while kept.blocks < kept.layout.blocks and _end(kept, kept.blocks) <= status.st_size:
        kept.blocks += 1
    if kept.whole and kept.blocks < kept.layout.blocks:
        return None
    return kept


def _end(kept: Kept, block: int) -> int:
    return _HEAD + sum_before(kept.layout, block + 1)


def _block(file: BinaryIO, kept: Kept, block: int) -> tuple[bytes, bytes]:
    file.seek(_HEAD + sum_before(kept.layout, block))
    data = file.read(CHECK + kept.layout.block_size(block) + TAG)
    return data[:CHECK], data[CHECK:]
