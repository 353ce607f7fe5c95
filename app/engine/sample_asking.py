"""The buyer's side of samples: asks, waits for the block that draws, and checks what is opened.

What is asked for is kept and tried until there is an answer, across restarts. A grant counts only
if its block was still to come when it arrived: an owner that could wait for the hash could choose.
What was opened and proven is kept; asking again shows it and asks nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import trio

from app.domain.errors import RuleError
from app.domain.sample_commands import AskSample
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.engine.letters import Letters
from app.engine.sample_giving import AHEAD_BLOCKS, FARTHEST_BLOCKS
from app.store import index
from app.store import samples as rows
from app.store.database import Database
from app.store.index import RegisteredDataset
from app.store.samples import Asked, SampleState
from chain import agreement
from chain.address import address_bytes
from chain.agreement import SampleGrant
from chain.errors import ChainError, InvalidSignature
from p2p import samples
from p2p.errors import PeerError, Unreachable
from p2p.host import Host
from p2p.records import Fingerprint
from p2p.sampling import Ask, Grant, Open

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
LONGEST_SECONDS = 60.0
"""It is tried again after two seconds, then after twice as long each time, up to this."""
TOO_LATE = (
    "The owner's answers came after the block that draws the records, so it could have chosen them."
)


class SampleAsking:
    """``changed`` is called when something came of a question."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        identity: Identity,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._identity = identity
        self._changed = changed
        self._host: Host | None = None
        self._letters: Letters | None = None
        self._again = trio.Event()
        self._not_before: dict[bytes, float] = {}
        self._waits: dict[bytes, str] = {}
        self._fails: dict[bytes, int] = {}
        self._asking: set[bytes] = set()

    def connect(self, host: Host, letters: Letters) -> None:
        self._host, self._letters = host, letters

    def waits_for(self, dataset: bytes) -> str:
        """Why there is no answer yet, as far as it is known."""
        return self._waits.get(dataset, "")

    def ask(self, command: AskSample) -> None:
        """Raises RuleError where there is nothing to ask for."""
        dataset = bytes.fromhex(command.dataset)
        with self._database.begin() as session:
            row = index.registration(session, dataset)
            before = rows.asked(session, dataset)
            if row is None or row.withdrawn:
                raise RuleError("request.withdrawn", "This dataset is not for sale any more.")
            if row.title_holder == self._identity.address:
                raise RuleError("sample.own", "This dataset is your own: look at its files.")
            if before is None or before.owner != row.title_holder:
                now = self._ledger.now
                rows.save_asked(session, Asked(dataset, row.title_holder, "asked", now))
            elif before.state in ("refused", "unopened", "false"):
                # What was agreed to stays as it is: other records cannot be had by asking again.
                state: SampleState = "granted" if before.block else "asked"
                rows.save_asked(session, replace(before, state=state, reason="", late=0))
        self.look_now()

    def look_now(self) -> None:
        """Somebody was seen, or something was asked: try all of them."""
        self._not_before.clear()
        self._fails.clear()
        self.look()

    def look(self) -> None:
        """There may be a new block: whatever need not wait is tried."""
        self._again.set()

    async def run(self) -> None:
        """Until cancelled. Nobody waits for the answer to another's question."""
        async with trio.open_nursery() as nursery:
            while True:
                with self._database.read() as session:
                    waiting = rows.waiting(session)
                for asked in waiting:
                    due = self._not_before.get(asked.dataset, 0.0) <= trio.current_time()
                    if due and asked.dataset not in self._asking:
                        self._asking.add(asked.dataset)
                        nursery.start_soon(self._try, asked)
                with trio.move_on_at(self._next_look() if waiting else float("inf")):
                    await self._again.wait()
                self._again = trio.Event()

    def _next_look(self) -> float:
        now = trio.current_time()
        return min([now + LONGEST_SECONDS, *(at for at in self._not_before.values() if at > now)])

    async def _try(self, asked: Asked) -> None:
        try:
            await self._step(asked)
        except PeerError as error:
            self._ended(asked, "unopened" if asked.block else "refused", error.reason)
        except (Unreachable, ChainError) as error:
            self._later(asked, str(error))
        finally:
            self._asking.discard(asked.dataset)

    async def _step(self, asked: Asked) -> None:
        with self._database.read() as session:
            row = index.registration(session, asked.dataset)
        if row is None:
            raise Unreachable("The dataset's registration has not been read here yet.")
        if asked.state == "asked":
            await self._ask(asked, row)
        elif asked.block <= self._ledger.final_block:
            await self._open(asked, row)

    async def _ask(self, asked: Asked, row: RegisteredDataset) -> None:
        host, peer_id, addresses = self._reach(asked)
        head = await trio.to_thread.run_sync(self._ledger.gateway.head)
        grant = await host.ask_sample(
            peer_id, addresses, Ask(asked.dataset, head.number), identity=asked.owner
        )
        self._check(asked, grant, row)
        # Looked up now and not before: what is on record by this moment could have been known.
        newest = (await trio.to_thread.run_sync(self._ledger.gateway.head)).number
        if grant.block > newest + AHEAD_BLOCKS + FARTHEST_BLOCKS:
            raise PeerError("The owner named a block that is too far away.")
        if grant.block <= newest:
            if grant.block == asked.late:
                raise PeerError(TOO_LATE)
            with self._database.begin() as session:
                rows.save_asked(session, replace(asked, late=grant.block))
            self._later(asked, "The owner's answer came too late. It is asked again.")
            return
        with self._database.begin() as session:
            granted = replace(
                asked,
                state="granted",
                block=grant.block,
                records=grant.records,
                signature=grant.signature,
            )
            rows.save_asked(session, granted)
        self._moved(asked.dataset)

    def _check(self, asked: Asked, grant: Grant, row: RegisteredDataset) -> None:
        """PeerError unless the owner has signed exactly that."""
        if grant.records > row.records:
            raise PeerError("The owner agreed to show more records than there are.")
        value = SampleGrant(asked.dataset, self._identity.address, grant.block, grant.records)
        try:
            signer = agreement.recover(self._identity.exchange, value, grant.signature)
        except InvalidSignature as error:
            raise PeerError(str(error)) from error
        if signer != asked.owner:
            raise PeerError("The sample is not signed by the dataset's owner.")

    async def _open(self, asked: Asked, row: RegisteredDataset) -> None:
        host, peer_id, addresses = self._reach(asked)
        block = await trio.to_thread.run_sync(self._ledger.gateway.block, asked.block)
        if block is None:
            raise Unreachable("The network's endpoints are behind. It will be tried again.")
        sample = await host.fetch_sample(
            peer_id,
            addresses,
            Open(asked.dataset, asked.block, block.hash),
            asked.records,
            identity=asked.owner,
        )
        buyer = address_bytes(self._identity.address)
        drawn = samples.draw(block.hash, asked.dataset, buyer, row.records, asked.records)
        try:
            samples.check(sample, drawn, fingerprint_of(row))
        except PeerError as error:
            self._ended(asked, "false", error.reason)
            return
        with self._database.begin() as session:
            done = replace(
                asked, state="given", block_hash=block.hash, block_time=block.timestamp, reason=""
            )
            rows.save_asked(session, done, samples.encode(sample))
        self._moved(asked.dataset)

    def _reach(self, asked: Asked) -> tuple[Host, str, tuple[str, ...]]:
        if self._host is None or self._letters is None:
            raise Unreachable("Lading is not on line yet.")
        return self._host, *self._letters.whereabouts(asked.owner)

    def _ended(self, asked: Asked, state: SampleState, reason: str) -> None:
        with self._database.begin() as session:
            rows.save_asked(session, replace(asked, state=state, reason=reason))
        self._moved(asked.dataset)

    def _later(self, asked: Asked, reason: str) -> None:
        log.debug("a sample waits: %s", reason)
        fails = self._fails[asked.dataset] = self._fails.get(asked.dataset, 0) + 1
        seconds = min(LONGEST_SECONDS, AGAIN_SECONDS * 2 ** min(fails - 1, 10))
        self._not_before[asked.dataset] = trio.current_time() + seconds
        if self._waits.get(asked.dataset) != reason:
            self._waits[asked.dataset] = reason
            self._changed()

    def _moved(self, dataset: bytes) -> None:
        """There was an answer."""
        self._waits.pop(dataset, None)
        self._fails.pop(dataset, None)
        self._changed()


def fingerprint_of(row: RegisteredDataset) -> Fingerprint:
    return Fingerprint(row.content_id, row.root, row.records, row.length)
