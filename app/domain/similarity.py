"""How alike two contents are, told from sketches of a few KiB that stand on record.

What is no table has a sketch of its pieces (`app.domain.pieces`). That of a table has a MinHash for
each of up to 28 pairs of columns: what two columns say together in each row. Rows may be shuffled,
added and dropped, columns renamed, reordered, added and dropped; as long as two columns are left,
their pair is. A pair is one permutation in 128 bins (Li, Owen and Zhang,
NIPS 2012), of which 8 bits each are kept (Li and König, b-bit minwise hashing, WWW 2010).

    sketch = 0x01 ‖ pair*               1 to 28 pairs
    pair   = u8 first ‖ u8 second ‖ 128 bins of one byte       columns by their place in the listing
    bin    = 0 where no row fell into it, else 1 + (its smallest rank mod 255)

How bins are filled is in `app.domain.sketching`. Bytes from the record are anyone's: what is not a
sketch is a ValueError, and what is one says only what somebody claims about data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.domain import pieces

BINS = 128
MAX_PAIRS = 28
MAX_SKETCH_BYTES = 1 + MAX_PAIRS * (2 + BINS)
SHOWN_FROM = 0.5
"""From this score on two tables are shown as alike."""

_VERSION = 1
_PAIR_BYTES = 2 + BINS
_VALUES = 255
_MAX_COLUMN = 59
_BAND_BINS = 3
_BANDS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns by their places, ``first`` < ``second``, and the `BINS` bins of their pairs of
    values."""

    first: int
    second: int
    bins: bytes


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` 0…1, the mean of the pairs that are alike. ``compared`` has what was found for each
    column of the first sketch, by place: how alike the best pair with it is."""

    score: float
    compared: tuple[tuple[int, float], ...]

    @property
    def alike(self) -> tuple[int, ...]:
        """The places of the columns that the score rests on, those most alike first."""
        found = [(score, place) for place, score in self.compared if score >= self.score / 2]
        return tuple(place for _, place in sorted(found, key=lambda one: (-one[0], one[1])))


NOTHING = Likeness(0.0, ())


def encode(pairs: Iterable[Pair]) -> bytes:
    """The sketch of these pairs; nothing (no bytes) if there are none."""
    parts = [bytes((pair.first, pair.second)) + pair.bins for pair in pairs]
    return bytes((_VERSION,)) + b"".join(parts) if parts else b""


def shorter(sketch: bytes) -> bytes:
    """With three quarters of its pairs; nothing of one pair, or of what is no table's."""
    if is_of_pieces(sketch):
        return b""
    count = len(sketch) // _PAIR_BYTES * 3 // 4
    return sketch[: 1 + count * _PAIR_BYTES] if count else b""


def decode(sketch: bytes) -> tuple[Pair, ...]:
    """The pairs of a sketch. ValueError for anything else: another version, a length that is none,
    the same pair twice, columns that no listing has, a pair with fewer than half of its bins."""
    count, rest = divmod(len(sketch) - 1, _PAIR_BYTES)
    if not 1 <= count <= MAX_PAIRS or rest or sketch[0] != _VERSION:
        raise ValueError("this is not a sketch of version 1")
    starts = range(1, len(sketch), _PAIR_BYTES)
    pairs = tuple(
        Pair(sketch[at], sketch[at + 1], sketch[at + 2 : at + _PAIR_BYTES]) for at in starts
    )
    if any(not pair.first < pair.second <= _MAX_COLUMN for pair in pairs):
        raise ValueError("a sketch names columns that cannot be")
    if len({(pair.first, pair.second) for pair in pairs}) < count:
        raise ValueError("a sketch has the same columns twice")
    if any(pair.bins.count(0) > BINS // 2 for pair in pairs):
        raise ValueError("a sketch of too few rows says nothing")
    return pairs


def jaccard(one: bytes, other: bytes) -> float:
    """How large a share of the values of both is common to both, 0…1, as the bins tell it.

    Standard error √(J(1−J)/128): at most 0.045. Bins that are empty in both say nothing; of the
    others one in 255 agrees by chance, which is taken off.
    """
    differ = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    agree = differ.to_bytes(BINS, "big").count(0)
    empty = sum(not (a or b) for a, b in zip(one, other, strict=True)) if 0 in one else 0
    looked = BINS - empty
    if not looked:
        return 0.0
    return max(0.0, ((agree - empty) / looked - 1 / _VALUES) / (1 - 1 / _VALUES))


def check(sketch: bytes) -> None:
    """ValueError for what is neither a sketch of a table nor of pieces."""
    if is_of_pieces(sketch):
        pieces.decode(sketch)
    else:
        decode(sketch)


def is_of_pieces(sketch: bytes) -> bool:
    """Whether it can only be compared piece by piece: there are no columns."""
    return sketch[:1] == bytes((pieces.VERSION,))


@lru_cache(maxsize=1024)
def likeness(one: bytes, other: bytes) -> Likeness:
    """Two sketches compared, every pair with every pair: columns may have been renamed and moved.
    What is no sketch is like nothing, nor is a table like what is none."""
    try:
        if is_of_pieces(one) and is_of_pieces(other):
            return Likeness(pieces.common(one, other), ())
        first, second = decode(one), decode(other)
    except ValueError:
        return NOTHING
    best = [max(jaccard(pair.bins, against.bins) for against in second) for pair in first]
    top = max(best)
    held = [score for score in best if score >= top / 2]
    columns: dict[int, float] = {}
    for pair, score in zip(first, best, strict=True):
        for place in (pair.first, pair.second):
            columns[place] = max(score, columns.get(place, 0.0))
    return Likeness(sum(held) / len(held), tuple(sorted(columns.items())))


def counterparts(
    one: bytes, other: bytes, prefer: Callable[[int, int], bool] = lambda mine, theirs: False
) -> dict[int, int]:
    """Which column of the second sketch each column of the first that is alike stands for, by
    places. A pair does not say which of its columns is which, but all pairs of a column together
    do; where there is only one, ``prefer`` decides, else the order."""
    try:
        first, second = decode(one), decode(other)
    except ValueError:
        return {}
    found = [(jaccard(a.bins, b.bins), a, b) for a in first for b in second]
    least = max(score for score, _, _ in found) / 2
    votes: Counter[tuple[int, int]] = Counter()
    for score, a, b in found:
        if score >= least > 0:
            for mine in (a.first, a.second):
                for theirs in (b.first, b.second):
                    votes[mine, theirs] += round(score * BINS)
    chosen: dict[int, int] = {}
    for mine, theirs in sorted(votes, key=lambda at: (-votes[at], not prefer(*at), at)):
        if mine not in chosen and theirs not in chosen.values():
            chosen[mine] = theirs
    return chosen


def bands(sketch: bytes) -> tuple[int, ...]:
    """Numbers under 2^32 of which contents that are alike have some in common (locality-sensitive
    hashing): for each pair, four groups of three bins. Nothing for what is no sketch."""
    try:
        if is_of_pieces(sketch):
            return pieces.bands(sketch)
        pairs = decode(sketch)
    except ValueError:
        return ()
    return tuple(sorted(set(_bands(pairs))))


def _bands(pairs: tuple[Pair, ...]) -> Iterator[int]:
    for pair in pairs:
        for band in range(_BANDS):
            bins = pair.bins[band * _BAND_BINS : (band + 1) * _BAND_BINS]
            if 0 not in bins:
                yield int.from_bytes(bytes((band,)) + bins, "big")
