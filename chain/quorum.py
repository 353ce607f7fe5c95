"""Several endpoints of one network: what a strict majority of them says counts, nothing else.

As long as fewer than half of the configured endpoints lie, lag or are silent, no answer that this
module lets pass is a lie: two majorities share an endpoint. Those who do not answer count against
every answer, so that nobody wins by silencing others. Where there is one endpoint its word is all
there is.

Heights differ between honest endpoints, by a block or two; see `common_height`.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from chain.answers import Declined
from chain.errors import ChainError, Refused, Unreachable, WrongNetwork

REST_SECONDS = 10.0
"""An endpoint that could not be reached is for so long asked only if it is needed."""

APART_BLOCKS = 64
"""What honest endpoints' newest blocks can differ by at most, to count as one chain's head."""

E = TypeVar("E")
T = TypeVar("T")


class NoQuorum(Unreachable):
    """Too few endpoints say the same."""


class Quorum(Generic[E]):
    """Asks endpoints of any kind `E`, as many at once as it needs."""

    def __init__(self, endpoints: Sequence[E]) -> None:
        self._order = list(endpoints)
        self._rests_until: dict[E, float] = {}
        self.size = len(self._order)
        self.needed = self.size // 2 + 1

    def agreed(self, question: Callable[[E], T]) -> T:
        """The answer, hashable, that a majority gives. `question` raises a chain error for none.

        Refused if a majority refuses, for whatever reason. Declined if a smaller question may be
        answered, WrongNetwork if an endpoint has to be mended first; else NoQuorum, or the error
        itself where there is one endpoint.
        """
        order = self._willing()
        heard = self._hear(order[: self.needed], question)
        answer = self._majority(heard)
        if answer is None:
            heard |= self._hear(order[self.needed :], question)
            answer = self._majority(heard)
        if answer is None:
            raise self._shortage(heard)
        self._prefer(heard, answer)
        if isinstance(answer, Refused):
            raise answer
        (value,) = answer
        return value

    def middle(self, question: Callable[[E], int]) -> int:
        """The median of a number on which honest endpoints differ a little, such as a fee; of an
        even count the lower. A majority has to answer; then liars, being fewer than half, cannot
        push it beyond what honest ones say. Errors as `agreed`."""
        heard = self._everyone(question)
        numbers = sorted(said[0] for said in heard.values() if isinstance(said, tuple))
        if len(numbers) >= self.needed:
            return numbers[(len(numbers) - 1) // 2]
        refused = [said for said in heard.values() if isinstance(said, Refused)]
        if len(refused) >= self.needed:
            raise refused[0]
        raise self._shortage(heard)

    def common_height(self, height: Callable[[E], int]) -> int:
        """The highest block number that a majority says its chain has reached.

        At least one of them is honest, so it is not higher than an honest chain; and those who lag
        do not hold it back while a majority does not. NoQuorum if it is far from where a majority
        is: a clock held back would let deadlines pass unseen.
        """
        heard = self._everyone(height)
        numbers = sorted(said[0] for said in heard.values() if isinstance(said, tuple))
        if len(numbers) < self.needed:
            raise self._shortage(heard)
        reached = numbers[-self.needed]
        if sum(abs(number - reached) <= APART_BLOCKS for number in numbers) < self.needed:
            raise NoQuorum(
                f"The network's endpoints are {numbers[-1] - reached} blocks apart; it will be "
                "tried again."
            )
        return reached

    def any_of(self, question: Callable[[E], T]) -> T:
        """The first answer, for what the question itself can check. Errors as `agreed`."""
        heard: dict[E, tuple[T] | ChainError] = {}
        for endpoint in self._willing():
            heard |= self._hear([endpoint], question)
            said = heard[endpoint]
            if isinstance(said, tuple):
                return said[0]
        raise self._shortage(heard)

    # Inside

    def _everyone(self, question: Callable[[E], T]) -> dict[E, tuple[T] | ChainError]:
        now = time.monotonic()
        order = self._willing()
        awake = [one for one in order if self._rests_until.get(one, 0.0) <= now]
        heard = self._hear(awake, question)
        if sum(isinstance(said, tuple) for said in heard.values()) < self.needed:
            heard |= self._hear([one for one in order if one not in heard], question)
        return heard

    def _hear(
        self, endpoints: Sequence[E], question: Callable[[E], T]
    ) -> dict[E, tuple[T] | ChainError]:
        """What each of them says, in a tuple so that None is an answer, or its error."""

        def ask(endpoint: E) -> tuple[T] | ChainError:
            try:
                return (question(endpoint),)
            except ChainError as error:
                return error

        if len(endpoints) < 2:
            said = [ask(endpoint) for endpoint in endpoints]
        else:
            with ThreadPoolExecutor(len(endpoints), "endpoint") as threads:
                said = list(threads.map(ask, endpoints))
        heard = dict(zip(endpoints, said, strict=True))
        for endpoint, one in heard.items():
            if isinstance(one, Unreachable) and not isinstance(one, Declined):
                self._rests_until[endpoint] = time.monotonic() + REST_SECONDS
            else:
                self._rests_until.pop(endpoint, None)
        return heard

    def _majority(self, heard: dict[E, tuple[T] | ChainError]) -> tuple[T] | Refused | None:
        said = [one for one in heard.values() if isinstance(one, tuple)]
        for answer, votes in Counter(said).most_common(1):
            if votes >= self.needed:
                return answer
        refused = [one for one in heard.values() if isinstance(one, Refused)]
        return refused[0] if len(refused) >= self.needed else None

    def _shortage(self, heard: dict[E, tuple[T] | ChainError]) -> ChainError:
        errors = [one for one in heard.values() if isinstance(one, ChainError)]
        if self.size == 1:
            return errors[0]
        for kind in (WrongNetwork, Declined):
            for error in errors:
                if isinstance(error, kind):
                    return error
        answers = Counter(one for one in heard.values() if isinstance(one, tuple))
        most = max(answers.values(), default=0)
        usable = sum(answers.values())
        if usable < self.needed:
            why = f"Only {usable} of the network's {self.size} endpoints answer"
        else:
            why = f"Only {most} of the network's {self.size} endpoints say the same"
        return NoQuorum(f"{why}, and {self.needed} are needed; it will be tried again.")

    def _willing(self) -> list[E]:
        """Those who rest last; before them the order of trust."""
        now = time.monotonic()
        return sorted(self._order, key=lambda one: self._rests_until.get(one, 0.0) > now)

    def _prefer(self, heard: dict[E, tuple[T] | ChainError], answer: object) -> None:
        """Ask those who said otherwise last from now on."""
        others = {one for one, said in heard.items() if said != answer}
        if others and not isinstance(answer, Refused):
            self._order = sorted(self._order, key=lambda one: one in others)
