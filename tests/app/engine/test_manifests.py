"""An order's manifest: its buyer has it from the offer on, nobody else, and no data with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from app.engine import holding
from app.store import datasets
from app.store.datasets import OwnDataset
from p2p.errors import PeerError
from tests.app.engine.sides import BUYER, DATASET, NOW, ORDER_ID, OWNER, THIRD, THREAD, Pair, peer
from tests.app.engine.test_pauses import deliveries_of
from tests.p2p.datasets import Dataset, make_dataset


@pytest.fixture
def dataset(pair: Pair, tmp_path: Path) -> Dataset:
    """The owner's, as it was registered."""
    made = make_dataset(tmp_path, b"data" * 500)
    stated = made.fingerprint
    own = OwnDataset(
        "d" * 32,
        str(made.made.source),
        NOW,
        manifest=made.made.manifest.encode(),
        salt_nonce=bytes(32),
        content_id=stated.content_id,
        root=stated.root,
        records=stated.records,
        length=stated.length,
        dataset_id=DATASET,
    )
    with pair.owner.database.begin() as session:
        datasets.save(session, own)
    return made


@pytest.mark.parametrize("stage", ["offered", "funded"])
def test_the_record_is_not_asked_for_a_manifest(
    pair: Pair, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Neither for news of the payment nor whether it is held; nor has who asks begun to fetch."""

    def ask(*_: object) -> None:
        raise AssertionError("the record was asked")

    monkeypatch.setattr(pair.owner.ledger, "looked", ask)
    monkeypatch.setattr(holding, "is_held", ask)
    deliveries = deliveries_of(pair.owner, tmp_path)
    getattr(pair, stage)()
    deliveries.pauses.heard(THREAD, True)
    source = trio.run(deliveries.manifest, peer(BUYER), ORDER_ID)
    assert (source.dk, source.content.manifest) == (None, dataset.made.manifest)
    assert deliveries.other(THREAD) == "paused"


def test_only_the_buyer_of_an_offer_has_the_manifest(
    pair: Pair, dataset: Dataset, tmp_path: Path
) -> None:
    deliveries = deliveries_of(pair.owner, tmp_path)
    pair.asked()
    with pytest.raises(PeerError, match="no such order"):
        trio.run(deliveries.manifest, peer(BUYER), ORDER_ID)
    for whom, order_id in ((THIRD, ORDER_ID), (OWNER, ORDER_ID), (BUYER, b"j" * 32)):
        with pytest.raises(PeerError, match="no such order"):
            trio.run(deliveries.manifest, peer(whom), order_id)
