"""A table's sketch (`app.domain.similarity`), made from its rows.

Two passes in constant memory: the first finds the columns that tell most, the second fills the bins
of their pairs. Of a long table the profile has counted already what the first would count; the bins
are those of all rows however many there are, so that a copy with rows taken out or added is still
like it. What another program writes differently is the same here: a value is what it means.

    value  of a number: a whole one in decimal digits, any other with four significant ones (%.4g);
           of a text: NFKC, case folded, each run of white space one space
    hash   = first 8 bytes of SHA-256(UTF-8 of value), big-endian
    pair   = (hash of one column + hash of the other) mod 2^64, so that their order does not matter
    bin    = pair mod 128,  rank = pair div 128;  the smallest rank of a bin is kept

Columns of dates, of yes and no, of running numbers and with fewer than 32 different values are
left out: they are alike in tables that have nothing to do with each other. So are pairs with 256
different values or fewer, and pairs of which fewer than half are different from row to row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import combinations, islice

from app.domain.quality import is_missing
from app.domain.similarity import BINS, MAX_PAIRS, Pair, encode
from app.domain.snapshots.datasets import Column

MAX_COLUMNS = 60
"""As many as a listing names."""

CHOSEN_COLUMNS = 8
"""So that some of the table's own are left where a few columns that tell more were added."""
KEY_COLUMNS = 2
"""Of columns that have another value in most rows so many are chosen before any other: one is as
good as the next, and a few of them are easily added."""
_KEY_SHARE = 0.75  # what is different is an estimate: its standard error is 9 %
LEAST_VALUES = 32
LEAST_PAIRS = 257
_LEFT_OUT = frozenset({"date", "yes_no", "empty"})
_BIN_BITS = BINS.bit_length() - 1
_RANKS = 1 << (64 - _BIN_BITS)
_MASK = (1 << 64) - 1
_EXACT = 1024
_REMEMBERED = 4096
_PORTION = 1024
LONG_ROWS = 3_000_000
"""From here on the profile says which columns tell most."""
_SHOWS_NUMBER = frozenset("+-.0123456789")
_WHOLE = float(1 << 53)

Rows = Callable[[], Iterable[list[str]]]
"""Gives the rows of a table from the first on, the names, each time it is called."""


def sketch(rows: Rows, columns: Sequence[Column], count: int = 0) -> bytes:
    """The sketch of a table with these columns, and ``count`` rows if they are known; no bytes if
    it has not two columns that tell enough."""
    found = _profiled(columns, count) if count >= LONG_ROWS else _counted(rows, columns)
    ranked = sorted(found, key=lambda place: (-found[place][0], place))
    keys = [place for place in ranked if found[place][0] > _KEY_SHARE * found[place][1]]
    others = [place for place in ranked if place not in keys]
    ranked = [*keys[:KEY_COLUMNS], *others, *keys[KEY_COLUMNS:]]
    chosen = sorted(ranked[:CHOSEN_COLUMNS])
    return encode(_pairs(rows, chosen)) if len(chosen) > 1 else b""


def _places(columns: Sequence[Column]) -> list[int]:
    return [
        place for place, column in enumerate(columns[:MAX_COLUMNS]) if column.kind not in _LEFT_OUT
    ]


def _counted(rows: Rows, columns: Sequence[Column]) -> dict[int, tuple[int, int]]:
    """How many different values the columns have that tell something, of how many cells that are
    filled; one pass over all rows."""
    seen = {place: _Values() for place in _places(columns)}
    for portion in _portions(rows, list(seen)):
        for place, cells in portion.items():
            seen[place].add(cells)
    return {
        place: (values.bins.different(), values.count)
        for place, values in seen.items()
        if values.tells()
    }


def _profiled(columns: Sequence[Column], count: int) -> dict[int, tuple[int, int]]:
    """The same as the profile says it."""
    found = {}
    for place in _places(columns):
        column = columns[place]
        different = column.different or 0
        filled = int(column.complete * count)
        whole = column.kind == "integer" and column.fits == 1 and column.least.isdecimal()
        most, least = (int(column.most), int(column.least)) if whole else (0, 0)
        if different >= LEAST_VALUES and not (whole and _runs(different, filled, most - least)):
            found[place] = different, filled
    return found


def _runs(different: int, filled: int, span: int) -> bool:
    """Whether whole numbers are running ones, also where some rows are gone or doubled."""
    return different > 0.75 * filled and span < 2 * filled


def canonical(raw: str) -> str:
    """What a cell says, however it is written; empty if it says nothing."""
    value = raw.strip()
    if is_missing(value):
        return ""
    if value[0] in _SHOWS_NUMBER:
        number = _number(value)
        if number:
            return number
    if value.isascii():
        return " ".join(value.lower().split())
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _number(value: str) -> str:
    if value.isdecimal() and value.isascii():
        return value.lstrip("0") or "0"
    try:
        number = float(value.replace(",", ".") if value.count(",") == 1 else value)
    except ValueError:
        return ""
    if -_WHOLE < number < _WHOLE and number == int(number):
        return str(int(number))
    return f"{number:.4g}"


def _hash(value: str) -> int:
    return int.from_bytes(sha256(value.encode("utf-8", "surrogatepass")).digest()[:8], "big")


class _Bins:
    """The smallest rank of each bin, and how many different hashes there were."""

    def __init__(self) -> None:
        self.lowest = [_RANKS] * BINS
        self._below = 1 << 64
        self._exact: set[int] = set()

    def add(self, numbers: Collection[int]) -> None:
        # Soon nearly all are too large to be the smallest of any bin: they are passed over at once.
        below = self._below
        for number in [number for number in numbers if number < below]:
            place, rank = number & (BINS - 1), number >> _BIN_BITS
            if rank < self.lowest[place]:
                self.lowest[place] = rank
        self._below = max(self.lowest) << _BIN_BITS
        if len(self._exact) <= _EXACT:
            self._exact.update(numbers)

    def different(self) -> int:
        """Exact up to 1,024, then estimated: in a bin of n the smallest is near 1/(n + 1)."""
        if len(self._exact) <= _EXACT:
            return len(self._exact)
        total = sum(self.lowest) / _RANKS
        return max(_EXACT, int(BINS * (BINS - 1) / total - BINS)) if total else 1 << 62

    def bytes(self) -> bytes:
        return bytes(0 if rank == _RANKS else 1 + rank % 255 for rank in self.lowest)


class _Reader:
    """Hashes of one column's cells; those of its first values are remembered. 0 stands for
    nothing."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def hashes(self, cells: Sequence[str]) -> dict[str, int]:
        """Of each different cell."""
        known, new = self._known, self._new
        found = {}
        for raw in set(cells):
            number = known.get(raw)
            if number is None:
                number = new(raw)
                if len(known) < _REMEMBERED:
                    known[raw] = number
            found[raw] = number
        return found

    def _new(self, raw: str) -> int:
        value = canonical(raw)
        return _hash(value) if value else 0


class _Values(_Reader):
    """One column in the first pass. What was seen before only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.bins = _Bins()
        self.count = 0
        self._whole = True
        self._least, self._most = 1 << 63, 0

    def add(self, cells: Sequence[str]) -> None:
        hashes = self.hashes(cells)
        self.bins.add([number for number in hashes.values() if number])
        self.count += len(cells)
        if not all(hashes.values()):
            self.count -= sum(not hashes[raw] for raw in cells)

    def _new(self, raw: str) -> int:
        value = canonical(raw)
        if not value:
            return 0
        if not value.isdecimal() or len(value) > 18:
            self._whole = False
        elif self._whole:
            number = int(value)
            self._least, self._most = min(self._least, number), max(self._most, number)
        return _hash(value)

    def tells(self) -> bool:
        different = self.bins.different()
        runs = self._whole and _runs(different, self.count, self._most - self._least)
        return different >= LEAST_VALUES and not runs


def _pairs(rows: Rows, places: Sequence[int]) -> Iterator[Pair]:
    which = list(combinations(places, 2))[:MAX_PAIRS]
    readers = {place: _Reader() for place in places}
    bins = [_Bins() for _ in which]
    counts = [0] * len(which)
    for portion in _portions(rows, places):
        said = {}
        gaps = {}
        for place, cells in portion.items():
            hashes = readers[place].hashes(cells)
            said[place] = list(map(hashes.__getitem__, cells))
            gaps[place] = 0 in hashes.values()
        for number, (one, other) in enumerate(which):
            if gaps[one] or gaps[other]:
                both = zip(said[one], said[other], strict=True)
                pairs = [(first + second) & _MASK for first, second in both if first and second]
            else:
                both = zip(said[one], said[other], strict=True)
                pairs = [(first + second) & _MASK for first, second in both]
            counts[number] += len(pairs)
            bins[number].add(pairs)
    for number, (one, other) in enumerate(which):
        different = bins[number].different()
        if different >= LEAST_PAIRS and 2 * different >= counts[number]:
            yield Pair(one, other, bins[number].bytes())


def _portions(rows: Rows, places: Sequence[int]) -> Iterator[dict[int, list[str]]]:
    """The cells of these columns, many rows at a time; what a short row does not have is empty."""
    body = iter(rows())
    next(body, None)
    width = max(places, default=0) + 1
    while portion := list(islice(body, _PORTION)):
        whole = [
            row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in portion
        ]
        yield {place: [row[place] for row in whole] for place in places}
