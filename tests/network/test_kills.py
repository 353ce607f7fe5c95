"""Either side of a large delivery is killed (SIGKILL) at random moments and started again as
another version, or the process that does its bulk work is killed alone, and the side goes on: no
acknowledged chunk is sent again, and in the end the bytes are the same.

LADING_PROVE: 60 kills of sides, and 30 of their processes, in 1 GiB. The seed is printed;
LADING_SEED repeats a run.
"""

import faulthandler
import os
import random
import secrets
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
import trio

from p2p import worker
from p2p.carriers import Address, read_address
from p2p.limits import CHUNKS_UNACKNOWLEDGED
from p2p.records import CHUNK, LEAF
from p2p.sealing import seal_chunk
from p2p.spool import Spool
from tests.counts import PROVE
from tests.network.children import Child, child
from tests.network.link import Link
from tests.network.restarted import VERSIONS, make
from tests.network.trade import DK
from tests.p2p.people import Dataset

FRAMES = 1.01  # what Noise, yamux and frames add to the bytes of chunks
SIDES = ("owner", "buyer")
ROUND = ("owner", "buyer", "owner's worker", "owner", "buyer", "buyer's worker")
MODULE = "tests.network.restarted"


@dataclass(frozen=True)
class Plan:
    """So many kills of sides in ``size`` bytes; ``least`` chunks get processes of their own."""

    kills: int
    size: int
    least: int

    @property
    def by_processes(self) -> bool:
        """Whether some can be killed alone: they are found in /proc."""
        return self.least * CHUNK < self.size and sys.platform == "linux"

    @property
    def victims(self) -> list[str]:
        if self.by_processes:
            return list(islice(cycle(ROUND), self.kills * 3 // 2))
        return list(islice(cycle(SIDES), self.kills))

    @property
    def last(self) -> int:
        """After so many bytes nobody is killed; before that every side that is started has a
        process, if it has any at all."""
        without = self.least * CHUNK if self.by_processes else 0
        return int((self.size - without) * 0.95)


SMALL = Plan(6, 32 * 2**20, worker.LEAST_CHUNKS)
LARGE = Plan(60, 2**30, worker.LEAST_CHUNKS) if PROVE else Plan(6, 32 * 2**20, 1)
SECONDS = 60 * len(LARGE.victims)
"""Each is a start, a dial and a look at what lies there; machines are busy. Whoever is not killed
has all of it to deliver."""


class Delivery:
    """A buyer process, an owner process and the link between them."""

    def __init__(self, dataset: Dataset, link: Link, least: int, numbers: random.Random) -> None:
        self.dataset = dataset
        self.link = link
        self.done = trio.Event()
        self.killed = Counter[str]()
        self._least = least
        self._numbers = numbers
        self._acknowledged = 0  # chunks, as the owner has heard
        self._lives = dict.fromkeys(SIDES, trio.CancelScope())
        self._children: dict[str, Child] = {}

    async def keep_alive(self, role: str) -> None:
        """A side that is started again each time it is killed."""
        while not self.done.is_set():
            with trio.CancelScope() as self._lives[role]:
                await self._live(role)

    async def kill(self, victim: str) -> None:
        role, _, part = victim.partition("'s ")
        if part:
            await self._kill_worker(role)
        else:
            self._lives[role].cancel()
        self.killed[victim] += 1

    async def until(self, down: int) -> None:
        """So many bytes have come from the owner, in all its lives."""
        while self.link.down < down:
            await trio.sleep(0.002)

    async def _kill_worker(self, role: str) -> None:
        """The process that works for that side, as soon as there is one."""
        while True:
            assert not self.done.is_set(), f"no process worked for the {role}"
            with suppress(OSError, LookupError):  # it is being started, or has just ended
                os.kill(self._children[role].workers()[0], signal.SIGKILL)
                return
            await trio.sleep(0.002)

    async def _live(self, role: str) -> None:
        link, version, least = self.link.port, self._numbers.choice(VERSIONS), self._least
        words = (role, str(self.dataset.folder), *map(str, (link, version, least)))
        life = child(self.dataset.folder, *words, module=MODULE, seconds=SECONDS)
        async with life as started:
            self._children[role] = started
            try:
                await self._heed(role, started)
            finally:
                del self._children[role]

    async def _heed(self, role: str, started: Child) -> None:
        first = await started.line()
        if role == "owner":
            self.link.target = read_address(first) or self.link.target
            await self._heed_owner(started)
        kept = int(first)
        assert kept >= self._acknowledged, (
            f"{self._acknowledged} chunks were acknowledged, {kept} are on the disk"
        )
        last = await started.line()
        assert last == "all", last
        self.done.set()

    async def _heed_owner(self, owner: Child) -> None:
        begins = True
        while True:
            line = await owner.line()
            if line == "ended":
                begins = True
                continue
            sent, stored = map(int, line.split())
            if begins:
                assert sent == stored >= self._acknowledged, (
                    f"{self._acknowledged} chunks were acknowledged, "
                    f"it began with {sent} sent and {stored} stored"
                )
                begins = False
            self._acknowledged = max(self._acknowledged, stored)


@pytest.mark.trio
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("plan", [SMALL, LARGE], ids=["small", "by processes"])
async def test_whoever_is_killed_at_any_moment_sends_again_no_more_than_was_not_acknowledged(
    plan: Plan, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulthandler.cancel_dump_traceback_later()  # lasting longer than other tests is no hang
    seed = int(os.environ.get("LADING_SEED") or secrets.randbits(32))
    print(f"LADING_SEED={seed}")
    numbers = random.Random(seed)
    size, victims = plan.size, plan.victims
    dataset = make(tmp_path, size)
    places = sorted(numbers.randrange(plan.last) for _ in victims)
    link = Link(Address("127.0.0.1", 1))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        delivery = Delivery(dataset, link, plan.least, numbers)
        for role in SIDES:
            nursery.start_soon(delivery.keep_alive, role)
        for number, (place, victim) in enumerate(zip(places, victims, strict=True), 1):
            await delivery.until(place)
            await delivery.kill(victim)
            if PROVE:
                with capfd.disabled():
                    passed = f"{victim} at {place // 2**20} of {size // 2**20} MiB"
                    words = f"\nkill {number} of {len(victims)}, {passed}"
                    print(words, file=sys.stderr, flush=True)
        await delivery.done.wait()
        nursery.cancel_scope.cancel()
    assert delivery.killed == Counter(victims)
    made = dataset.made.fingerprint
    leaves = (len(victims) + 1) * made.records * LEAF
    again = len(victims) * (CHUNKS_UNACKNOWLEDGED + 1) * CHUNK
    assert link.down <= size * FRAMES + leaves + again
    spool = Spool(tmp_path / "spool", made.records, made.root)
    assert spool.complete
    content = dataset.source().content
    for index in range(spool.chunks):
        assert seal_chunk(DK, index, spool.ciphertext(index)) == content.chunk(index)
