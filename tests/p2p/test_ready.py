"""Hands that start before there is work for them, and what becomes of them."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from p2p import ready as ready_module
from p2p import worker
from p2p.errors import BadRecord, Unreachable
from p2p.ready import Ready
from p2p.records import CHUNK, CHUNK_RECORDS
from p2p.unsealing import nearly_here, openers, unseal
from p2p.worker import Hands, Here, Worker
from tests.p2p.datasets import DK, Dataset, make_dataset, never, noise, quiet
from tests.p2p.test_unsealing import tree


class Nothing:
    """A job that does none."""

    def __init__(self, window: memoryview) -> None:
        pass


class Crew(list[Hands]):
    """One pair of hands, and whether they have ended."""

    def __init__(self) -> None:
        super().__init__([Here(CHUNK, Nothing)])
        self.ended = Event()


class Crews:
    """What was started, in that order."""

    def __init__(self) -> None:
        self.started: list[Crew] = []
        self.may_end = Event()
        self.may_end.set()
        self.one_more = Event()

    @contextmanager
    def start(self) -> Iterator[Sequence[Hands]]:
        crew = Crew()
        self.started.append(crew)
        self.one_more.set()
        try:
            yield crew
        finally:
            assert self.may_end.wait(60)
            crew.ended.set()

    def ended(self) -> list[bool]:
        return [crew.ended.is_set() for crew in self.started]


@pytest.fixture
def crews() -> Crews:
    return Crews()


def test_they_are_taken_once_and_nobody_waits_for_their_end(crews: Crews) -> None:
    with closing(Ready(crews.start)) as ready:
        ready.soon()
        ready.soon()
        crews.may_end.clear()
        with ready.taken() as first:
            assert [first] == crews.started
            ready.soon()
            with ready.taken() as second:
                assert [first, second] == crews.started
        assert crews.ended() == [False, False]
        crews.may_end.set()
        with ready.taken() as third:  # none waits: these start now, and end in here
            assert crews.started[2] is third
        assert crews.ended()[2]
    assert all(crews.ended())


def test_they_end_when_nobody_comes(crews: Crews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready_module, "STAY_SECONDS", 0.01)
    with closing(Ready(crews.start)) as ready:
        ready.soon()
        assert crews.one_more.wait(60)
        assert crews.started[0].ended.wait(60)
        with ready.taken() as every:
            assert crews.started[1] is every


def test_whoever_works_with_them_may_take_longer(
    crews: Crews, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(ready_module, "monotonic", lambda: clock[0])
    monkeypatch.setattr(ready_module, "STAY_SECONDS", 0.01)
    with closing(Ready(crews.start)) as ready:
        ready.soon()
        with ready.taken():
            for _ in range(5):
                crews.one_more.clear()
                ready.soon()
                clock[0] += 1
                assert crews.one_more.wait(60)
                assert crews.started[-1].ended.wait(60)  # nobody has taken these
            assert crews.ended() == [False, *[True] * 5]
    assert all(crews.ended())


def test_none_are_left_when_it_is_closed(crews: Crews) -> None:
    ready = Ready(crews.start)
    ready.soon()
    ready.close()
    assert crews.ended() == [True]
    ready.soon()
    ready.close()
    assert len(crews.started) == 1


def test_what_cannot_start_is_said_to_whoever_has_taken_it_and_kept_for_nobody_else(
    crews: Crews,
) -> None:
    turns = count()

    def waits() -> bool:
        with ready._lock:
            return ready._waiting is not None

    @contextmanager
    def start() -> Iterator[Sequence[Hands]]:
        turn = next(turns)
        while turn == 0 and waits():  # until they are taken
            time.sleep(0.001)
        if turn < 2:
            raise OSError("no memory")
        with crews.start() as crew:
            yield crew

    with closing(Ready(start)) as ready:
        ready.soon()
        with pytest.raises(OSError, match="no memory"), ready.taken():
            pass
        ready.soon()
        for thread in ready._threads:
            thread.join()
        with ready.taken() as every:
            assert crews.started == [every]


def test_without_a_thread_for_them_they_start_when_they_are_taken(
    crews: Crews, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with closing(Ready(crews.start)) as ready:
        with monkeypatch.context() as patch:
            patch.setattr(Thread, "start", start)
            ready.soon()
        with ready.taken() as first:
            assert crews.started == [first]
        ready.soon()
        with ready.taken() as second:
            assert crews.started[1:] == [second]


CREW = 2
"""Of three cores: one is left to whoever writes what they open."""


class Started(list[Worker]):
    """Processes, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.crew = Event()

    def append(self, each: Worker) -> None:
        super().append(each)
        if not len(self) % CREW:
            self.crew.set()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Those that were; a chunk is enough for them."""
    every = Started()
    start = Worker.__init__

    def noted(self: Worker, *arguments: object) -> None:
        start(self, *arguments)  # type: ignore[arg-type]
        every.append(self)

    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)
    monkeypatch.setattr(worker, "cores", lambda: CREW + 1)
    monkeypatch.setattr(Worker, "__init__", noted)
    return every


def opened(dataset: Dataset, target: str, ready: Ready) -> dict[str, bytes]:
    done = unseal(
        dataset.base / "spool", DK, None, dataset.fingerprint, dataset.base / target,
        progress=quiet, cancelled=never, ready=ready,
    )  # fmt: skip
    return tree(done.folder)


def gone(each: Worker) -> bool:
    return not Path(f"/proc/{each.pid}").exists()


FILES = {"a": noise(2_500_000), "b": noise(100)}


def test_files_are_opened_by_processes_that_were_there_before_the_key(
    tmp_path: Path, started: Started
) -> None:
    with closing(openers()) as ready:
        ready.soon()
        assert started.crew.wait(60)
        dataset = make_dataset(tmp_path, FILES)
        dataset.deliver()
        del started[CREW:]  # the fingerprint's
        assert opened(dataset, "out", ready) == FILES
        assert len(started) == CREW
    assert all(map(gone, started))


def test_one_that_was_killed_while_it_waited_stops_nothing_for_good(
    tmp_path: Path, started: Started
) -> None:
    dataset = make_dataset(tmp_path, FILES)
    dataset.deliver()
    started.clear()
    started.crew.clear()
    with closing(openers()) as ready:
        ready.soon()
        assert started.crew.wait(60)
        os.kill(started[0].pid, signal.SIGKILL)
        with pytest.raises(Unreachable, match="tried again"):
            opened(dataset, "out", ready)
        assert opened(dataset, "out", ready) == FILES
    assert len(started) == 2 * CREW
    assert all(map(gone, started))


def test_a_bad_record_is_named_by_them_too(tmp_path: Path, started: Started) -> None:
    dataset = make_dataset(tmp_path, FILES)
    dataset.deliver(bad_record=CHUNK_RECORDS + 5)
    with closing(openers()) as ready:
        ready.soon()
        with pytest.raises(BadRecord) as caught:
            opened(dataset, "out", ready)
        assert caught.value.index == CHUNK_RECORDS + 5


def test_few_chunks_leave_them_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crews: Crews
) -> None:
    dataset = make_dataset(tmp_path, FILES)
    dataset.deliver()
    with closing(Ready(crews.start)) as ready:
        ready.soon()
        assert opened(dataset, "out", ready) == FILES
        with ready.taken() as every:
            assert crews.started == [every]


@pytest.mark.parametrize(
    ("stored", "chunks", "yes"),
    [(0, 63, False), (0, 64, True), (64, 64, True), (935, 1000, False), (936, 1000, True)],
)
def test_they_start_with_the_last_segment_of_what_is_large(
    stored: int, chunks: int, yes: bool
) -> None:
    assert nearly_here(stored, chunks) == yes
