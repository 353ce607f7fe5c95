"""Asking which registered tables are like one, beside 100,000 registered sketches in a file.

The sketches are of the largest size; two thousand are edited copies of what is asked about, so that
there is as much to compare as there may be. The question is the one that the pages ask.
"""

import random
import secrets
import statistics
import tempfile
import time
from base64 import b64encode
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app.domain.similarity import BINS, Pair, bands, encode, likeness
from app.domain.sketching import CHOSEN_COLUMNS
from app.domain.snapshots.datasets import Column
from app.engine.projections.alike import alike
from app.engine.projections.frame import Frame
from app.store.database import Database
from app.store.tables import Base
from chain.listing import encode_listing

REGISTERED = 100_000
COPIES = 2_000
ASKED = 5
PORTION = 5_000
TARGET = 1.0
"""The most seconds that an answer may take."""

_COLUMNS = [Column(f"column {n}", "number", 1.0) for n in range(CHOSEN_COLUMNS)]
_PLACES = list(combinations(range(len(_COLUMNS)), 2))
_TABLES = Base.metadata.tables


def rows() -> list[dict[str, str | float | bool]]:
    """One row: the median of the first answers about five tables, in seconds."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        value = statistics.median(_answers(Path(folder) / "lading.sqlite"))
    return [
        {
            "name": f"alike among {REGISTERED:,} sketches",
            "value": round(value, 3),
            "unit": "s",
            "against": "the limit, s",
            "peer_value": TARGET,
            "ratio": round(value / TARGET, 3),
            "target": TARGET,
            "ok": value <= TARGET,
        }
    ]


def _answers(path: Path) -> list[float]:
    chance = random.Random(7)
    asked = [_sketch(chance) for _ in range(ASKED)]
    database = Database.open(path)
    try:
        _fill(database, asked, chance)
        seconds = []
        for sketch in asked:
            likeness.cache_clear()
            started = time.perf_counter()
            with database.read() as session:
                found = alike(Frame(session, None, None), sketch, _COLUMNS)
            seconds.append(time.perf_counter() - started)
            if not found or found[0].score < 0.7:
                raise RuntimeError("an edited copy was not found")
        return seconds
    finally:
        database.close()


def _fill(database: Database, asked: list[bytes], chance: random.Random) -> None:
    """As the index would have stored them, without the chain's events."""
    for start in range(0, REGISTERED, PORTION):
        registered, found = [], []
        for number in range(start, min(start + PORTION, REGISTERED)):
            near = number % (REGISTERED // COPIES) == 0
            sketch = _edited(chance.choice(asked), chance) if near else _sketch(chance)
            registered.append(_registration(number, sketch))
            found += [{"band": b, "block": number, "log_index": 0} for b in bands(sketch)]
        found.sort(key=lambda row: row["band"])
        with database.begin() as session:
            session.execute(insert(_TABLES["registrations"]), registered)
            session.execute(insert(_TABLES["sketch_bands"]), found)


def _sketch(chance: random.Random) -> bytes:
    return encode(Pair(one, other, chance.randbytes(BINS)) for one, other in _PLACES)


def _edited(sketch: bytes, chance: random.Random) -> bytes:
    """One byte in five is another; which columns they are of stays."""
    heads = {at for start in range(1, len(sketch), 2 + BINS) for at in (0, start, start + 1)}
    return bytes(
        chance.randrange(256) if at not in heads and chance.random() < 0.2 else byte
        for at, byte in enumerate(sketch)
    )


def _registration(number: int, sketch: bytes) -> dict[str, Any]:
    listing = encode_listing({"sketch": b64encode(sketch).decode(), "title": f"Table {number}"})
    hashes = {name: secrets.token_bytes(32) for name in ("content_id", "root", "salt_nonce")}
    return hashes | {
        "dataset_id": secrets.token_bytes(32),
        "registrant": f"0x{number:040x}",
        "title_holder": f"0x{number:040x}",
        "committed_at": number,
        "registered_at": number,
        "records": 1000,
        "length": 4_000_000,
        "parent": bytes(32),
        "listing": listing,
        "withdrawn": False,
        "block": number,
        "log_index": 0,
        "tx_hash": secrets.token_bytes(32),
    }
