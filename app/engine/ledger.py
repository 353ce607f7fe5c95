"""The chain as the engine sees it: followed to its head, believed when final.

Everything on record is indexed up to the head, so that a new listing is seen at once. What moves
money or an order is taken only from blocks with the network's confirmations on top. A
reorganisation takes back what lay above its fork; those who keep chain facts are told the block.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import trio

from app.domain.snapshots.shell import ChainState
from app.engine import bell
from app.store.database import Database
from app.store.index import Index
from chain.errors import ChainError, Unreachable, WrongNetwork
from chain.gateway import Block, Gateway
from chain.indexer import Advance, Indexer
from chain.network import Network
from chain.practice import Practice
from chain.state import State, newest_state
from p2p.pace import Pace

log = logging.getLogger(__name__)

LOOKS_AT_ONCE = 8
LOOKS_PER_SECOND = 0.5
"""How often others can have the chain asked beside our own polls: endpoints count requests."""

POLL_SECONDS = 4.0
UNHEARD_SECONDS = 0.5
"""Of a practice network, which has a block each second, where its node does not say so."""
HEAR_AGAIN_SECONDS = 5

OnAdvance = Callable[[Advance], Awaitable[None]]


class Ledger:
    """Follows one network. ``practice`` is given when the node is ours to keep alive."""

    def __init__(
        self,
        network: Network,
        database: Database,
        changed: Callable[[], None],
        practice: Practice | None = None,
    ) -> None:
        self.network = network
        self.gateway = Gateway(network)
        self.head: Block | None = None
        self.state: ChainState = "starting"
        self.problem = ""
        self.gas_price_wei: int | None = None
        self.final_time = 0
        """Time of a final block, the newest at the look before: what has not happened by then in
        time never will. 0 where none is known."""
        self._practice = practice
        self._changed = changed
        self._index = Index(database)
        self._indexer = Indexer(self.gateway, network, self._index)
        self._poll_seconds = UNHEARD_SECONDS if network.practice else POLL_SECONDS
        self._heard = False  # whether our node says each block
        self._again = trio.Event()
        self._next = trio.Event()  # set when the look that begins next is over
        self._this = trio.Event()  # and this one when the look under way is
        self._this.set()
        self._hurried = False  # whether the last look that was not broken off put off what can wait
        self._looks: Pace | None = None
        self._complete = False
        self._seen = trio.Event()

    @property
    def now(self) -> int:
        """Time of the newest block (deadlines never use the wall clock).

        Unreachable before the first block was seen in this run: without a time, good offers would
        look wrong and late ones right.
        """
        if self.head is None:
            raise Unreachable("Lading has not reached the network yet. Try again in a moment.")
        return self.head.timestamp

    @property
    def final_block(self) -> int:
        """The newest block that counts as final; -1 before any is known."""
        return self.head.number - self.network.confirmations if self.head else -1

    @property
    def caught_up(self) -> bool:
        """Whether the record was read up to its newest block and the chain answers now."""
        return self.state == "ok" and self._complete

    @property
    def was_seen(self) -> bool:
        return self._seen.is_set()

    async def seen(self) -> None:
        """Return once the record was read up to a newest block, and there is with it a time."""
        await self._seen.wait()

    def final_state(self) -> State:
        """The contracts at the final block up to which orders know what happened. Blocks.

        Unreachable before the first block was seen, and while too few endpoints agree.
        """
        _ = self.now  # final_block means nothing before
        header = self.gateway.header(max(self.final_block, 0))
        if header is None:
            raise Unreachable("The network's endpoints are behind. It will be tried again.")
        return State(self.gateway, self.network, header)

    def newest_state(self) -> State:
        """The contracts at the newest block. Blocks; Unreachable as above."""
        return newest_state(self.gateway, self.network)

    def read_again(self, above_block: int) -> None:
        """Forget everything above a block and ask for it anew. Blocks; only while the index does
        not move, as in `follow`'s ``on_advance``."""
        self._index.rewind(above_block)
        self.look_again()

    def look_again(self) -> None:
        """Do not wait for the next poll."""
        self._again.set()

    @property
    def hurries(self) -> bool:
        """Whether a newer block is known to wait: what can be done after it is put off, but never
        in two looks running, those that broke off left out."""
        return self._again.is_set() and not self._hurried

    async def looked(self, enough: Callable[[], bool]) -> None:
        """Return after a look that began after this call, as `follow` ends it, for somebody else
        who says that there is news; after the one under way if that was ``enough``; at once if
        it was said too often."""
        self._looks = self._looks or Pace(LOOKS_AT_ONCE, LOOKS_PER_SECOND)
        if not self._looks.take():
            return
        this, following = self._this, self._next
        self.look_again()
        await this.wait()
        if not enough():
            await following.wait()

    async def hear(self) -> None:
        """Until cancelled: look as soon as a practice node of ours has a new block. While it cannot
        be heard there are the polls."""
        while self._practice is not None:
            await bell.listen(self.network.rpc_urls[0], self._rung)
            self._heard = False
            self.look_again()
            await trio.sleep(HEAR_AGAIN_SECONDS)

    def _rung(self) -> None:
        self._heard = True
        self.look_again()

    async def follow(self, on_advance: OnAdvance) -> None:
        """Index and report until cancelled; an unreachable chain is tried again, and a practice
        node that died is started again."""
        checked = False
        while True:
            self._this, self._next = self._next, trio.Event()
            try:
                if not checked:
                    await trio.to_thread.run_sync(self.gateway.check)
                    checked = True
                advance = await trio.to_thread.run_sync(self._indexer.advance)
                if advance.rewound_to is not None or advance.head.number < self._height:
                    self.final_time = 0  # what was final may not be
                self.head = advance.head
                first = self.gas_price_wei is None
                if first:
                    await self._ask_beside()
                if advance.done and not self._complete:
                    self._complete = True
                    self._changed()
                self._now_is("ok", "")
                if advance.events or advance.rewound_to is not None:
                    self._changed()
                await on_advance(advance)
                if not (first or self.hurries):
                    await self._ask_beside()
                self._hurried = self.hurries
                if not advance.done:
                    continue  # the next part of a long record, without waiting
                self._seen.set()
            except ChainError as error:
                self.final_time = 0  # a look that broke off can have gone back
                if isinstance(error, WrongNetwork):
                    checked = False
                    self._now_is("wrong", str(error))
                else:
                    self._now_is("unreachable", str(error))
                    await self._revive()
            finally:
                self._this.set()
            with trio.move_on_after(POLL_SECONDS if self._heard else self._poll_seconds):
                await self._again.wait()
            self._again = trio.Event()

    @property
    def _height(self) -> int:
        return self.head.number if self.head else 0

    async def _ask_beside(self) -> None:
        """What no order waits for that was paid in this block."""
        self.final_time = await trio.to_thread.run_sync(self._time_of_final)
        self.gas_price_wei = await trio.to_thread.run_sync(self.gateway.fee_wei, 1)

    def _time_of_final(self) -> int:
        """In a worker thread."""
        block = self.gateway.block(max(self.final_block, 0))
        return block.timestamp if block is not None else self.final_time

    async def _revive(self) -> None:
        if self._practice is None:
            return
        try:
            network = await trio.to_thread.run_sync(self._practice.ensure)
        except ChainError as error:
            log.info("the practice network could not be started again: %s", error)
            return
        if network.rpc_urls != self.network.rpc_urls:  # its old port was taken meanwhile
            self.network = network
            self.gateway = Gateway(network)
            self._indexer = Indexer(self.gateway, network, self._index)

    def _now_is(self, state: ChainState, problem: str) -> None:
        if (state, problem) != (self.state, self.problem):
            self.state, self.problem = state, problem
            self._changed()


def read_network(path: Path) -> Network:
    """A network file somebody chose; ValueError in words."""
    return Network.load(path)
