"""A buyer asks for a sample, goes away and comes back; the owner decides. Two engines, real
libp2p, a real chain."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.samples import SamplePolicy
from app.domain.snapshots.datasets import BrowseSnapshot, DatasetSnapshot
from app.domain.snapshots.samples import Sample
from app.store import samples as rows
from p2p import samples
from p2p.records import RECORD
from tests.app.engine.apps import App, Line
from tests.app.engine.conftest import apps, lines, world

__all__ = ["apps", "lines", "world"]  # fixtures


@pytest.fixture(scope="module")
def owner(apps: Any, lines: Callable[[], Line]) -> App:
    app: App = apps("Nordhaven Energy", lines())
    return app


@pytest.fixture(scope="module")
def buyer(apps: Any, lines: Callable[[], Line]) -> App:
    app: App = apps("Baltic Grid", lines())
    return app


def table(size: int) -> bytes:
    drawn = secrets.token_hex(8)  # content of its own
    lines = (f"{n},{n % 97 / 4},{drawn}\n" for n in range(size))
    return "".join(["hour,load,meter\n", *lines]).encode()


def on_record(owner: App, buyer: App, place: Path, content: bytes) -> str:
    """A dataset that the buyer has on its screen."""
    dataset = owner.register(secrets.token_hex(16), place, content)
    buyer.ask(cmd.Search())
    buyer.wait(BrowseSnapshot, lambda page: any(one.dataset == dataset for one in page.cards), 90)
    buyer.ask(cmd.OpenDataset(dataset))
    owner.ask(cmd.OpenDataset(dataset))
    return dataset


def sample(app: App, dataset: str, until: Callable[[Sample], Any]) -> Sample:
    shown = app.wait(
        DatasetSnapshot,
        lambda page: page.card.dataset == dataset and page.sample and until(page.sample),
        seconds=90,
    )
    assert shown.sample is not None
    return shown.sample


def test_drawn_by_a_block_shown_as_rows_and_kept(owner: App, buyer: App, tmp_path: Path) -> None:
    content = table(40_000)
    dataset = on_record(owner, buyer, tmp_path, content)
    assert sample(buyer, dataset, lambda one: one.step == "none").of > 200

    buyer.ask(cmd.AskSample(dataset))
    refused = sample(buyer, dataset, lambda one: one.step == "refused")
    assert refused.reason == "The owner shows no samples of this dataset."

    owner.ask(cmd.SetSamplePolicy(dataset, SamplePolicy(allowed=True, records=2)))
    owner.wait(DatasetSnapshot, lambda page: page.allowance and page.allowance.policy.allowed, 90)
    buyer.ask(cmd.AskSample(dataset))
    granted = sample(buyer, dataset, lambda one: one.step in ("granted", "given"))
    assert granted.block

    given = sample(buyer, dataset, lambda one: one.step == "given")
    assert (given.proven, given.withheld, given.drawn) == (2, 0, 2)
    assert given.block == granted.block
    assert given.block_at
    assert given.rows.kind == ("table" if given.list_of_files < 2 else "other")
    lines = content.decode().splitlines()
    assert all(",".join(row) in lines for row in given.rows.rows)
    assert len(given.rows.rows) > 50

    seen = owner.wait(DatasetSnapshot, lambda page: page.allowance and page.allowance.seen, 90)
    assert seen.allowance is not None
    assert [(one.by, one.records) for one in seen.allowance.seen] == [("Baltic Grid", 2)]

    # What was opened is what would be delivered, and both sides have kept it.
    key = bytes.fromhex(dataset)
    kept = buyer.read(lambda session: rows.asked_bytes(session, key))
    mine = owner.read(lambda session: rows.given_bytes(session, key, buyer.address))
    assert kept == mine
    for opening in samples.decode(kept).openings:
        assert len(opening.record) == RECORD
        assert opening.index == 0 or opening.record[32:200] in content + bytes(RECORD)

    owner.ask(cmd.SetSamplePolicy(dataset, SamplePolicy()))
    buyer.restart()
    buyer.ask(cmd.OpenDataset(dataset))
    buyer.ask(cmd.AskSample(dataset))
    assert sample(buyer, dataset, lambda one: one.step == "given") == given


def test_an_owner_that_is_away_is_asked_when_it_is_back(
    owner: App, buyer: App, tmp_path: Path
) -> None:
    dataset = on_record(owner, buyer, tmp_path, table(6_000))
    owner.ask(cmd.SetSamplePolicy(dataset, SamplePolicy(allowed=True)))
    owner.wait(DatasetSnapshot, lambda page: page.allowance and page.allowance.policy.allowed, 90)
    owner.stop()
    buyer.ask(cmd.AskSample(dataset))
    waiting = sample(buyer, dataset, lambda one: one.step == "asked" and one.reason)
    assert waiting.reason
    buyer.restart()
    buyer.ask(cmd.OpenDataset(dataset))
    owner.start()
    owner.unlock()
    given = sample(buyer, dataset, lambda one: one.step == "given")
    assert given.proven == 1
    assert replace(given, rows=waiting.rows).reason == ""
