"""Past the file cache or through it: the same bytes."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import files, uncached
from p2p.uncached import PIECE, Growing
from tests.p2p.datasets import noise

DATA = noise(2 * PIECE + 300_001)


@given(
    sizes=st.lists(st.sampled_from([1, 4064, 4096, 100_000, 1_040_384, PIECE]), max_size=9),
    again=st.sets(st.integers(0, 9)),
    handed=st.sets(st.integers(0, 9)),
    behind=st.integers(0, 5000),
    beside=st.sets(st.integers(0, 9)),
)
def test_a_growing_file_that_is_taken_up_again_is_what_was_written(
    sizes: list[int],
    again: set[int],
    handed: set[int],
    behind: int,
    beside: set[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path, memory = tmp_path_factory.mktemp("growing") / "file", files.room(2 * PIECE)
    file, at = Growing(path, 0, memory), 0
    places = [files.room(PIECE + 4096) for _ in range(2)]
    for number, size in enumerate(sizes):
        place, before = places[number % 2], places[1 - number % 2]
        piece = DATA[at : at + size]
        if number in beside:
            file.write(memoryview(piece))
        else:  # where a page begins as a block of the file does
            lies = place[at % 4096 :][: len(piece)]
            lies[:] = piece
            file.write(lies)
        before[:] = bytes(len(before))
        at += len(piece)
        if number in handed:
            file.hand_over()
            assert path.read_bytes() == DATA[:at]
        if number in again:
            file.hand_over()
            with path.open("ab") as more:  # as if it had gone on before it was killed
                more.write(b"?" * behind)
            memory[:] = bytes(2 * PIECE)
            file = Growing(path, at, memory)
            assert path.stat().st_size == at
    file.hand_over()
    assert path.read_bytes() == DATA[:at]


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
def test_whole_blocks_go_from_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies right is not put together first, but for the ends it shares with its neighbours."""
    written: list[tuple[int, ...]] = []
    write_at = uncached.write_at

    def seen(path: Path, offset: int, *data: memoryview) -> None:
        written.append((offset, *map(len, data)))
        write_at(path, offset, *data)

    monkeypatch.setattr(uncached, "write_at", seen)
    file = Growing(tmp_path / "file", 0, files.room(2 * PIECE))
    for at in (0, 1_000_000, 2_000_000):
        lies = files.room(1 << 20)[at % 4096 :][:1_000_000]
        lies[:] = DATA[at : at + 1_000_000]
        file.write(lies)
    file.hand_over()
    assert written == [
        (0, 0, 244 * 4096),
        (244 * 4096, 4096, 243 * 4096),
        (488 * 4096, 4096, 243 * 4096),
    ]
    assert (tmp_path / "file").read_bytes() == DATA[:3_000_000]


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
@pytest.mark.parametrize("next_call", ["write", "hand_over", "settle"])
def test_what_the_disk_refuses_meanwhile_is_raised_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_call: str
) -> None:
    def full(path: Path, offset: int, *data: memoryview) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file, lies = Growing(tmp_path / "file", 0, files.room(2 * PIECE)), files.room(1 << 20)
    monkeypatch.setattr(uncached, "write_at", full)
    file.write(lies)
    with pytest.raises(OSError, match="No space left"):
        file.write(lies) if next_call == "write" else getattr(file, next_call)()


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        Growing(tmp_path / "file", 0, files.room(2 * PIECE))
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
@pytest.mark.parametrize("refuses", ["open", "write", "nothing"])
def test_where_the_way_past_the_cache_is_refused_the_ordinary_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    tried: list[int] = []
    real, path = os.open, tmp_path / "file"

    def opening(name: str, flags: int, mode: int) -> int:
        tried.append(flags & uncached._PAST)
        if flags & uncached._PAST and refuses == "open":
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(name, flags, mode)

    monkeypatch.setattr(uncached.os, "open", opening)
    # Memory that does not begin with a block is refused by most disks.
    place = files.room(PIECE + 4096)[1 if refuses == "write" else 0 :][:PIECE]
    place[:] = DATA[:PIECE]
    uncached.write_at(path, 0, place)
    uncached.write_at(path, PIECE, DATA[PIECE : PIECE + 4096])
    uncached.write_at(path, PIECE + 4096, b"end")
    assert path.read_bytes() == DATA[: PIECE + 4096] + b"end"
    place[:] = bytes(PIECE)
    assert uncached.read_at(path, 0, place) == PIECE
    assert place == DATA[:PIECE]
    assert uncached.read_at(path, PIECE, place) == 4099
    assert place[4090:4099] == DATA[PIECE + 4090 : PIECE + 4096] + b"end"
    assert tried[0]
    assert not all(tried)


def test_what_is_no_such_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, offset: int, *data: object, way: int = 0) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uncached, "write_cached", full)
    with pytest.raises(OSError, match="No space"):
        uncached.write_at(tmp_path / "file", 0, bytes(PIECE))
    with pytest.raises(FileNotFoundError):
        uncached.read_at(tmp_path / "missing", 0, files.room(PIECE))


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each file that is opened: whether past the cache."""
    seen: list[bool] = []
    real = os.open

    def opening(name: str, flags: int, mode: int = 0o666) -> int:
        seen.append(bool(flags & uncached._PAST))
        return real(name, flags, mode)

    monkeypatch.setattr(uncached.os, "open", opening)
    return seen


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
def test_where_the_cache_is_dear_it_is_tried_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ways: list[bool]
) -> None:
    """Its price is CPU of who writes, for as many bytes as there are."""
    mib, half = files.room(1 << 20), files.room(1 << 19)
    cheap, dear = 0.0006, 0.0008
    costs = [cheap, dear, cheap / 2, dear / 2, cheap]
    times = iter([time for cost in costs for time in (1.0, 1.0 + cost)])
    monkeypatch.setattr(uncached, "thread_time", lambda: next(times))
    monkeypatch.setattr(uncached, "_past_bytes", 0)
    pieces = [mib, mib, *16 * [mib], half, half, *16 * [mib], mib]
    at = 0
    for number, piece in enumerate(pieces):
        piece[:] = bytes((number,)) * len(piece)
        uncached.write_soon_read(tmp_path / "file", at, piece)
        at += len(piece)
    assert ways == [False, False, *16 * [True], False, False, *16 * [True], False]
    assert (tmp_path / "file").read_bytes() == b"".join(
        bytes((number,)) * len(piece) for number, piece in enumerate(pieces)
    )


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
@pytest.mark.parametrize("has", ["all", "a part", "nothing"])
def test_what_the_cache_has_not_is_read_past_it(tmp_path: Path, ways: list[bool], has: str) -> None:
    """And asking brings nothing into it."""
    path, place, data = tmp_path / "file", files.room(1 << 20), files.room(PIECE)
    data[:] = DATA[:PIECE]
    cached = {"all": PIECE, "a part": PIECE // 2, "nothing": 0}[has]
    uncached.write_cached(path, 0, data[:cached])
    uncached.write_cached(path, cached, data[cached:], way=uncached._PAST)
    at = PIECE // 4
    ways.clear()
    for _ in range(2):
        assert uncached.read_at(path, at, place) == len(place)
        assert place == DATA[at:][: len(place)]
    assert ways == 2 * [has != "all"]


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
def test_the_cache_has_not_what_lies_behind_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA[: 1 << 20])
    assert uncached._is_there(tmp_path / "file", 0, 1 << 20)
    assert not uncached._is_there(tmp_path / "file", 4096, 1 << 20)
    assert not uncached._is_there(tmp_path / "other", 0, 1 << 20)
