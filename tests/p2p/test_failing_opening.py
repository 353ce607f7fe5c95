"""A disk that fails while a delivery is opened: it is said, nobody is blamed, nothing is lost."""

import errno
import os
from pathlib import Path

import pytest

from p2p import files, uncached
from p2p import spool as spool_module
from p2p.errors import ContentError
from p2p.records import CHUNK_RECORDS, PAYLOAD
from p2p.unsealing import unseal
from tests.p2p.datasets import DK, Dataset, make_dataset, never, noise, quiet
from tests.p2p.failing import Failing
from tests.p2p.test_unsealing import tree

PIECE = CHUNK_RECORDS * PAYLOAD  # of content, in a chunk
FILES = {"a/long": noise(2 * PIECE + 1234), "b": noise(100, 2), "c": noise(PIECE, 3)}


def opened(dataset: Dataset, target: str = "out") -> Path:
    return unseal(
        dataset.base / "spool", DK, None, dataset.fingerprint, dataset.base / target,
        progress=quiet, cancelled=never,
    ).folder  # fmt: skip


@pytest.fixture
def delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Four chunks in segments of one."""
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)
    made = make_dataset(tmp_path, FILES)
    made.deliver().delivery_root()
    return made


@pytest.mark.parametrize("chunk", range(4))
def test_sealed_data_that_cannot_be_read_is_said_and_nothing_is_lost(
    delivered: Dataset, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Nobody is blamed; once the disk reads it again, it goes on where it was."""
    read = uncached._read

    def failing(path: Path, offset: int, into: memoryview, way: int) -> int:
        if path.name == f"ciphertext.{chunk}":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return read(path, offset, into, way)

    with monkeypatch.context() as patch:
        patch.setattr(uncached, "_read", failing)
        patch.setattr(uncached, "_is_there", lambda *_: False)
        for _ in range(2):
            with pytest.raises(ContentError, match=f"ciphertext.{chunk}” cannot be read: Input/ou"):
                opened(delivered)
            assert not (delivered.base / "out").exists()
            spool = delivered.spool()
            assert spool.complete
            assert spool.opened <= chunk
    assert tree(opened(delivered)) == FILES


@pytest.mark.parametrize("chunk", range(4))
def test_files_that_cannot_be_written_are_said_and_nothing_is_lost(
    delivered: Dataset, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    room = chunk * PIECE
    write = uncached.write_cached

    def failing(path: Path, offset: int, *data: memoryview, way: int = 0) -> None:
        nonlocal room
        room -= sum(map(len, data))
        if room < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        write(path, offset, *data, way=way)

    with monkeypatch.context() as patch:
        patch.setattr(uncached, "write_cached", failing)
        for _ in range(2):
            with pytest.raises(ContentError, match="cannot be written: Input/output error"):
                opened(delivered)
            assert not (delivered.base / "out").exists()
            assert delivered.spool().complete
    assert tree(opened(delivered)) == FILES


@pytest.mark.parametrize(("name", "time"), [("long", 1), ("long", 2), ("b", 1), ("c", 1)])
def test_opened_data_that_could_not_be_forced_is_opened_again(
    delivered: Dataset, monkeypatch: pytest.MonkeyPatch, name: str, time: int
) -> None:
    """It is zeros then: its segment was not given up for it."""
    with monkeypatch.context() as patch:
        turns = iter(range(1, time + 1))
        patch.setattr(files, "fdatasync", failing := Failing(name, lambda: next(turns) == time))
        with pytest.raises(ContentError, match="cannot be written: Input/output error"):
            opened(delivered)
        assert failing.failed
        spool = delivered.spool()
        assert spool.complete
        assert not (delivered.base / "out").exists()
        assert tree(opened(delivered)) == FILES
