"""What a buyer checks before funding: every statement of the owner against the root."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from p2p import merkle, openings, records
from p2p.errors import PeerError
from p2p.manifest import FileEntry, Manifest
from p2p.openings import Opening, check_manifest
from p2p.records import PAYLOAD, Fingerprint
from tests.p2p.datasets import SALT_KEY, Dataset, make_dataset, noise


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Its manifest fills several records."""
    files = {f"folder/{i:03}-{'name' * 30}.csv": noise(100 + i, i) for i in range(60)}
    return make_dataset(tmp_path_factory.mktemp("openings"), files)


@pytest.fixture
def opened(dataset: Dataset) -> list[Opening]:
    return list(dataset.content.manifest_openings(dataset.leaves_path))


def test_openings_give_the_manifest_and_no_byte_of_a_file(
    dataset: Dataset, opened: list[Opening]
) -> None:
    assert len(opened) > 2
    assert openings.manifest_records(opened[0].record) == len(opened)
    assert check_manifest(iter(opened), dataset.fingerprint) == dataset.made.manifest
    shown = b"".join(opening.record for opening in opened)
    assert not any(noise(100 + i, i)[:16] in shown for i in range(60))


MUTATIONS: dict[str, Callable[[list[Opening]], list[Opening]]] = {
    "none at all": lambda o: [],
    "the last is missing": lambda o: o[:-1],
    "the first is missing": lambda o: o[1:],
    "one twice": lambda o: [*o, o[-1]],
    "swapped": lambda o: [o[1], o[0], *o[2:]],
    "a record flipped": lambda o: [
        replace(o[0], record=o[0].record[:-1] + bytes([o[0].record[-1] ^ 1])), *o[1:]
    ],
    "a record cut": lambda o: [replace(o[0], record=o[0].record[:-1]), *o[1:]],
    "another's path": lambda o: [replace(o[0], path=o[1].path), *o[1:]],
    "a path too long": lambda o: [replace(o[0], path=(*o[0].path, bytes(32))), *o[1:]],
    "another index": lambda o: [replace(o[0], index=1), *o[1:]],
}  # fmt: skip


@pytest.mark.parametrize("sin", MUTATIONS)
def test_openings_that_are_not_those_of_the_manifest(
    dataset: Dataset, opened: list[Opening], sin: str
) -> None:
    with pytest.raises(PeerError):
        check_manifest(MUTATIONS[sin](opened), dataset.fingerprint)


def test_a_file_record_is_not_an_answer(dataset: Dataset, opened: list[Opening]) -> None:
    leaves = dataset.leaves_path.read_bytes()
    index = len(opened)
    record = dataset.content.chunk(0)[index * records.RECORD : (index + 1) * records.RECORD]
    honest = Opening(index, record, tuple(merkle.path(leaves, index)))
    with pytest.raises(PeerError, match="more records"):
        check_manifest([*opened, honest], dataset.fingerprint)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length": -1}, "bytes"),
        ({"length": PAYLOAD}, "bytes"),
        ({"content_id": bytes(32)}, "content id"),
        ({"root": bytes(32)}, "not the one"),
        ({"records": 1}, "not the one"),
    ],
)
def test_untrue_statements_are_found(
    dataset: Dataset, opened: list[Opening], change: dict[str, int | bytes], words: str
) -> None:
    stated = dataset.fingerprint
    if "length" in change:
        change = {"length": stated.length + int(change["length"])}
    with pytest.raises(PeerError, match=words):
        check_manifest(opened, replace(stated, **change))


def test_a_withheld_content_id_is_nothing_to_compare(
    dataset: Dataset, opened: list[Opening]
) -> None:
    stated = dataset.fingerprint
    withheld = replace(stated, content_id=records.confidential_id(stated.root))
    assert check_manifest(opened, withheld) == dataset.made.manifest
    with pytest.raises(PeerError, match="content id"):
        check_manifest(opened, replace(stated, content_id=records.confidential_id(bytes(32))))


def lying(preamble: bytes, files: bytes = b"x" * 10) -> tuple[list[Opening], Fingerprint]:
    """A registration whose root is real and whose content is whatever the liar wrote."""
    content = preamble + files
    count = records.record_count(len(content))
    plain = records.join(records.salts(SALT_KEY, 0, count), content)
    leaves = records.leaf_hashes(plain)
    root = merkle.root(leaves)
    stated = Fingerprint(records.confidential_id(root), root, count, len(content))
    first = len(preamble) // PAYLOAD
    return [
        Opening(i, plain[i * 4096 : (i + 1) * 4096], tuple(merkle.path(leaves, i)))
        for i in range(first)
    ], stated


HONEST = records.preamble(Manifest((FileEntry("a", 10, bytes(32)),)).encode())


def test_a_true_root_over_a_false_manifest() -> None:
    assert check_manifest(*lying(HONEST)).total_size == 10
    dirty = HONEST[:-1] + b"\1"
    for preamble, words in (
        (dirty, "padding"),
        (HONEST.replace(b'"size":10', b'"size":11'), "registered"),
        (HONEST.replace(b'"path":"a"', b'"path":"/"'), "breaks a rule"),
        ((17 << 20).to_bytes(4, "big") + HONEST[4:], "16 MiB"),
        (bytes(4) + HONEST[4:], "padding"),
        (bytes(PAYLOAD), "no file"),
        (HONEST.replace(b'"lading":1', b'"lading":2'), "canonical"),
        ((len(HONEST) + 1).to_bytes(4, "big") + HONEST[4:], "all records"),
    ):
        with pytest.raises(PeerError, match=words):
            check_manifest(*lying(preamble))


def test_a_preamble_is_exactly_as_long_as_it_says() -> None:
    assert openings.read_preamble(HONEST).files[0].path == "a"
    for payload in (HONEST + bytes(PAYLOAD), HONEST[:-1], HONEST + b"\0"):
        with pytest.raises(PeerError, match="another length"):
            openings.read_preamble(payload)


def test_a_manifest_has_16_mib_at_most() -> None:
    most = 16 << 20
    assert openings.preamble_size(most.to_bytes(4, "big")) >= most
    with pytest.raises(PeerError, match="16 MiB"):
        openings.preamble_size((most + 1).to_bytes(4, "big"))


@pytest.mark.parametrize("change", [b"\0", None])
def test_a_record_of_another_length_over_its_own_root(change: bytes | None) -> None:
    (opened, *_), stated = lying(HONEST)
    record = opened.record + change if change else opened.record[:-1]
    root = merkle.leaf_hash(record)
    alone = replace(stated, root=root, records=1, content_id=records.confidential_id(root))
    with pytest.raises(PeerError, match="other records"):
        check_manifest([Opening(0, record, ())], alone)


def test_a_false_number_of_records_over_a_true_root() -> None:
    """An extra record of nothing: length says one thing, n another."""
    opened, stated = lying(HONEST, b"x" * 10 + bytes(PAYLOAD))
    with pytest.raises(PeerError, match="number of records"):
        check_manifest(opened, replace(stated, length=len(HONEST) + 10))


def test_checking_stops_at_the_first_lie(dataset: Dataset, opened: list[Opening]) -> None:
    seen: list[int] = []

    def stream() -> list[Opening]:
        for opening in [replace(opened[0], path=()), *opened[1:]]:
            seen.append(opening.index)
            yield opening

    with pytest.raises(PeerError):
        check_manifest(stream(), dataset.fingerprint)
    assert seen == [0]


def test_manifest_of_a_single_file(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, b"one file")
    opened = list(dataset.content.manifest_openings(dataset.leaves_path))
    assert [f.path for f in check_manifest(opened, dataset.fingerprint).files] == ["source"]
