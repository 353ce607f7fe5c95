"""Where a delivery's files go: a folder of their own, named after the dataset, never over anything.

The place is chosen and remembered before the files are opened. If it exists when they are opened
again, a crash came between the move and the journal: then they are there already.
"""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path

from blake3 import blake3

from app.domain.order import Order
from app.store import index, settings
from app.store.database import Database
from p2p.manifest import Manifest

LONGEST_NAME_BYTES = 160
"""Of a folder's name; file systems take 255 bytes, and a number may follow."""


def choose(database: Database, profile: Path, order: Order) -> Path:
    """A free folder for the files of ``order``, remembered for `moved_before`."""
    with database.begin() as session:
        chosen = settings.get(session, "downloads", "")
        row = index.registration(session, order.dataset)
        base = Path(chosen) if chosen else profile / "received"
        title = row.title if row else ""
        name = "".join(c if c.isalnum() or c in " -_." else "_" for c in title)
        fitting = name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip(" .")
        wanted = base / (fitting or order.order_id.hex()[:8])
        place = _first_free(wanted)
        settings.put(session, _key(order), str(place))
    return place


def moved_before(database: Database, order: Order, manifest: Manifest) -> Path | None:
    """The folder that was chosen earlier, if exactly the manifest's files are in it. Reads them."""
    with database.read() as session:
        remembered = settings.get(session, _key(order), None)
    if remembered is None:
        return None
    place = Path(remembered)
    try:
        found = {
            path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()
        }
        same = found.keys() == {entry.path for entry in manifest.files} and all(
            found[entry.path].stat().st_size == entry.size
            and blake3().update_mmap(found[entry.path]).digest() == entry.blake3
            for entry in manifest.files
        )
    except OSError:
        return None
    return place if same else None


def _first_free(wanted: Path) -> Path:
    numbered = (wanted.with_name(f"{wanted.name} ({number})") for number in count(2))
    return next(place for place in chain([wanted], numbered) if not place.exists())


def _key(order: Order) -> str:
    return f"place:{order.thread}"
