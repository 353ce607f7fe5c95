"""One search, in steps that are short whatever is asked for and however long the record is.

What was registered last comes first. A step looks through a stretch of numbers; who asks can show
what was found in between. The next stretch is made longer or shorter by how much longer this one
took than the quickest so far: what any step costs, however short, is no reason for short ones. What
a price, a size or a rating leaves is all looked through at once if it is little (`search.few`).
Where words are asked for and the best is to come first, titles are looked through before the rest.
At most `MOST` are found: order by price and the counts are among these, and the screen says so.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import islice
from operator import attrgetter
from typing import Literal

from sqlalchemy.orm import Session

from app.store import search
from app.store.search import Hit, Wanted

MOST = 10_000
FIRST_STRETCH = 2_000
SHORTEST_STRETCH = 1_000
LONGEST_STRETCH = 1_000_000
QUICK_SECONDS = 0.008
SLOW_SECONDS = 0.03

Order = Literal["best", "newest", "cheapest", "dearest"]


class Seeking:
    """`step` until `done`. ``found`` is by number, in the order it was found."""

    def __init__(self, wanted: Wanted, order: Order = "newest") -> None:
        self.wanted = wanted
        self.order = order
        self.found: dict[int, Hit] = {}
        self.done = False
        self.more = False
        """There is more than `MOST`."""
        self._titles = order == "best" and bool(wanted.words)
        self._below: int | None = None
        self._few: list[int] | None = None
        self._stretch = FIRST_STRETCH
        self._quickest = math.inf

    def step(self, session: Session) -> None:
        """Look through the next stretch."""
        if self._below is None:
            self._below = search.state(session).read + 1
            self._few = search.few(session, self.wanted)
        below, least = self._below, max(0, self._below - self._stretch)
        if self._few is not None:
            least = 0
        room = MOST - len(self.found)
        again = sum(least <= number < below for number in self.found)  # by their titles
        before = time.perf_counter()
        rows = search.hits(
            session,
            self.wanted,
            titles=self._titles,
            least=least,
            below=below,
            most=room + again + 1,
            among=self._few,
        )
        self._adapt(time.perf_counter() - before)
        new = {row.number: row for row in rows if row.number not in self.found}
        self.found.update(islice(new.items(), room))
        if len(new) > room:
            self.more = self.done = True
        elif least:
            self._below = least
        elif self._titles:
            self._titles, self._below = False, None
            self._stretch, self._quickest = FIRST_STRETCH, math.inf
        else:
            self.done = True

    def numbers(self) -> list[int]:
        """What was found so far, in the order that was asked for."""
        if self.order in ("best", "newest"):
            return list(self.found)
        token = self.wanted.token
        every = self.found.values()
        priced = [hit for hit in every if hit.price is not None and hit.token == token]
        priced.sort(key=lambda hit: hit.price or b"", reverse=self.order == "dearest")
        others = [hit for hit in every if hit.price is None or hit.token != token]
        return [hit.number for hit in (*priced, *others)]

    def counts(
        self, column: Literal["field", "region", "licence"], most: int
    ) -> tuple[tuple[str, int], ...]:
        """How many of those found have which value in a column of `Hit`, the commonest first."""
        found = Counter(map(attrgetter(column), self.found.values()))
        found.pop("", None)
        return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:most])

    def _adapt(self, seconds: float) -> None:
        self._quickest = min(self._quickest, seconds)
        for_length = seconds - self._quickest
        if for_length < QUICK_SECONDS:
            self._stretch = min(self._stretch * 4, LONGEST_STRETCH)
        elif for_length > SLOW_SECONDS:
            self._stretch = max(self._stretch // 2, SHORTEST_STRETCH)
