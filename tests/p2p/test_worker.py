"""Bulk work in processes of its own: the same results, and whoever dies leaves nothing broken."""

import io
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from p2p import handing as handing_module
from p2p import merkle, sealing, unsealing, worker, working
from p2p import spool as spool_module
from p2p.errands import errands
from p2p.errors import BadRecord, ContentChanged, ContentError, Interrupted, Unreachable
from p2p.fingerprint import fingerprint
from p2p.handing import Handing
from p2p.hasher import PIECE
from p2p.records import CHUNK
from p2p.sealer import Sealer, sealer_of
from p2p.spool import Spool
from p2p.storer import Storer
from p2p.unsealing import unseal
from p2p.worker import Here, Worker
from tests.p2p.datasets import make_dataset as make_files
from tests.p2p.datasets import noise
from tests.p2p.people import Dataset, Person, make_dataset, on_line
from tests.p2p.test_delivery import DK, ORDER, expected_root, fetch, open_spool


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Four chunks, the last one short."""
    return make_dataset(tmp_path, 3_500_000)


@pytest.fixture
def spool(dataset: Dataset, tmp_path: Path) -> Spool:
    return open_spool(dataset, tmp_path)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """Whatever its size, everything is done by processes: these."""
    every: list[Worker] = []
    start = Worker.__init__

    def noted(self: Worker, *arguments: object) -> None:
        start(self, *arguments)  # type: ignore[arg-type]
        every.append(self)

    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)
    monkeypatch.setattr(Worker, "__init__", noted)
    return every


def gone(pid: int) -> bool:
    """Ended, and no zombie of ours or anybody's."""
    return not Path(f"/proc/{pid}").exists()


class Echo:
    """A job that does what a test wants."""

    def __init__(self, window: memoryview) -> None:
        self._window = window

    def swap(self, slot: int) -> int:
        place = self._window[slot * CHUNK :][:4]
        place[:] = bytes(place)[::-1]
        return os.getpid()

    def told(self, line: socket.socket) -> bytes:
        with line:
            line.settimeout(60)
            line.sendall(b"heard")
            return line.recv(5)

    def sleep(self) -> None:
        time.sleep(600)

    def patient(self) -> None:
        """Who ends it gives it all the time that this test may take."""
        vars(sys.modules["__main__"])["END_SECONDS"] = 3600

    def break_off(self, answer: bytes) -> None:
        """Killed when no more than that was written."""
        os.write(1, answer)
        os.kill(os.getpid(), signal.SIGKILL)

    def fail(self) -> None:
        raise BadRecord(3, b"l" * 32, b"c" * 4096, (b"p" * 32,))


def test_a_job_sees_the_window_and_its_errors_come_back() -> None:
    pids = set()
    for kind in (Here, Worker):
        with kind(2 * CHUNK, Echo) as hands:
            hands.window[CHUNK : CHUNK + 4] = b"data"
            pids.add(hands.call("swap", 1))
            assert bytes(hands.window[CHUNK : CHUNK + 4]) == b"atad"
            hands.ask("swap", 1)
            hands.ask("swap", 0)
            assert hands.answer() == hands.answer()
            with pytest.raises(BadRecord) as caught:
                hands.call("fail")
            assert (caught.value.index, caught.value.path) == (3, (b"p" * 32,))
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids - {os.getpid()})


@pytest.mark.trio
async def test_what_nobody_waits_for_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop turns once for several answers, and each of them is there then."""
    woken = 0
    soon = trio.lowlevel.TrioToken.run_sync_soon

    def counted(token: trio.lowlevel.TrioToken, *arguments: Any) -> None:
        nonlocal woken
        woken += 1
        soon(token, *arguments)

    monkeypatch.setattr(trio.lowlevel.TrioToken, "run_sync_soon", counted)
    async with errands(partial(Here, CHUNK, Echo)) as asked:
        woken = 0
        several = [asked.ask("swap", 0) for _ in range(20)]
        failing, last = asked.ask("fail"), asked.ask("swap", 0)
        await last.done()
        assert woken <= 1
        assert all(each.settled for each in several)
        assert [await each.answer() for each in [*several, last]] == [os.getpid()] * 21
        with pytest.raises(BadRecord):
            await failing.answer()
        assert woken <= 1


@pytest.mark.trio
@pytest.mark.parametrize("fails", ["", "meanwhile", "the start", "cancelled"])
async def test_what_need_not_wait_for_hands_is_done_while_they_start(fails: str) -> None:
    """Nobody is left over, whatever ends it."""
    begun, there = threading.Event(), threading.Event()
    made: list[Worker] = []

    def start() -> Worker:
        begun.set()
        assert there.wait(60)
        if fails == "the start":
            raise Interrupted("It could not start.")
        made.append(Worker(CHUNK, Echo))
        return made[0]

    async def meanwhile() -> None:
        assert await trio.to_thread.run_sync(begun.wait, 60)
        there.set()
        if fails == "meanwhile":
            raise ContentError("It went wrong.")
        if fails == "cancelled":
            scope.cancel()
            await trio.sleep_forever()

    with trio.CancelScope() as scope:
        if fails in ("", "cancelled"):
            async with errands(start, meanwhile) as hands:
                assert await hands.call("swap", 0) == made[0].pid
        else:
            with pytest.raises(ContentError if fails == "meanwhile" else Interrupted):
                async with errands(start, meanwhile):
                    pytest.fail("began")
    assert all(gone(each.pid) for each in made)
    assert len(made) == (fails != "the start")


def test_whoever_answers_a_person_goes_first() -> None:
    with Worker(CHUNK, Echo) as hands:
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, hands.pid) == min(mine + working.NICE, 19)


def test_a_socket_among_the_arguments_is_given_away() -> None:
    for kind in (Here, Worker):
        with kind(CHUNK, Echo) as hands:
            for word in (b"first", b"later"):
                ours, theirs = socket.socketpair()
                with ours:
                    ours.settimeout(60)
                    ours.sendall(word)
                    assert hands.call("told", theirs) == word
                    assert theirs.fileno() == -1
                    assert ours.recv(5) == b"heard"
                    assert ours.recv(5) == b""  # nobody has it any more


def test_on_windows_a_socket_goes_as_bytes_that_one_process_understands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Shareable(socket.socket):
        def share(self, pid: int) -> bytes:
            return b"for %d" % pid

    kept, given = socket.socket(), Shareable()

    def fromshare(told: bytes) -> socket.socket:
        if told != b"for 77":
            raise OSError("over meanwhile")
        return kept

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(socket, "fromshare", fromshare, raising=False)
    handing = Handing()
    handing.pid = 77
    taken, told = handing.give(given)
    assert (handing.descriptors, given.fileno()) == ((), -1)
    with taken(*told) as got:
        assert got is kept
    with handing_module.shared(b"for 78") as got, pytest.raises(BrokenPipeError):
        got.send(b"anything")
    handing.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_secret_is_in_a_command_or_an_environment(dataset: Dataset) -> None:
    secret = b"\xa5k" * 16
    job, source = sealer_of(dataset.source(secret))
    with Worker(CHUNK, job, source) as hands:
        process = Path(f"/proc/{hands.pid}")
        for told in ("cmdline", "environ"):
            data = (process / told).read_bytes()
            assert secret not in data
            assert secret.hex().encode() not in data


def test_a_killed_worker_is_noticed_and_leaves_no_zombie() -> None:
    with Worker(CHUNK, Echo) as hands:
        os.kill(hands.pid, signal.SIGKILL)
        with pytest.raises(Unreachable, match="tried again"):
            hands.call("swap", 0)
    assert gone(hands.pid)


def test_an_answer_that_is_cut_anywhere_is_that_of_a_process_that_ended() -> None:
    pipe = io.BytesIO()
    working.write(pipe, (True, ["some", b"answer", 2**70]))
    whole = pipe.getvalue()
    assert working.read(io.BytesIO(whole)) == (True, ["some", b"answer", 2**70])
    for end in range(len(whole)):
        assert working.read(io.BytesIO(whole[:end])) is None
    for end in (2, 4, 5, len(whole) - 1):
        with Worker(CHUNK, Echo) as hands:
            with pytest.raises(Interrupted, match="tried again"):
                hands.call("break_off", whole[:end])
            with pytest.raises(Interrupted, match="tried again"):
                hands.answer()


@pytest.mark.parametrize(
    "busy",
    [
        "",
        "w.ask('sleep');",
        "w.call('patient'); w.ask('sleep');",
        "w.call('patient'); w.ask('sleep'); w._process.stdin.close();",  # first that, then killed
    ],
)
def test_a_worker_ends_with_its_parent_whatever_it_waits_for(busy: str) -> None:
    program = (
        "import sys, time; from p2p.worker import Worker; from tests.p2p.test_worker import Echo;"
        f"w = Worker(1 << 20, Echo); {busy} print(w.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program]

    async def ended() -> None:
        with trio.fail_after(60):
            while not gone(pid) and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
                await trio.sleep(0.02)

    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        try:
            trio.run(ended)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert parent.stdout.read() == b""


def test_a_worker_whose_parent_ended_before_it_could_ask_who_that_is_ends_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has taken it up since is not its parent: as here, where another one is named."""
    with subprocess.Popen([sys.executable, "-c", ""]) as parent:
        parent.wait()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: parent.pid)
        hands = Worker(CHUNK, Echo)
    with hands:
        hands.call("patient")
        hands.ask("sleep")
        assert hands._process.stdin is not None
        hands._process.stdin.close()
        try:
            assert hands._process.wait(60) == 1
        finally:
            hands._process.kill()


def test_where_nobody_is_told_that_the_other_end_is_gone_a_worker_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on macOS: whoever waited to be told would wait for as long as a worker may take."""

    def poll() -> None:
        raise AssertionError("nothing would ever come")

    monkeypatch.setattr(select, "poll", poll)
    monkeypatch.setattr(sys, "platform", "darwin")
    with Worker(CHUNK, Echo) as hands:
        hands.call("swap", 0)
    assert hands._process.returncode == 0
    assert gone(hands.pid)


def test_where_nobody_is_told_that_the_other_end_is_gone_a_worker_looks_for_its_parent() -> None:
    """Whoever is in the middle of something there ends with it, too."""
    looking = (
        "import os, select, sys, time; from p2p import working;"
        "pause = time.sleep; sys.platform = 'darwin'; working.END_SECONDS = 0;"
        "select.poll = lambda: os._exit(1);"  # nothing would ever come
        "time.sleep = lambda seconds: print('looks', flush=True) or pause(0.02);"
        "working._end_with(sys.stdin.buffer, os.getppid())"
    )
    program = (
        "import subprocess, sys;"
        "subprocess.run([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE)"
    )
    command = [sys.executable, "-c", program, looking]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"looks\n"
        parent.kill()
        while parent.stdout.read(4096):  # to its end, which is that of whoever looks
            pass


@pytest.mark.trio
@pytest.mark.parametrize("direct", [True, False])
async def test_a_delivery_by_processes_is_the_same(
    dataset: Dataset, spool: Spool, away: list[Worker], direct: bool
) -> None:
    owner, buyer = Person("anna", direct=direct), Person("ben", direct=direct)
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        assert (spool.complete, spool.delivery_root()) == (True, expected_root(dataset))
        assert len(away) == 2
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        assert len(away) == 2  # for nothing to do there is no process
    assert all(gone(each.pid) for each in away)
    again = open_spool(dataset, spool.folder.parent)
    assert again.delivery_root() == expected_root(dataset)


@pytest.mark.trio
@pytest.mark.parametrize("whose", [Sealer, Storer])
@pytest.mark.parametrize("direct", [True, False])
async def test_a_worker_killed_in_the_middle_is_tried_again(
    dataset: Dataset,
    spool: Spool,
    away: list[Worker],
    monkeypatch: pytest.MonkeyPatch,
    whose: type,
    direct: bool,
) -> None:
    ask = Worker.ask
    methods, told = {
        Sealer: (["seal"], "^The owner's computer was interrupted. It will be tried again.$"),
        Storer: (["put", "take"], "^The process that works on the data ended."),
    }[whose]
    left = iter(["not yet", "not yet", "now"])
    monkeypatch.setattr(Worker, "ahead", 1)

    def killing(self: Worker, name: str, *arguments: object) -> None:
        if name in methods and next(left, "") == "now":
            os.kill(self.pid, signal.SIGKILL)
        ask(self, name, *arguments)

    monkeypatch.setattr(Worker, "ask", killing)
    owner, buyer = Person("anna", direct=direct), Person("ben", direct=direct)
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        with pytest.raises(Unreachable, match=told):
            await fetch(buyer, owner, spool)
        assert not spool.complete
        before = spool.next_chunk
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert before == 2 if whose is Storer else before <= 2
    assert all(gone(each.pid) for each in away)
    assert not owner.stopped


@pytest.mark.parametrize("turn", [1, 6])
def test_an_opener_killed_in_the_middle_is_tried_again(
    tmp_path: Path, away: list[Worker], monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    """Of several: the others end as well, what was opened stays, and it goes on behind it."""
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)
    monkeypatch.setattr(worker, "cores", lambda: 3)
    monkeypatch.setattr(unsealing, "_SLOTS", 2)
    with monkeypatch.context() as patch:
        patch.setattr(worker, "LEAST_CHUNKS", 64)
        files = make_files(tmp_path, {"a": noise(7_000_000), "b": b"short"})
    files.deliver()
    ask = Worker.ask
    turns = iter(range(1, turn + 1))

    def killing(self: Worker, name: str, *arguments: object) -> None:
        if name == "open" and next(turns, 0) == turn:
            os.kill(self.pid, signal.SIGKILL)
        ask(self, name, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "ask", killing)
        with pytest.raises(Unreachable, match="tried again"):
            files.unseal()
    assert len(away) == 2
    assert all(gone(each.pid) for each in away)
    assert files.spool().complete
    before = files.spool().opened
    assert before < turn
    assert (before > 0) == bool(list(tmp_path.glob(".lading-*")))
    done = files.unseal()
    assert [path.read_bytes() for path in done.files] == [noise(7_000_000), b"short"]
    assert not list(tmp_path.glob(".lading-*"))
    assert all(gone(each.pid) for each in away)


@pytest.mark.trio
async def test_a_changed_file_is_found_by_the_process_too(
    dataset: Dataset, spool: Spool, away: list[Worker]
) -> None:
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    data = bytearray(dataset.made.source.read_bytes())
    data[3_400_000] ^= 1
    dataset.made.source.write_bytes(data)
    async with on_line(owner, buyer):
        with pytest.raises(Unreachable, match="no longer those that were registered"):
            await fetch(buyer, owner, spool)
    assert [type(error) for error in owner.stopped] == [ContentChanged]
    assert spool.next_chunk == 3
    assert away


@pytest.mark.trio
async def test_files_are_opened_by_every_core_but_one_and_a_bad_record_is_named(
    dataset: Dataset, spool: Spool, away: list[Worker], tmp_path: Path
) -> None:
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        await fetch(buyer, owner, spool)
    made = dataset.made

    def opened(target: str, folder: Path = spool.folder) -> Path:
        return unseal(
            folder, DK, made.manifest, made.fingerprint, tmp_path / target,
            progress=lambda done, total: None, cancelled=lambda: False,
        ).files[0]  # fmt: skip

    del away[:]
    assert opened("whole").read_bytes() == made.source.read_bytes()
    assert len(away) == max(1, min(worker.cores() - 1, worker.CREW))  # one has the files to write
    kept = spool.folder / "ciphertext.0"
    data = bytearray(kept.read_bytes())
    data[2 * CHUNK + 7 * 4096] ^= 1
    kept.write_bytes(data)
    with pytest.raises(ContentError, match="damaged"):  # not what was received: nobody is blamed
        opened("damaged")
    assert all(gone(each.pid) for each in away)


def test_a_record_that_is_another_is_found_by_a_process(tmp_path: Path, away: list[Worker]) -> None:
    base = make_dataset(tmp_path, 2_500_000)
    made = base.made.fingerprint
    content = base.source(DK).content
    spool = Spool(tmp_path / "spool", made.records, made.root)
    spool.put_leaves((base.source(DK).leaves_path).read_bytes())
    for index in range(spool.chunks):
        plain = bytearray(content.chunk(index))
        if index == 1:
            plain[5 * 4096] ^= 1
        spool.put_chunk(index, sealing.seal_chunk(DK, index, plain))
    with pytest.raises(BadRecord) as caught:
        unseal(
            spool.folder, DK, None, made, tmp_path / "out",
            progress=lambda done, total: None, cancelled=lambda: False,
        )  # fmt: skip
    assert caught.value.index == 256 + 5
    assert away


@pytest.mark.parametrize("size", [1, 3 * PIECE, 14_000_001])
def test_a_fingerprint_by_every_core_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a").write_bytes(noise(size))
    (data / "b").write_bytes(b"")
    (data / "c").write_bytes(noise(1_000_000, 2))
    found = []
    for least in (1000, 1):
        monkeypatch.setattr(worker, "LEAST_CHUNKS", least)
        leaves = tmp_path / f"leaves-{least}"
        made = fingerprint(
            data, b"s" * 32, leaves, progress=lambda done, total: None, cancelled=lambda: False
        )
        found.append((made, leaves.read_bytes()))
        assert made.fingerprint.root == merkle.root(leaves.read_bytes())
    assert found[0] == found[1]


def test_a_file_that_changes_is_named_by_the_process_that_reads_it(
    tmp_path: Path, away: list[Worker]
) -> None:
    data = tmp_path / "data"
    data.write_bytes(noise(12 * PIECE))

    def cut(done: int, total: int) -> None:
        os.truncate(data, PIECE)

    with pytest.raises(ContentChanged, match="“data” changed while it was read"):
        fingerprint(data, b"s" * 32, tmp_path / "leaves", progress=cut, cancelled=lambda: False)
    assert away
    assert all(gone(each.pid) for each in away)
    assert list(tmp_path.iterdir()) == [data]


def test_a_fingerprint_whose_processes_are_killed_is_not_half_done(
    tmp_path: Path, away: list[Worker]
) -> None:
    data = tmp_path / "data"
    with data.open("wb") as file:
        file.truncate(worker.CREW * 5 * PIECE)  # more than all of them have been asked for

    def kill(done: int, total: int) -> None:
        for each in away:
            os.kill(each.pid, signal.SIGKILL)

    with pytest.raises(ContentError, match="tried again"):
        fingerprint(data, b"s" * 32, tmp_path / "leaves", progress=kill, cancelled=lambda: False)
    assert all(gone(each.pid) for each in away)
    assert list(tmp_path.iterdir()) == [data]


@pytest.mark.parametrize("job", ["p2p.hasher", "p2p.sealer", "p2p.storer", "p2p.opener"])
def test_a_process_imports_little(job: str) -> None:
    """Each is started for a job: what it does not need costs the same each time."""
    code = f"import sys, p2p.working, {job}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    loaded = set(done.stdout.decode().split())
    assert {"p2p.working", job} <= loaded
    needless = {"p2p.worker", "logging", "subprocess", "tempfile", "shutil", "trio", "libp2p"}
    assert not needless & loaded


def test_a_program_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Unreachable, match="No process can be started"):
        Worker(CHUNK, Echo)
