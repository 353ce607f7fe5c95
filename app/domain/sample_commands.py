"""What a person asks of the engine about samples. ``dataset`` as in `app.domain.commands`."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.samples import SamplePolicy


@dataclass(frozen=True, slots=True)
class AskSample:
    """Ask the owner for a sample; one that was given already is shown again, nothing is asked."""

    dataset: str


@dataclass(frozen=True, slots=True)
class SetSamplePolicy:
    """What buyers may see of a dataset of ours before they pay."""

    dataset: str
    policy: SamplePolicy
