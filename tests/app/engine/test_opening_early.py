"""What opens a delivery has started before its last data and its key are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import trio

from app.engine.content_check import Sealed
from p2p import unsealing, worker
from p2p.opener import Opener
from p2p.records import CHUNK
from p2p.worker import Hands, Here
from tests.app.engine.sides import Pair
from tests.app.engine.test_pauses import deliveries_of, order
from tests.p2p.datasets import DK, make_dataset, noise, quiet


class Crews:
    def __init__(self) -> None:
        self.count = 0
        self.started, self.ended = Event(), Event()

    @contextmanager
    def start(self, chunks: int) -> Iterator[Sequence[Hands]]:
        self.count += 1
        self.started.set()
        yield [Here(2 * CHUNK, Opener)]
        self.ended.set()


@pytest.fixture
def crews(monkeypatch: pytest.MonkeyPatch) -> Crews:
    made = Crews()
    monkeypatch.setattr(unsealing, "_crew", made.start)
    return made


@pytest.mark.trio
async def test_it_starts_with_the_last_segment_and_ends_with_the_app(
    pair: Pair, tmp_path: Path, crews: Crews
) -> None:
    deliveries = deliveries_of(pair.buyer, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(deliveries.run)
        for stored, chunks in ((0, 63), (63, 63), (35, 100)):
            deliveries.stored(order("buyer"), stored, chunks)
        assert crews.count == 0
        for stored in (36, 99, 100):
            deliveries.stored(order("buyer"), stored, 100)
        assert await trio.to_thread.run_sync(crews.started.wait, 60)
        assert not crews.ended.is_set()
        nursery.cancel_scope.cancel()
    assert crews.ended.is_set()
    assert crews.count == 1


@pytest.mark.trio
async def test_an_opening_takes_what_has_started(
    tmp_path: Path, crews: Crews, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset(tmp_path, {"a": noise(1_500_000)})
    dataset.deliver()
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)
    openers = unsealing.openers()
    openers.soon()
    sealed = Sealed(tmp_path / "spool", DK, dataset.made.manifest, dataset.fingerprint, openers)
    done = await trio.to_thread.run_sync(sealed.unseal, tmp_path / "out", quiet)
    assert (done.folder / "a").read_bytes() == noise(1_500_000)
    await trio.to_thread.run_sync(openers.close)
    assert (crews.count, crews.ended.is_set()) == (1, True)
