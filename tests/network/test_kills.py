"""Either side of a large delivery is killed (SIGKILL) at random moments and started again as
another version: no acknowledged chunk is sent again, and in the end the bytes are the same.

LADING_PROVE: 60 kills in 1 GiB. The seed is printed; LADING_SEED repeats a run.
"""

import faulthandler
import os
import random
import secrets
import sys
from pathlib import Path

import pytest
import trio

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

KILLS, SIZE = (60, 2**30) if PROVE else (6, 32 * 2**20)
FRAMES = 1.01  # what Noise, yamux and frames add to the bytes of chunks
SIDES = ("owner", "buyer")
SECONDS = 60 * KILLS  # each is a start, a dial and a look at what lies there; machines are busy
MODULE = "tests.network.restarted"


class Delivery:
    """A buyer process, an owner process and the link between them."""

    def __init__(self, dataset: Dataset, link: Link, numbers: random.Random) -> None:
        self.dataset = dataset
        self.link = link
        self.done = trio.Event()
        self._numbers = numbers
        self._acknowledged = 0  # chunks, as the owner has heard
        self._lives = dict.fromkeys(SIDES, trio.CancelScope())

    async def keep_alive(self, role: str) -> None:
        """A side that is started again each time it is killed."""
        while not self.done.is_set():
            with trio.CancelScope() as self._lives[role]:
                await self._live(role)

    def kill(self, role: str) -> None:
        self._lives[role].cancel()

    async def until(self, down: int) -> None:
        """So many bytes have come from the owner, in all its lives."""
        while self.link.down < down:
            await trio.sleep(0.002)

    async def _live(self, role: str) -> None:
        arguments = (str(self.dataset.folder), str(self.link.port), self._version())
        async with child(self.dataset.folder, role, *arguments, module=MODULE) as started:
            first = await started.line()
            if role == "owner":
                self.link.target = read_address(first) or self.link.target
                await self._heed_owner(started)
            assert int(first) >= self._acknowledged, "what was acknowledged is on the disk"
            assert await started.line() == "all"
            self.done.set()

    def _version(self) -> str:
        return str(self._numbers.choice(VERSIONS))

    async def _heed_owner(self, owner: Child) -> None:
        begins = True
        while True:
            line = await owner.line()
            if line == "ended":
                begins = True
                continue
            sent, stored = map(int, line.split())
            if begins:
                assert sent == stored >= self._acknowledged, "nothing acknowledged is sent again"
                begins = False
            self._acknowledged = max(self._acknowledged, stored)


@pytest.mark.trio
@pytest.mark.timeout(SECONDS)
async def test_whoever_is_killed_at_any_moment_sends_again_no_more_than_was_not_acknowledged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulthandler.cancel_dump_traceback_later()  # lasting longer than other tests is no hang
    seed = int(os.environ.get("LADING_SEED") or secrets.randbits(32))
    print(f"LADING_SEED={seed}")
    numbers = random.Random(seed)
    dataset = make(tmp_path, SIZE)
    kills = sorted(numbers.randrange(int(SIZE * 0.95)) for _ in range(KILLS))
    link = Link(Address("127.0.0.1", 1))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        delivery = Delivery(dataset, link, numbers)
        for role in SIDES:
            nursery.start_soon(delivery.keep_alive, role)
        for number, place in enumerate(kills):
            await delivery.until(place)
            delivery.kill(SIDES[number % len(SIDES)])
            if PROVE:
                with capfd.disabled():
                    passed = f"{place // 2**20} of {SIZE // 2**20} MiB"
                    print(f"\nkill {number + 1} of {KILLS}, {passed}", file=sys.stderr, flush=True)
        await delivery.done.wait()
        nursery.cancel_scope.cancel()
    made = dataset.made.fingerprint
    leaves = (KILLS + 1) * made.records * LEAF
    again = KILLS * (CHUNKS_UNACKNOWLEDGED + 1) * CHUNK
    assert link.down <= SIZE * FRAMES + leaves + again
    spool = Spool(tmp_path / "spool", made.records, made.root)
    assert spool.complete
    content = dataset.source().content
    for index in range(spool.chunks):
        assert seal_chunk(DK, index, spool.ciphertext(index)) == content.chunk(index)
