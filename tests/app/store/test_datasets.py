"""My datasets come back as they were saved, whatever is known of them."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from app.domain.commands import Description
from app.domain.snapshots.datasets import Column, Profile
from app.domain.terms import TermsChoice
from app.store import datasets
from app.store.database import Database
from app.store.datasets import OwnDataset

DRAFT = OwnDataset(key="ab" * 16, path="/data/wind.csv", made_at=5)
FULL = OwnDataset(
    key="cd" * 16,
    path="/data/ü/wind",
    made_at=6,
    manifest=b'{"files":[]}',
    salt_nonce=b"n" * 32,
    content_id=b"c" * 32,
    root=b"r" * 32,
    records=2**32,
    length=2**53,
    files=100_000,
    description=Description("Wind", "What it is", "energy", "CN", "2020–2024", True, True),
    terms=TermsChoice(use="any", months=0, territory="country", country="France"),
    token="0x" + "3" * 40,
    price_units=2**256 - 1,
    profile=Profile(
        "csv", 12, (Column("speed", "number", 0.5), Column("who", "text", 1.0, "name"))
    ),
    state="registering",
    register_salt=b"s" * 32,
    listing=b"zipped",
    dataset_id=b"d" * 32,
)


@pytest.mark.parametrize("dataset", [DRAFT, FULL])
def test_a_dataset_comes_back_as_it_was_saved(database: Database, dataset: OwnDataset) -> None:
    with database.begin() as session:
        datasets.save(session, dataset)
    with database.read() as session:
        assert datasets.load(session, dataset.key) == dataset
        assert datasets.load(session, "00" * 16) is None


def test_saving_again_replaces(database: Database) -> None:
    with database.begin() as session:
        datasets.save(session, DRAFT)
        datasets.save(session, FULL)
    done = replace(FULL, key=DRAFT.key, made_at=4, state="registered", dataset_id=b"e" * 32)
    with database.begin() as session:
        datasets.save(session, done)
        assert datasets.list_own(session) == [FULL, done]
        assert datasets.by_dataset_id(session, b"e" * 32) == done
        assert datasets.by_dataset_id(session, b"f" * 32) is None
        assert datasets.drafts(session) == []


def test_discarding_forgets_one(database: Database) -> None:
    with database.begin() as session:
        datasets.save(session, DRAFT)
        datasets.save(session, FULL)
        assert datasets.drafts(session) == [DRAFT]
        datasets.discard(session, DRAFT.key)
    with database.read() as session:
        assert datasets.list_own(session) == [FULL]


def test_a_confidential_dataset_hides_its_content_id(database: Database) -> None:
    hidden = hashlib.sha256(b"\x03" + FULL.root).digest()
    assert FULL.registered_content_id == hidden
    shown = replace(FULL, description=replace(FULL.description, confidential=False))
    assert shown.registered_content_id == FULL.content_id


@pytest.mark.parametrize(
    "wrong", [{"price_units": -1}, {"price_units": 2**256}, {"dataset_id": b"short"}]
)
def test_what_does_not_fit_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(StatementError), database.begin() as session:
        datasets.save(session, replace(FULL, **wrong))
    with database.read() as session:
        assert datasets.list_own(session) == []
