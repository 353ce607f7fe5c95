"""The worth of a dataset: inputs kept with it, comparables from what was settled on record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.pricing import Cost, Inputs
from app.domain.valuation_commands import SaveValuation
from app.engine.projections.frame import Frame
from app.engine.projections.valuation import valuation
from app.engine.valuing import Valuing, inputs_of
from app.store import datasets
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.index import Index
from tests.app.engine.sides import Pair
from tests.app.store import happenings as record
from tests.app.store.happenings import SUN, WIND, confirmed, funded, listed, mined, registered

KEY = "d" * 32


def test_what_is_said_is_kept_with_the_dataset(pair: Pair) -> None:
    database = pair.owner.database
    valuing = Valuing(database, lambda: None)
    inputs = Inputs("0xT", Cost(collecting_units=10**24))
    valuing.save(SaveValuation(KEY, inputs))
    with database.read() as session:
        kept = inputs_of(session, KEY)
        assert kept is not None
        assert replace(kept, said_at=0) == inputs
        assert kept.said_at > 1_700_000_000
        assert inputs_of(session, "e" * 32) is None
    with pytest.raises(RuleError) as wrong:
        valuing.save(SaveValuation(KEY, replace(inputs, cost=Cost(licences=0))))
    assert wrong.value.code == "valuation.bounds"
    with pytest.raises(RuleError) as other:
        valuing.save(SaveValuation("e" * 32, inputs))
    assert other.value.code == "datasets.unknown"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database.open(tmp_path / "lading.sqlite")
    block = mined(
        5,
        registered(WIND, listing=listed("Wind")),
        registered(SUN, listing=listed("Sun", field="weather"), length=7),
        funded(b"1" * 32, price=100),
        funded(b"2" * 32, price=300),
        funded(b"3" * 32, price=500),
        funded(b"4" * 32, price=700, dataset=SUN),
        confirmed(b"1" * 32, 5),
        confirmed(b"2" * 32, 2),
        confirmed(b"4" * 32, 4),
    )
    Index(made).apply(block.events, [block.block], block.cursor)
    return made


def own(field: str = "energy", root: bytes = b"r" * 32) -> OwnDataset:
    said = Description(title="Mine", what="x", field=field)
    return OwnDataset(KEY, "/data", 1, root=root, length=4064, records=1, description=said)


def test_settled_orders_of_the_field_are_comparables(database: Database) -> None:
    with database.begin() as session:
        datasets.save(session, own())
    with database.read() as session:
        facts = valuation(Frame(session, None, None), own())
    assert {sale.price_units for sale in facts.sales} == {100, 300}  # 500 is held, 700 is weather
    (first, second) = facts.sales
    assert (first.title, first.rating, first.sales) == ("Wind", 2.8, 2)
    assert first.token == second.token == record.TOKEN
    assert first.at == 1_005
    assert facts.inputs is None
    assert facts.price is None


@pytest.mark.parametrize(
    "mine", [own("energy", registered(WIND).root), own("weather", registered(SUN).root), own("")]
)
def test_ones_own_data_is_no_comparable(database: Database, mine: OwnDataset) -> None:
    with database.read() as session:
        assert valuation(Frame(session, None, None), mine).sales == ()


def sales_of(database: Database) -> list[tuple[str, int]]:
    with database.read() as session:
        facts = valuation(Frame(session, None, None), own())
    return [(sale.title, sale.price_units) for sale in facts.sales]


def test_what_goes_in_a_circle_makes_no_market(database: Database) -> None:
    assert len(sales_of(database)) == 2
    back = {"owner": record.BUYER, "buyer": record.OWNER}
    ring = replace(funded(b"6" * 32, dataset=SUN, **back), **back)
    block = mined(6, ring, replace(confirmed(b"6" * 32), **back))
    Index(database).apply(block.events, [block.block], block.cursor)
    assert sales_of(database) == []


def test_one_dataset_sold_often_does_not_hide_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.projections.valuation.MOST_SALES", 5)
    monkeypatch.setattr("app.engine.projections.valuation.MOST_EACH", 3)
    cheap, other = b"q" * 32, b"o" * 32
    often = [bytes([9, n]) * 16 for n in range(8)]
    block = mined(
        6,
        registered(cheap, listing=listed("Cheap")),
        registered(other, listing=listed("Other")),
        *(funded(one, price=1, dataset=cheap) for one in often),
        funded(b"8" * 32, price=900, dataset=other),
        confirmed(b"8" * 32),
    )
    Index(database).apply(block.events, [block.block], block.cursor)
    block = mined(7, *(confirmed(one) for one in often))
    Index(database).apply(block.events, [block.block], block.cursor)
    found = sales_of(database)
    assert found[:3] == [("Cheap", 1)] * 3
    assert found[3:] == [("Other", 900), ("Wind", 100)]
