"""Registered tables that are like one of ours or like the one that is open (PROTOCOL §3).

An answer comes from the record alone, so it is what anybody can work out; nothing is asked of
anyone. It is a hint that names what was compared, never a refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.domain.precedence import Claim, beside
from app.domain.similarity import SHOWN_FROM, Likeness, likeness
from app.domain.snapshots.datasets import Alike, Column, Match
from app.engine.projections.frame import Frame
from app.engine.projections.same import Registered, claim
from app.store import elsewhere, index, search, sketches
from app.store.elsewhere import RegisteredElsewhere

COMPARED = 24
"""The registrations that have most in common are compared, no more."""

SHOWN = 5


def match(frame: Frame, row: Registered) -> Match:
    """A registration as other pages name it."""
    chain_id = row.chain_id if isinstance(row, RegisteredElsewhere) else frame.chain_id
    return Match(
        dataset=row.dataset_id.hex(),
        title=row.title,
        by=frame.name(row.registrant),
        by_me=row.registrant == frame.me,
        at=row.committed_at,
        network=frame.network_name(chain_id) if frame.network else "",
        chain_id=chain_id,
        elsewhere=isinstance(row, RegisteredElsewhere),
    )


def alike(
    frame: Frame,
    sketch: bytes,
    columns: Sequence[Column],
    but: Collection[bytes] = (),
    mine: Claim | None = None,
) -> tuple[Alike, ...]:
    """What is like a table with this sketch and these columns, the most alike first. Datasets in
    ``but`` are left out. ``mine``: the registration of the table, if it has one."""
    found = []
    for row, compared in likenesses(frame, sketch, but):
        held = compared.alike
        places_looked = [place for place, _ in compared.compared]
        found.append(
            Alike(
                match(frame, row),
                compared.score,
                _names(columns, held),
                _names(columns, [place for place in places_looked if place not in held]),
                "first" if mine is None else beside(claim(frame, row), mine),
            )
        )
    return tuple(found)


def likenesses(
    frame: Frame, sketch: bytes, but: Collection[bytes] = ()
) -> list[tuple[Registered, Likeness]]:
    """The registrations, and what their comparison comes to; as `alike`."""
    if not sketch:
        return []
    places = sketches.in_common(frame.session, sketch, COMPARED)
    rows: list[Registered] = [*index.registered_in(frame.session, places)]
    if frame.others:
        rows += elsewhere.in_common(frame.session, sketch, COMPARED, frame.chain_id)
    compared = [
        (row, likeness(sketch, search.said(row.listing).sketch))
        for row in rows
        if row.dataset_id not in but
    ]
    found = [(row, one) for row, one in compared if one.score >= SHOWN_FROM]
    found.sort(key=lambda pair: (-pair[1].score, pair[0].committed_at))
    return found[:SHOWN]


def _names(columns: Sequence[Column], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(columns[place].name for place in places if place < len(columns))
