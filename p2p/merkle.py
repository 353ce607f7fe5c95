"""RFC 9162 Merkle trees over SHA-256: hash, prove, verify. `p2p.lanes` makes many hashes at once.

A *leaf* is the 32-byte hash of an entry; *leaves* are their concatenation (32 bytes each, any
bytes-like object; a memoryview over a mapped file serves as well). A tree of n leaves splits at the
largest power of two smaller than n (RFC 9162 §2.1.1). That is the same as pairing neighbours level
by level and carrying a lone last node up, which is how it is computed here.
"""

import hashlib
from collections.abc import Iterator, Sequence

from p2p import lanes
from p2p.buffers import Buffer

HASH = 32
_LEAF = b"\x00"
_NODE = b"\x01"
# Leaves folded at once: one chunk of a dataset.
_BLOCK_LEVEL = 8
_BLOCK = 1 << _BLOCK_LEVEL

_sha256 = hashlib.sha256

EMPTY_ROOT = _sha256(b"").digest()
"""Root of the tree without leaves (RFC 9162 §2.1.1)."""


def leaf_hash(entry: Buffer) -> bytes:
    """Hash of an entry: SHA-256(0x00 ‖ entry)."""
    digest = _sha256(_LEAF)
    digest.update(entry)
    return digest.digest()


def leaf_hashes(entries: Buffer, size: int, heads: Buffer = b"") -> bytes:
    """`leaf_hash` of each of the entries of ``size`` bytes that lie one after another, 32 bytes
    each; with ``heads``, as many of 32 bytes, of each head followed by its entry. ValueError if
    they do not agree."""
    return lanes.hashes(_LEAF[0], entries, size, heads)


def node_hash(left: Buffer, right: Buffer) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return _sha256(b"".join((_NODE, left, right))).digest()


def root(leaves: Buffer) -> bytes:
    """Root of the tree over ``leaves`` (32n bytes, n ≥ 0)."""
    hasher = RootHasher()
    hasher.add_many(leaves)
    return hasher.root()


class RootHasher:
    """The root of a tree whose leaves come one after another, in memory of log2(n) hashes."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        # Roots of the perfect subtrees the size's binary digits stand for, largest first.
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """Leaves added so far."""
        return self._size

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash (32 bytes)."""
        if len(leaf) != HASH:
            raise ValueError("a leaf hash is 32 bytes")
        self._push(bytes(leaf), 0)

    def add_many(self, leaves: Buffer) -> None:
        """Append leaf hashes, 32 bytes each."""
        view = _leaf_view(leaves)
        at, end = 0, len(view)
        while at < end:
            if self._size % _BLOCK == 0 and end - at >= _BLOCK * HASH:
                self._push(_perfect_root(view[at : at + _BLOCK * HASH]), _BLOCK_LEVEL)
                at += _BLOCK * HASH
            else:
                self._push(bytes(view[at : at + HASH]), 0)
                at += HASH

    def root(self) -> bytes:
        """Root over everything added so far; more may be added afterwards."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def _push(self, node: bytes, level: int) -> None:
        size, self._size = self._size, self._size + (1 << level)
        while size >> level & 1:
            node = node_hash(self._peaks.pop(), node)
            level += 1
        self._peaks.append(node)


def path(leaves: Buffer, index: int) -> list[bytes]:
    """Inclusion path of leaf ``index``, from the leaf's sibling up (RFC 9162 §2.1.3.1).

    Raises IndexError unless 0 ≤ index < n.
    """
    return next(paths(leaves, index, index + 1))[1]


def paths(leaves: Buffer, start: int, stop: int) -> Iterator[tuple[int, list[bytes]]]:
    """``(index, path)`` for every index in [start, stop), for the price of about one root.

    Raises IndexError unless 0 ≤ start < stop ≤ n.
    """
    view = _leaf_view(leaves)
    if not 0 <= start < stop <= len(view) // HASH:
        raise IndexError("no such leaf in this tree")
    return _paths_below(view, 0, len(view) // HASH, start, stop, [])


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Root that ``path`` leads to from leaf ``index`` of ``size`` (RFC 9162 §2.1.3.2).

    Raises ValueError unless 0 ≤ index < size and the path has exactly the length of that place.
    """
    if not 0 <= index < size:
        raise ValueError("the index lies outside the tree")
    if len(leaf) != HASH or any(len(sibling) != HASH for sibling in path):
        raise ValueError("hashes are 32 bytes")
    place, last = index, size - 1
    node = bytes(leaf)
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long for this tree")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            # A lone last node was carried up without a sibling: skip those levels.
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        place >>= 1
        last >>= 1
    if last != 0:
        raise ValueError("the path is too short for this tree")
    return node


def verify(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` proves leaf ``index`` of ``size`` under ``root``; never raises on lies."""
    try:
        return root_from_path(leaf, index, size, path) == root
    except ValueError:
        return False


def _leaf_view(leaves: Buffer) -> memoryview:
    view = memoryview(leaves).cast("B")
    if len(view) % HASH:
        raise ValueError("leaf hashes are 32 bytes each")
    return view


def _perfect_root(view: memoryview) -> bytes:
    """Root over 2^k leaves, level by level: the tight loop of everything here."""
    level: Buffer = view
    while len(level) > HASH:
        level = lanes.hashes(_NODE[0], level, 2 * HASH)
    return bytes(level)


def _paths_below(
    view: memoryview, low: int, high: int, start: int, stop: int, above: list[bytes]
) -> Iterator[tuple[int, list[bytes]]]:
    """Paths of the wanted leaves in the subtree [low, high); ``above`` runs root to subtree."""
    if high - low == 1:
        yield low, above[::-1]
        return
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    if start < middle:
        right = root(view[middle * HASH : high * HASH])
        yield from _paths_below(view, low, middle, start, min(stop, middle), [*above, right])
    if stop > middle:
        left = root(view[low * HASH : middle * HASH])
        yield from _paths_below(view, middle, high, max(start, middle), stop, [*above, left])
