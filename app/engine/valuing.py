"""Keeps what an owner says about the worth of a dataset; nothing of it leaves this computer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from app.domain import codec, pricing
from app.domain.errors import RuleError
from app.domain.pricing import Inputs
from app.domain.valuation_commands import SaveValuation
from app.store import datasets, settings
from app.store.database import Database


def inputs_of(session: Session, key: str) -> Inputs | None:
    """What was saved for a dataset (its local key), None before."""
    kept = settings.get(session, f"valuation:{key}")
    return None if kept is None else codec.decode(Inputs, kept)


class Valuing:
    """The command `SaveValuation`."""

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        self._database = database
        self._changed = changed

    def save(self, command: SaveValuation) -> None:
        pricing.check(command.inputs)
        kept = replace(command.inputs, said_at=int(time.time()))
        with self._database.begin() as session:
            if datasets.load(session, command.dataset) is None:
                raise RuleError("datasets.unknown", "This dataset is not one of yours.")
            settings.put(session, f"valuation:{command.dataset}", codec.encode(kept))
        self._changed()
