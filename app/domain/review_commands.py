"""What a person asks of the engine about ratings. ``dataset`` as in `app.domain.commands`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskReviews:
    """Ask owner and buyers for the words of a dataset's ratings that are not here."""

    dataset: str
