"""A delivery parcel: leaf hashes and sealed chunks of one order as files, for any way but the net.

A parcel is one file or several parts; each part says by itself what it is and where it belongs:

    part  = head ‖ block* in order, each followed by its check (32 bytes)
    head  = "LADINGP1" ‖ order id (32) ‖ root R (32) ‖ u64 records ‖ u32 blocks a part ‖ u32 part
            ‖ SHA-256 of all this                                              120 bytes
    block = up to 32,768 leaf hashes, then, after all of them, one sealed chunk each    ≤ 1 MiB
    check = SHA-256(order id ‖ R ‖ u64 number of the block ‖ block)

Every size and place follows from `records` and `blocks a part`, so there is no length to lie
about. The checks find what a stick, a cloud or a mail program spoiled, and name it; they prove
nothing: who takes a parcel in trusts it no more than a peer on the wire. The owner's side is
`p2p.parcel_saving`, the buyer's `p2p.parcel_taking`.
"""

import hashlib
import os
import struct
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final

from p2p import files
from p2p.buffers import Buffer
from p2p.errors import ContentError
from p2p.limits import LEAVES_BYTES
from p2p.manifest import shown
from p2p.records import CHUNK, LEAF, MAX_RECORDS, RECORD, chunk_count

SUFFIX: Final = ".lading"
MAGIC: Final = b"LADINGP1"
CHECK: Final = 32
_FIELDS: Final = struct.Struct(">8s32s32sQII")
HEAD: Final = _FIELDS.size + CHECK
LEAF_BLOCK: Final = LEAVES_BYTES
LEAST_PART_BYTES: Final = HEAD + CHUNK + CHECK


class ParcelError(ContentError):
    """A parcel cannot be saved or taken. ``code`` names why; ``name`` is the file's, to be shown.

    none: the file is no delivery parcel; newer: one of a later version; damaged: its head was
    spoiled; other: it belongs to another order; altered: its leaf hashes are not those registered;
    there: something else has the name; large: the disk takes no file so large; room: it is too
    full; small: not a single block fits into parts of that size; ended: the process that worked on
    it was ended from outside, and trying again goes on where it was.
    """

    def __init__(self, code: str, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.name = name

    def __reduce__(self) -> tuple[type["ParcelError"], tuple[str, str, str]]:
        # It may be raised in another process (`p2p.worker`).
        return ParcelError, (self.code, self.reason, self.name)


@dataclass(frozen=True, slots=True)
class Label:
    """What the head of a part says. ``part`` counts from 0; ValueError if it cannot be so."""

    order_id: bytes
    root: bytes
    records: int
    part_blocks: int
    part: int = 0

    def __post_init__(self) -> None:
        if len(self.order_id) != 32 or len(self.root) != 32:
            raise ValueError("order id and root are 32 bytes")
        if not 1 <= self.records <= MAX_RECORDS:
            raise ValueError("a dataset has 1 to 2^32 records")
        if not 1 <= self.part_blocks < 1 << 32 or not 0 <= self.part < self.parts:
            raise ValueError("there is no such part")

    @property
    def leaf_blocks(self) -> int:
        """Blocks of leaf hashes, which come first."""
        return -(-self.records * LEAF // LEAF_BLOCK)

    @property
    def blocks(self) -> int:
        """Blocks of the whole parcel."""
        return self.leaf_blocks + chunk_count(self.records)

    @property
    def parts(self) -> int:
        """Parts of the whole parcel."""
        return -(-self.blocks // self.part_blocks)

    @property
    def first(self) -> int:
        """The part's first block."""
        return self.part * self.part_blocks

    @property
    def stop(self) -> int:
        """The block after the part's last one."""
        return min(self.first + self.part_blocks, self.blocks)

    @property
    def size(self) -> int:
        """Bytes of the part's file."""
        return self.place(self.stop)

    def place(self, block: int) -> int:
        """Where ``block`` of this part begins in its file."""
        return HEAD + self._start(block) - self._start(self.first) + CHECK * (block - self.first)

    def block_size(self, block: int) -> int:
        """Bytes of ``block``, without its check."""
        return self._start(block + 1) - self._start(block)

    def leaf_of(self, block: int) -> int:
        """The record whose leaf hash is the first in a block of leaf hashes."""
        return block * LEAF_BLOCK // LEAF

    def check(self, block: int, data: Buffer) -> bytes:
        """What follows ``block`` in its file."""
        digest = hashlib.sha256(self.order_id + self.root + block.to_bytes(8, "big"))
        digest.update(data)
        return digest.digest()

    def encode(self) -> bytes:
        """The head."""
        fields = (self.order_id, self.root, self.records, self.part_blocks, self.part)
        head = _FIELDS.pack(MAGIC, *fields)
        return head + hashlib.sha256(head).digest()

    def _start(self, block: int) -> int:
        """Bytes of all blocks before ``block``."""
        chunks = max(0, block - self.leaf_blocks)
        leaves = min(block * LEAF_BLOCK, self.records * LEAF)
        return leaves + min(chunks * CHUNK, self.records * RECORD)


def part_label(order_id: bytes, root: bytes, records: int, part_bytes: int) -> Label:
    """The first part of a parcel whose parts are at most ``part_bytes`` long; 0 is one file."""
    whole = Label(order_id, root, records, (1 << 32) - 1)
    if not part_bytes:
        return Label(order_id, root, records, whole.blocks)
    blocks = (part_bytes - HEAD) // (CHUNK + CHECK)
    if blocks < 1:
        raise ParcelError("small", "A part must have room for 1 MiB and a little more.")
    return Label(order_id, root, records, min(blocks, whole.blocks))


def file_name(name: str, label: Label) -> str:
    """What the part's file is called: ``name`` and, of several, which one it is."""
    if label.parts == 1:
        return name + SUFFIX
    return f"{name}.{label.part + 1:0{len(str(label.parts))}d}-of-{label.parts}{SUFFIX}"


# Reading


def read_label(path: Path) -> Label:
    """What the file says it is. ParcelError: none, newer, damaged. ContentError: unreadable."""
    with opened(path) as file:
        return label_of(file, path)


def opened(path: Path) -> FileIO:
    """The file, if it is an ordinary one: no pipe or device is ever waited for."""
    return files.open_file(Path(os.path.realpath(path)))


def label_of(file: FileIO, path: Path) -> Label:
    """The label of an open part; reads no more than a head."""
    with files.reading(path):
        head = _read(file, HEAD)
    name = shown(path.name)
    if head[: len(MAGIC) - 1] != MAGIC[:-1]:
        raise ParcelError("none", f"“{name}” is not a parcel of a Lading delivery.", name)
    if len(head) == HEAD and head[: len(MAGIC)] != MAGIC:
        raise ParcelError(
            "newer", f"“{name}” was made by a newer Lading: update this one first.", name
        )
    try:
        if hashlib.sha256(head[:-CHECK]).digest() != head[-CHECK:]:
            raise ValueError("the head is not as it was written")
        _, order_id, root, records, part_blocks, part = _FIELDS.unpack(head[:-CHECK])
        return Label(order_id, root, records, part_blocks, part)
    except (ValueError, struct.error):
        raise ParcelError(
            "damaged", f"“{name}” is damaged at its beginning: copy it again.", name
        ) from None


def read_block(file: FileIO, label: Label, block: int) -> bytes | None:
    """A block of an open part, None if it is cut short or not as it was written."""
    size = label.block_size(block)
    with files.reading(Path(str(file.name))):
        file.seek(label.place(block))
        data = _read(file, size + CHECK)
    good = len(data) == size + CHECK and label.check(block, data[:size]) == data[size:]
    return data[:size] if good else None


def is_whole(path: Path, label: Label) -> bool:
    """Whether the file is this very part and every byte of it is as it was written."""
    try:
        with opened(path) as file:
            if label_of(file, path) != label:
                return False
            blocks = range(label.first, label.stop)
            return all(read_block(file, label, block) is not None for block in blocks)
    except ContentError:
        return False


def _read(file: FileIO, count: int) -> bytes:
    """Up to ``count`` bytes; fewer only where the file ends."""
    parts = []
    while count and (piece := file.read(count)):
        parts.append(piece)
        count -= len(piece)
    return b"".join(parts)
