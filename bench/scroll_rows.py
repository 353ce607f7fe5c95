"""How evenly a list is drawn while it is scrolled: what was found among many listings, while these
are still read for searching, and afterwards. The machine has to be idle otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench.frame_rows import evenness

LISTINGS = 100_000
"""More take longer to read, and no other way: a list holds 10,000 at the most."""


def rows() -> list[dict[str, Any]]:
    """The 99th percentile and the longest interval between frames, in milliseconds."""
    found = []
    for part, intervals in _scrolled().items():
        name = {"reading": "scroll: listings are read", "read": "scroll: all are read"}[part]
        found += evenness(name, intervals)
    return found


def _scrolled() -> dict[str, list[float]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.scroll_side", str(LISTINGS)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    intervals: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return intervals
