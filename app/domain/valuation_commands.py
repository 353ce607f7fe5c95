"""What a person asks about the worth of a dataset; part of `app.domain.commands`."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.pricing import Inputs


@dataclass(frozen=True, slots=True)
class SaveValuation:
    """Keep these inputs with the dataset, whose local key is ``dataset``."""

    dataset: str
    inputs: Inputs
