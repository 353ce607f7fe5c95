"""A sample: the same numbers on both sides, each record under the root, nothing else believed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import merkle, samples
from p2p.content import Content
from p2p.errors import ContentChanged, PeerError
from p2p.limits import SAMPLE_RECORDS
from p2p.openings import Opening
from p2p.records import PAYLOAD, Fingerprint
from p2p.samples import Sample
from tests.p2p.datasets import Dataset, make_dataset, noise

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sample_draw.json").read_text())
BLOCK, DATASET, BUYER = b"b" * 32, b"d" * 32, b"a" * 20


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("samples"), noise(PAYLOAD * 40 + 7))


@pytest.mark.parametrize("vector", VECTORS["vectors"])
def test_the_vectors(vector: dict[str, object]) -> None:
    raw = [bytes.fromhex(str(vector[name])) for name in ("block_hash", "dataset", "buyer")]
    count = vector["k"]
    assert samples.draw(*raw, vector["records"], count) == vector["numbers"]  # type: ignore


def test_the_draw_word_for_word() -> None:
    seed = hashlib.sha256(b"lading/sample" + BLOCK + DATASET + BUYER).digest()
    throws = [hashlib.sha256(seed + j.to_bytes(4, "big")).digest() for j in range(400)]
    numbers = [int.from_bytes(throw[:8], "big") % 50 for throw in throws]
    expected = list(dict.fromkeys(numbers))[:48]
    assert samples.draw(BLOCK, DATASET, BUYER, 50, 48) == expected
    assert len(numbers) > len(set(numbers))  # some came up twice


@given(st.integers(1, 2**32), st.integers(1, SAMPLE_RECORDS))
def test_numbers_are_different_and_in_the_dataset(records: int, count: int) -> None:
    count = min(records, count)
    numbers = samples.draw(BLOCK, DATASET, BUYER, records, count)
    assert len(set(numbers)) == count
    assert all(0 <= number < records for number in numbers)


@pytest.mark.parametrize("which", range(3))
def test_everything_that_goes_in_decides(which: int) -> None:
    inputs = [BLOCK, DATASET, BUYER]
    inputs[which] = b"x" + inputs[which][1:]
    other = samples.draw(*inputs, 10**6, 10)  # type: ignore[call-arg, misc, arg-type]
    assert other != samples.draw(BLOCK, DATASET, BUYER, 10**6, 10)


@pytest.mark.parametrize(
    ("block", "dataset", "buyer", "records", "count"),
    [
        (b"", DATASET, BUYER, 10, 1),
        (BLOCK, DATASET + b"d", BUYER, 10, 1),
        (BLOCK, DATASET, BUYER + b"a", 10, 1),
        (BLOCK, DATASET, BUYER, 10, 0),
        (BLOCK, DATASET, BUYER, 10, 11),
        (BLOCK, DATASET, BUYER, 10**6, SAMPLE_RECORDS + 1),
    ],
)
def test_what_cannot_be_drawn(
    block: bytes, dataset: bytes, buyer: bytes, records: int, count: int
) -> None:
    with pytest.raises(ValueError, match=r"bytes|sample"):
        samples.draw(block, dataset, buyer, records, count)


@given(st.integers(1, 70), st.data())
def test_paths_of_some_leaves_are_those_of_each(size: int, data: st.DataObject) -> None:
    leaves = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(size))
    numbers = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    found = samples.paths_of(leaves, numbers)
    assert found == {number: merkle.path(leaves, number) for number in numbers}
    with pytest.raises(IndexError):
        samples.paths_of(leaves, [*numbers, size])


def opened(dataset: Dataset, numbers: list[int]) -> list[Opening]:
    return samples.open_records(dataset.content, numbers, dataset.leaves_path)


def test_records_are_opened_as_they_will_be_delivered(dataset: Dataset) -> None:
    numbers = [40, 0, 17]
    openings = opened(dataset, numbers)
    samples.check(Sample(tuple(openings)), numbers, dataset.fingerprint)
    whole = dataset.content.chunk(0)
    for opening in openings:
        assert whole[opening.index * 4096 :][:4096] == opening.record
        content = dataset.content.around(opening.index, 0)
        assert samples.payload_of(opening, dataset.fingerprint) == content
    assert len(samples.payload_of(opened(dataset, [41])[0], dataset.fingerprint)) == 7


def test_what_lies_around_a_record(dataset: Dataset) -> None:
    data = (dataset.base / "source").read_bytes()
    content = dataset.content
    assert content.around(1, 100) == data[: PAYLOAD + 100]  # nothing of the list of files
    assert content.around(5, 100) == data[4 * PAYLOAD - 100 : 5 * PAYLOAD + 100]
    assert content.around(41, 100) == data[40 * PAYLOAD - 100 :]
    with pytest.raises(IndexError):
        content.records(40, 3)


def test_some_may_be_withheld(dataset: Dataset) -> None:
    numbers = [7, 3, 20]
    sample = Sample(tuple(opened(dataset, [7, 20])), (3,))
    samples.check(sample, numbers, dataset.fingerprint)
    samples.check(Sample((), (7, 3, 20)), numbers, dataset.fingerprint)


LIES: dict[str, Callable[[Sample], Sample]] = {
    "one missing": lambda s: replace(s, openings=s.openings[1:]),
    "one too many": lambda s: replace(s, openings=(*s.openings, s.openings[0])),
    "another order": lambda s: replace(s, openings=s.openings[::-1]),
    "another number": lambda s: replace(
        s, openings=(replace(s.openings[0], index=8), *s.openings[1:])
    ),
    "another record": lambda s: replace(
        s, openings=(replace(s.openings[0], record=bytes(4096)), *s.openings[1:])
    ),
    "half a record": lambda s: replace(
        s, openings=(replace(s.openings[0], record=bytes(2048)), *s.openings[1:])
    ),
    "a short path": lambda s: replace(
        s, openings=(replace(s.openings[0], path=s.openings[0].path[:-1]), *s.openings[1:])
    ),
    "opened and withheld": lambda s: replace(s, withheld=(7, 3)),
    "withheld twice": lambda s: replace(s, withheld=(3, 3)),
    "withheld, never drawn": lambda s: replace(s, withheld=(3, 4)),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_other_records_than_those_drawn_are_not_believed(
    dataset: Dataset, lie: Callable[[Sample], Sample]
) -> None:
    sample = Sample(tuple(opened(dataset, [7, 20])), (3,))
    with pytest.raises(PeerError):
        samples.check(lie(sample), [7, 3, 20], dataset.fingerprint)


def test_records_of_another_dataset_are_not_believed(dataset: Dataset) -> None:
    sample = Sample(tuple(opened(dataset, [7])))
    other = replace(dataset.fingerprint, root=b"r" * 32)
    with pytest.raises(PeerError, match="Record 7"):
        samples.check(sample, [7], other)


def test_files_that_changed_are_not_opened(tmp_path: Path) -> None:
    made = make_dataset(tmp_path, noise(PAYLOAD * 3))
    (tmp_path / "source").write_bytes(noise(PAYLOAD * 3, 2))
    with pytest.raises(ContentChanged):
        opened(made, [2])


def test_what_is_kept_is_what_was_opened(dataset: Dataset) -> None:
    sample = Sample(tuple(opened(dataset, [7, 20, 0])), (3, 2**32 - 1))
    kept = samples.encode(sample)
    assert samples.decode(kept) == sample
    assert samples.decode(samples.encode(Sample(()))) == Sample(())
    for end in (3, 6, len(kept) - 1, len(kept) - 4090):
        with pytest.raises(ValueError, match="damaged"):
            samples.decode(kept[:end])


def test_a_length_that_does_not_fit_gives_no_bytes() -> None:
    false = Fingerprint(bytes(32), bytes(32), 5, 10)
    assert samples.payload_of(Opening(4, bytes(4096), ()), false) == b""


def test_a_single_record_has_an_empty_path(tmp_path: Path) -> None:
    made = make_dataset(tmp_path, {"a": b"", "b": b"x"})
    content: Content = made.content
    (first, _) = samples.open_records(content, [0, 1], made.leaves_path)
    assert len(first.path) == 1
