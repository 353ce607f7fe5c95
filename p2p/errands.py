"""What the network's loop has done elsewhere (`p2p.worker`), without waiting at every step.

The loop asks as far ahead as it likes; one thread waits for the answers, which come in the order of
what was asked.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from queue import SimpleQueue
from typing import Any

import trio

from p2p.worker import Hands


class Errand:
    """Something that was asked. What nobody waits for wakes nobody: whoever has asked several
    things waits for the last one."""

    def __init__(self, token: trio.lowlevel.TrioToken) -> None:
        self._token = token
        self._awaited: trio.Event | None = None
        self.settled = False
        self._result: Any = None
        self._error: BaseException | None = None

    async def done(self) -> None:
        """Return when it is; at once if it is already."""
        if self.settled:
            return
        if self._awaited is None:
            self._awaited = trio.Event()
        if not self.settled:  # not meanwhile, either: `settle` looks for us after it has said so
            await self._awaited.wait()

    async def answer(self) -> Any:
        """What it brought; raises what it raised."""
        await self.done()
        if self._error is not None:
            raise self._error
        return self._result

    def settle(self, result: Any, error: BaseException | None) -> None:
        """From any thread."""
        self._result, self._error = result, error
        self.settled = True
        if self._awaited is not None:
            self._token.run_sync_soon(self._awaited.set)


class Errands:
    """Hands that are asked from the loop."""

    def __init__(self, hands: Hands) -> None:
        self.window = hands.window
        self.ahead = hands.ahead
        self._hands = hands
        self._asked = SimpleQueue[Errand | None]()
        self._token = trio.lowlevel.current_trio_token()

    def ask(self, method: str, *arguments: Any) -> Errand:
        """To be done after all that was asked before. Unreachable: nobody is there any more."""
        errand = Errand(self._token)
        self._hands.ask(method, *arguments)
        self._asked.put(errand)
        return errand

    async def call(self, method: str, *arguments: Any) -> Any:
        return await self.ask(method, *arguments).answer()

    def no_more(self) -> None:
        self._asked.put(None)

    def answers(self) -> None:
        """In a thread: hand out what comes back until there is no more."""
        while (errand := self._asked.get()) is not None:
            result, failed = None, None
            try:
                result = self._hands.answer()
            except BaseException as error:
                failed = error
            errand.settle(result, failed)


async def nothing() -> None:
    await trio.lowlevel.checkpoint()


@asynccontextmanager
async def errands(
    start: Callable[[], Hands], meanwhile: Callable[[], Awaitable[None]] = nothing
) -> AsyncIterator[Errands]:
    """Hands that start and end in a thread: a process takes its time for both. All that was asked
    is done at the end of the block.

    meanwhile: done while they start, before the block. What it raises comes as it is, and the hands
    have ended.
    """
    hands = await _started(start, meanwhile)
    asked, over = Errands(hands), trio.Event()
    token = trio.lowlevel.current_trio_token()
    trio.lowlevel.start_thread_soon(asked.answers, lambda _: token.run_sync_soon(over.set))
    try:
        yield asked
    finally:
        asked.no_more()
        with trio.CancelScope(shield=True):
            await over.wait()
        await _end(hands)


async def _started(start: Callable[[], Hands], meanwhile: Callable[[], Awaitable[None]]) -> Hands:
    made: list[Hands] = []
    failures: list[Exception] = []

    async def begin() -> None:
        try:
            made.append(await trio.to_thread.run_sync(start))
        except Exception as error:
            failures.append(error)

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(begin)
            try:
                await meanwhile()
            except Exception as error:
                failures.append(error)
        if not failures:
            return made.pop()
    finally:
        for hands in made:
            await _end(hands)
    raise failures[0]


async def _end(hands: Hands) -> None:
    """Whatever is cancelled."""
    with trio.CancelScope(shield=True):
        await trio.to_thread.run_sync(partial(hands.__exit__, None, None, None))
