"""Edited copies of real files that are no tables are found, files of the same kind are not alike.

The files are open: Python's own modules (PSF licence), this app's fonts (OFL) and pictures, and the
tables of `tests/tables` written as JSON. Each edit is saved and read as the app reads it.
"""

from __future__ import annotations

import gzip
import json
import random
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest
import trio

from app.domain import pieces
from app.domain.similarity import SHOWN_FROM, bands, check, is_of_pieces, likeness
from app.engine.cutting import smallest_ranks
from app.engine.profiling import profile_content, read_content
from tests.app.domain.edited import table
from tests.counts import PROVE

ROOT = Path(__file__).parents[3]
LIBRARY = Path(sysconfig.get_path("stdlib"))
MOST_MODULES = None if PROVE else 8
MOST = None if PROVE else 40
VECTORS = json.loads((ROOT / "tests/vectors/pieces.json").read_text())

Edit = Callable[[bytes], bytes]


def sketch(path: Path) -> bytes:
    return pieces.encode(smallest_ranks(path))


def modules(least_bytes: int = 64 * 1024) -> list[Path]:
    """Python's modules that have at least so many bytes."""
    found = [path for path in LIBRARY.glob("*.py") if path.stat().st_size >= least_bytes]
    return sorted(found, key=lambda path: path.name)


def fonts() -> list[Path]:
    return sorted((ROOT / "resources/fonts").glob("*.?tf"))


@cache
def as_json(name: str) -> bytes:
    made = table(name)
    return json.dumps([dict(zip(made.head, row, strict=True)) for row in made.rows]).encode()


def inserted(content: bytes) -> bytes:
    chance = random.Random(len(content))
    for _ in range(20):
        at = chance.randrange(len(content))
        content = content[:at] + chance.randbytes(3).hex().encode() + content[at:]
    return content


def thinned(content: bytes) -> bytes:
    """A tenth is gone, in twenty places."""
    part = len(content) // 200
    return b"".join(content[at : at + 9 * part] for at in range(0, len(content), 10 * part))


def turned(content: bytes) -> bytes:
    third = len(content) // 3
    return content[2 * third :] + content[third : 2 * third] + content[:third]


EDITS: dict[str, Edit] = {
    "inserted": inserted,
    "thinned": thinned,
    "turned": turned,
    "cut": lambda content: content[len(content) // 4 :],
    "doubled by others": lambda content: content + random.Random(1).randbytes(len(content)),
    "within others": lambda content: (
        random.Random(2).randbytes(2 * len(content)) + content + random.Random(3).randbytes(9999)
    ),
}
OF_TEXT: dict[str, Edit] = {
    "line ends": lambda content: content.replace(b"\n", b"\r\n"),
    "indents": lambda content: content.replace(b"    ", b"\t"),
    "one line": lambda content: b" ".join(content.split()),
}


def originals() -> list[tuple[Path | str, bytes, bool]]:
    texts = [(path, path.read_bytes(), True) for path in modules()[:MOST_MODULES]]
    jsons = [(name, as_json(name), True) for name in ("flights", "airports", "weather")]
    return [*texts, *jsons, *((path, path.read_bytes(), False) for path in fonts())]


def test_edited_copies_are_found(tmp_path: Path) -> None:
    """By comparing, and as candidates among what is registered; at least 0.9 is asked for."""
    counted, missed = 0, []
    for name, content, text in originals():
        (tmp_path / "one").write_bytes(content)
        original = sketch(tmp_path / "one")
        assert 0 < len(original) <= 2048
        for edit, make in (EDITS | (OF_TEXT if text else {})).items():
            (tmp_path / "two").write_bytes(make(content))
            copy = sketch(tmp_path / "two")
            counted += 1
            score = likeness(original, copy).score
            if score < SHOWN_FROM or not set(bands(original)) & set(bands(copy)):
                missed.append((name, edit, round(score, 2)))
    assert counted > 80
    assert len(missed) <= 0.1 * counted, missed
    print(f"recall {counted - len(missed)} of {counted}", missed)


def test_json_that_is_written_otherwise_is_the_same(tmp_path: Path) -> None:
    made = json.loads(as_json("airports"))
    for name, space in (("one", {}), ("two", {"indent": 2}), ("three", {"separators": (",", ":")})):
        (tmp_path / name).write_text(json.dumps(made, **space))
    assert sketch(tmp_path / "one") == sketch(tmp_path / "two") == sketch(tmp_path / "three")


def test_files_of_the_same_kind_are_not_alike(tmp_path: Path) -> None:
    """At most one pair in a hundred may be called alike that has nothing to do with the other."""
    kinds = [[sketch(path) for path in modules(24 * 1024)[:MOST]]]
    for name in ("flights", "weather", "airports", "planes"):
        made, parts = table(name, most=None), []
        for number in range(8):
            rows = made.rows[number * 400 : (number + 1) * 400]
            part = [dict(zip(made.head, row, strict=True)) for row in rows]
            (tmp_path / "part").write_text(json.dumps(part))
            parts.append(sketch(tmp_path / "part"))
        kinds.append(parts)
    scores = [
        likeness(one, other).score
        for kind in kinds
        for one, other in combinations([found for found in kind if found], 2)
    ]
    alarms = [round(score, 2) for score in scores if score >= SHOWN_FROM]
    assert len(scores) > 300
    assert len(alarms) <= 0.01 * len(scores), alarms
    print(f"false alarms {len(alarms)} of {len(scores)}, the highest score {max(scores):.2f}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures and texts."""
    made = tmp_path / "folder"
    made.mkdir()
    for path in sorted((ROOT / "tests/ui/baselines").glob("*-light.png"))[:24]:
        (made / path.name).write_bytes(path.read_bytes())
    for path in modules()[:4]:
        (made / path.name).write_bytes(path.read_bytes())
    return made


def test_a_folder_is_alike_whatever_its_files_are_called(folder: Path, tmp_path: Path) -> None:
    original = sketch(folder)
    other = tmp_path / "other" / "deep"
    other.mkdir(parents=True)
    for number, path in enumerate(sorted(folder.iterdir(), reverse=True)):
        (other / f"{number}.dat").write_bytes(path.read_bytes())
    assert sketch(tmp_path / "other") == original
    for number in range(0, 28, 4):
        (other / f"{number}.dat").unlink()
    assert likeness(original, sketch(tmp_path / "other")).score > 0.9


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_is_like_the_same_with_a_file_more(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    def archive(name: str, files: list[Path]) -> Path:
        made = tmp_path / name
        if kind == "tar":
            with tarfile.open(made, "w") as tar:
                for path in files:
                    tar.add(path, path.name)
        else:
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
                for path in files:
                    packed.write(path, path.name)
        return made

    files = sorted(folder.iterdir())
    one = sketch(archive("one", files))
    two = sketch(archive("two", [modules()[5], *files[2:]]))
    assert likeness(one, two).score > 0.7


def test_what_is_compressed_as_a_whole_is_compared_as_it_is(tmp_path: Path) -> None:
    """The limit: a change at the beginning changes all that follows."""
    content = as_json("flights")
    (tmp_path / "one").write_bytes(gzip.compress(content, mtime=0))
    (tmp_path / "two").write_bytes(gzip.compress(b"[" + content, mtime=0))
    assert likeness(sketch(tmp_path / "one"), sketch(tmp_path / "two")).score < SHOWN_FROM


def test_a_process_of_its_own_finds_it_and_tables_stay_tables(folder: Path, tmp_path: Path) -> None:
    found = trio.run(profile_content, folder)
    assert found is not None
    assert (found.format, found.columns) == ("other", ())
    assert found.sketch == sketch(folder)
    check(found.sketch)
    made = table("airports")
    rows = "\n".join(",".join(row) for row in ([made.head, *made.rows]) if "," not in "".join(row))
    (tmp_path / "table.csv").write_text(rows)
    (tmp_path / "one.csv").write_text("n,name\n" + "\n".join(f"{n},x" for n in range(9000)))
    work = tmp_path / "work"
    work.mkdir()
    as_table = read_content(tmp_path / "table.csv", work)
    assert as_table.sketch
    assert not is_of_pieces(as_table.sketch)
    narrow = trio.run(profile_content, tmp_path / "one.csv")
    assert narrow is not None
    assert narrow.columns
    assert is_of_pieces(narrow.sketch)
    (tmp_path / "small").write_text("nothing much")
    (tmp_path / "zeros").write_bytes(bytes(1 << 20))
    for nothing in ("small", "zeros"):
        assert not read_content(tmp_path / nothing, work).sketch


def test_how_far_it_is_is_told_and_what_cannot_be_read_is_left_out(
    folder: Path, tmp_path: Path
) -> None:
    told: list[float] = []
    smallest_ranks(folder, told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert read_content(folder, tmp_path).sketch
    (folder / "link").symlink_to(tmp_path)
    assert not read_content(folder, tmp_path).sketch


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors(vector: dict[str, str], tmp_path: Path) -> None:
    """Made by `content_of`; another program must make the same bytes."""
    (tmp_path / "content").write_bytes(content_of(vector["content"]))
    assert sketch(tmp_path / "content").hex() == vector["sketch"]


def content_of(recipe: str) -> bytes:
    """``sha256*N``: the SHA-256 of 0, 1, … N−1 as 4 bytes big-endian, one after the other.
    ``hex*N``: the same in hexadecimal, 64 letters a line. ``zeros*N``: N zero bytes."""
    kind, count = recipe.split("*")
    if kind == "zeros":
        return bytes(int(count))
    made = [sha256(number.to_bytes(4, "big")) for number in range(int(count))]
    if kind == "hex":
        return b"".join(one.hexdigest().encode() + b"\n" for one in made)
    return b"".join(one.digest() for one in made)
