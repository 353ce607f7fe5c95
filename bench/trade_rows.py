"""A whole trade without windows, against the minute it may take."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from app.cli import story
from resources import resource

RUNS = 3
TARGET = 60.0
"""The most seconds."""


def rows() -> list[dict[str, Any]]:
    """Seconds from nothing to "confirmed and rated" with the shipped dataset, set-up excluded."""
    seconds = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(_trade(Path(folder)))
    value = statistics.median(seconds)
    return [
        {
            "name": "whole trade, headless",
            "value": round(value, 1),
            "unit": "s",
            "against": "the limit, s",
            "peer_value": TARGET,
            "ratio": round(value / TARGET, 3),
            "target": TARGET,
            "ok": value <= TARGET,
        }
    ]


def _trade(place: Path) -> float:
    data = place / "weather.csv"
    data.write_bytes(resource("samples", "nyc-hourly-weather-2013.csv").read_bytes())
    started = time.perf_counter()
    with story.two_people(place, place / "practice", "error") as (owner, buyer):
        story.enter(owner, "Owner")
        story.enter(buyer, "Buyer")
        outcome = story.trade(owner, buyer, data, lambda step: None)
        seconds = time.perf_counter() - started
    if not story.same_files(data, outcome.delivered):
        raise RuntimeError("the delivered files differ")
    return seconds
