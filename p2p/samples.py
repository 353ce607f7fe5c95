"""A sample: some registered records, drawn by chance, opened under the root before anybody pays.

    seed   = SHA-256("lading/sample" ‖ block hash ‖ dataset id ‖ buyer's address)
    number = first 8 bytes of SHA-256(seed ‖ u32 j) mod n,  j = 0, 1, …, without those drawn before

(PROTOCOL §7.) The block is named before it exists, so neither side can choose the numbers: its hash
is not known yet when the owner agrees to it, and the dataset and the buyer are fixed. Both sides
compute them. Pure but for `open_records`, which reads the owner's files.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from p2p import files, merkle
from p2p.buffers import Buffer
from p2p.content import Content, read_leaves
from p2p.errors import ContentChanged, ContentError, PeerError
from p2p.limits import SAMPLE_RECORDS
from p2p.manifest import shown
from p2p.openings import Opening
from p2p.records import LEAF, PAYLOAD, RECORD, SALT, Fingerprint

_sha256 = hashlib.sha256
_HASH, _ADDRESS = 32, 20


def draw(block_hash: bytes, dataset: bytes, buyer: bytes, records: int, count: int) -> list[int]:
    """The numbers of the ``count`` records of ``records`` that are opened, in the order drawn.

    block_hash, dataset: 32 bytes; buyer: the 20 bytes of its address. ValueError for other sizes,
    more than there are, or more than `SAMPLE_RECORDS`.
    """
    if (len(block_hash), len(dataset), len(buyer)) != (_HASH, _HASH, _ADDRESS):
        raise ValueError("hash and dataset are 32 bytes, an address is 20")
    if not 1 <= count <= min(records, SAMPLE_RECORDS):
        raise ValueError(f"a sample has 1 to {SAMPLE_RECORDS} records, and no more than there are")
    seed = _sha256(b"lading/sample" + block_hash + dataset + buyer).digest()
    drawn: dict[int, None] = {}
    throw = 0
    while len(drawn) < count:
        digest = _sha256(seed + throw.to_bytes(4, "big")).digest()
        drawn[int.from_bytes(digest[:8], "big") % records] = None
        throw += 1
    return list(drawn)


@dataclass(frozen=True, slots=True)
class Sample:
    """What an owner opened of what was drawn: ``openings`` in the order drawn, ``withheld`` the
    numbers of those it keeps back."""

    openings: tuple[Opening, ...]
    withheld: tuple[int, ...] = ()


def check(sample: Sample, drawn: Sequence[int], fingerprint: Fingerprint) -> None:
    """PeerError unless each record drawn is either withheld or opened under the registered root."""
    withheld = set(sample.withheld)
    if len(withheld) != len(sample.withheld) or not withheld <= set(drawn):
        raise PeerError("The owner says that it withholds records that were not drawn.")
    expected = [number for number in drawn if number not in withheld]
    if [opening.index for opening in sample.openings] != expected:
        raise PeerError("The owner opened other records than those that were drawn.")
    for opening in sample.openings:
        if len(opening.record) != RECORD or not merkle.verify(
            merkle.leaf_hash(opening.record),
            opening.index,
            fingerprint.records,
            opening.path,
            fingerprint.root,
        ):
            raise PeerError(f"Record {opening.index} is not the one that was registered.")


def open_records(content: Content, numbers: Sequence[int], leaves_path: Path) -> list[Opening]:
    """These records with their paths, each as it was registered. Costs about one root of the tree.

    ContentChanged, ContentError: the files or the kept leaf hashes are not what they were.
    """
    found: dict[int, bytes] = {}
    for number in numbers:
        plain = content.records(number, 1)
        if merkle.leaf_hash(plain) != read_leaves(leaves_path, number, 1):
            raise ContentChanged(
                f"The files in “{shown(str(content.source))}” are not those that were registered. "
                "Put the registered files back."
            )
        found[number] = plain
    with files.mapped(leaves_path) as leaves:
        if len(leaves) != content.fingerprint.records * LEAF:
            raise ContentError(
                f"The kept leaf hashes “{shown(str(leaves_path))}” are damaged: "
                "fingerprint the dataset again with the same files."
            )
        paths = paths_of(leaves, numbers)
    return [Opening(number, found[number], tuple(paths[number])) for number in numbers]


def paths_of(leaves: Buffer, numbers: Iterable[int]) -> dict[int, list[bytes]]:
    """Inclusion paths of some leaves, from the sibling up, for the price of one root.

    Raises IndexError for a number that is not in the tree.
    """
    view = memoryview(leaves).cast("B")
    paths: dict[int, list[bytes]] = {number: [] for number in numbers}
    if paths and not 0 <= min(paths) <= max(paths) < len(view) // LEAF:
        raise IndexError("no such leaf in this tree")

    _walk(view, 0, len(view) // LEAF, sorted(paths), paths)
    return paths


def _walk(
    view: memoryview, low: int, high: int, wanted: list[int], paths: dict[int, list[bytes]]
) -> bytes:
    """Root of the leaves [low, high); the paths of those wanted there grow by what is below it."""
    if not wanted or high - low == 1:
        return merkle.root(view[low * LEAF : high * LEAF])
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    below = [number for number in wanted if number < middle]
    above = [number for number in wanted if number >= middle]
    left = _walk(view, low, middle, below, paths)
    right = _walk(view, middle, high, above, paths)
    for number in below:
        paths[number].append(right)
    for number in above:
        paths[number].append(left)
    return merkle.node_hash(left, right)


# What is kept of a sample, on either side


_HEAD = 5


def encode(sample: Sample) -> bytes:
    """u32 number of records withheld ‖ their numbers, u32 each ‖ for each opening: u32 number ‖
    u8 hashes in its path ‖ record ‖ path."""
    parts = [len(sample.withheld).to_bytes(4, "big")]
    parts += [number.to_bytes(4, "big") for number in sample.withheld]
    for opening in sample.openings:
        parts += [opening.index.to_bytes(4, "big"), bytes([len(opening.path)]), opening.record]
        parts += opening.path
    return b"".join(parts)


def decode(data: bytes) -> Sample:
    """The inverse of `encode`; ValueError if the bytes are damaged."""
    count = int.from_bytes(data[:4], "big")
    at = 4 + 4 * count
    if len(data) < at:
        raise ValueError("a kept sample is damaged")
    withheld = [int.from_bytes(data[i : i + 4], "big") for i in range(4, at, 4)]
    openings = []
    while at < len(data):
        index = int.from_bytes(data[at : at + 4], "big")
        record = data[at + _HEAD : at + _HEAD + RECORD]
        end = at + _HEAD + RECORD + 32 * data[min(at + 4, len(data) - 1)]
        hashes = data[at + _HEAD + RECORD : end]
        if end > len(data):
            raise ValueError("a kept sample is damaged")
        path = tuple(hashes[i : i + 32] for i in range(0, len(hashes), 32))
        openings.append(Opening(index, record, path))
        at = end
    return Sample(tuple(openings), tuple(withheld))


def payload_of(opening: Opening, fingerprint: Fingerprint) -> bytes:
    """The content in an opened record, without salt and, of the last one, without padding."""
    end = min(PAYLOAD, fingerprint.length - opening.index * PAYLOAD)
    return opening.record[SALT : SALT + max(0, end)]
