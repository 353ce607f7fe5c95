"""How alike two contents are that are no tables, told from the smallest hashes of their pieces.

A piece is a chunk of about half a KiB whose ends are where the content itself says (FastCDC, Xia
and others, IEEE TPDS 2020): what is put in, taken out or moved changes the pieces around it and no
others. Of all different pieces those with the smallest hashes are kept (bottom-k, Broder, 1997);
of two contents the same hashes are kept where both have the piece.

    sketch = 0x02 ‖ rank*     16 to 320 ranks of 6 bytes, big-endian, ascending, each once
    rank   = first 6 bytes of SHA-256(piece)

How content is cut is in `app.engine.cutting`. Bytes from the record are anyone's: what is not a
sketch is a ValueError, and what is one says only what somebody claims about data.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from itertools import pairwise

VERSION = 2
KEPT = 320
RANK_BYTES = 6
MAX_SKETCH_BYTES = 1 + KEPT * RANK_BYTES
LEAST_PIECES = 16
"""Fewer pieces say nothing; nor does a comparison that rests on fewer."""

_BANDS = 48
_OURS = 1 << 31
"""Set in each band of these sketches and in none of the others'."""


def encode(ranks: Collection[int]) -> bytes:
    """The sketch of these ranks, of which the smallest are kept; no bytes if there are too few."""
    kept = sorted(set(ranks))[:KEPT]
    if len(kept) < LEAST_PIECES:
        return b""
    return bytes((VERSION,)) + b"".join(rank.to_bytes(RANK_BYTES, "big") for rank in kept)


def decode(sketch: bytes) -> tuple[int, ...]:
    """The ranks of a sketch, ascending. ValueError for anything else."""
    count, rest = divmod(len(sketch) - 1, RANK_BYTES)
    if not LEAST_PIECES <= count <= KEPT or rest or sketch[0] != VERSION:
        raise ValueError("this is not a sketch of version 2")
    ranks = tuple(
        int.from_bytes(sketch[at : at + RANK_BYTES], "big")
        for at in range(1, len(sketch), RANK_BYTES)
    )
    if any(one >= other for one, other in pairwise(ranks)):
        raise ValueError("the ranks of a sketch ascend")
    return ranks


def common(one: bytes, other: bytes) -> float:
    """How large a share of the pieces of the smaller content is in the other as well, 0…1.

    Below the largest rank that both would have kept, both sketches are complete. Standard error
    √(p(1−p)/n) for n pieces of the smaller one there: 0.028 at most for contents of one size, and
    0.13 where it rests on 16 pieces, the fewest that are looked at.
    """
    first, second = decode(one), decode(other)
    upto = min(_complete_to(first), _complete_to(second))
    mine, theirs = first[: bisect_right(first, upto)], second[: bisect_right(second, upto)]
    fewer = min(len(mine), len(theirs))
    if fewer < LEAST_PIECES:
        return 0.0
    return len(set(mine) & set(theirs)) / fewer


def _complete_to(ranks: tuple[int, ...]) -> int:
    """Up to which rank nothing was left out."""
    return ranks[-1] if len(ranks) == KEPT else 1 << (8 * RANK_BYTES)


def bands(sketch: bytes) -> tuple[int, ...]:
    """As `similarity.bands`: one for each of the smallest ranks."""
    return tuple(sorted({_OURS | rank & (_OURS - 1) for rank in decode(sketch)[:_BANDS]}))
