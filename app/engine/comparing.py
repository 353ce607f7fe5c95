"""A comparison as a file: both registrations as they stand on record, and what follows from them.

Whoever has the file can work out the likeness anew, off line, from the two listings; with the data
at hand the fingerprints; and at any node of the networks that the entries are in their blocks.

    {"lading": "comparison/1", "registrations": [one, other], "first": …, "same_content": …,
     "likeness": null or {"score": 0…1, "columns": [{"name", "other", "score"}…], "left_out": […]}}

Hashes and the listing's bytes are hex, times unix seconds, scores with three decimals; a side that
is not registered yet has null where the record would say it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.domain.errors import RuleError
from app.engine.projections.challenge import Subject, compared
from chain.private_file import write_private

FORMAT = "comparison/1"


def document(one: Subject, other: Subject, registry: str) -> dict[str, Any]:
    """What the file says; ``registry`` is the contract's address, the same on every chain."""
    shown = compared(one, other)
    likeness = None
    if shown.score is not None:
        likeness = {
            "score": round(shown.score, 3),
            "columns": [
                {"name": column.name, "other": column.other, "score": round(column.score, 3)}
                for column in shown.columns
            ],
            "left_out": list(shown.left_out),
        }
    return {
        "lading": FORMAT,
        "registrations": [_registration(one, registry), _registration(other, registry)],
        "first": shown.first,
        "same_content": shown.same_content,
        "likeness": likeness,
    }


def save(one: Subject, other: Subject, registry: str, path: Path) -> None:
    """Write the file whole or not at all. RuleError if it cannot be written. Blocks."""
    text = json.dumps(document(one, other, registry), indent=1, ensure_ascii=False)
    try:
        write_private(path, text.encode())
    except OSError as error:
        raise RuleError(
            "file.write", f"The file could not be written: {error.strerror}.", path=str(path)
        ) from error


def _registration(one: Subject, registry: str) -> dict[str, Any]:
    side = one.side
    registered = bool(side.dataset)
    return {
        "network": side.network,
        "chain_id": side.chain_id,
        "registry": registry,
        "dataset": side.dataset or None,
        "registrant": one.registrant,
        "title": side.title,
        "committed_at": side.committed_at,
        "registered_at": side.registered_at,
        "block": side.block,
        "block_hash": side.block_hash or None,
        "transaction": side.entry or None,
        "content_id": side.content_id or None,
        "root": side.fingerprint,
        "records": side.records,
        "length": side.size_bytes,
        "listing": one.listing.hex() if registered else None,
        # Of confidential content none is given away (PROTOCOL §3).
        "sketch": one.sketch.hex() or None if side.content_id else None,
    }
