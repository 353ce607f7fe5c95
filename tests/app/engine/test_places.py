"""Where files that arrive are put: a folder named after the dataset, whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.engine import places
from app.store import index
from tests.app.engine.sides import Pair


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Wind", "Wind"),
        ("Wind / hourly: 2024", "Wind _ hourly_ 2024"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (" . ", ""),
        ("", ""),
        ("風" * 120, "風" * (places.LONGEST_NAME_BYTES // 3)),
        ("\U00010900" * 120, "\U00010900" * (places.LONGEST_NAME_BYTES // 4)),
    ],
)
def test_any_title_makes_a_folder_and_none_leads_out(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, name: str
) -> None:
    pair.offered()
    order = pair.buyer.order()
    assert order is not None
    found = index.registration

    def called(session: Session, dataset: bytes) -> object:
        row = found(session, dataset)
        assert row is not None
        return replace(row, title=title)

    monkeypatch.setattr(index, "registration", called)
    first = places.choose(pair.buyer.database, tmp_path, order)
    assert first == tmp_path / "received" / (name or order.order_id.hex()[:8])
    first.mkdir(parents=True)  # the disk takes the name
    second = places.choose(pair.buyer.database, tmp_path, order)
    assert second.name == f"{first.name} (2)"
    second.mkdir()
    assert len(list((tmp_path / "received").iterdir())) == 2
