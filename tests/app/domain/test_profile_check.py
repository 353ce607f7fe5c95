"""What the process that read foreign files says is not believed unlooked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.profile_check import checked
from app.domain.snapshots.datasets import Column, Profile

COLUMN = Column("n", "integer", 0.5, different=3, quantiles=("1", "2"))
GOOD = Profile("csv", 5, (COLUMN,), encoding="utf-8", columns_found=1, facts=(("lines", "5"),))


def test_what_can_be_shown_is_taken_and_made_plain() -> None:
    assert checked(GOOD) == GOOD
    long = replace(COLUMN, name="a\nb\x1b[31m" + "x" * 100)
    assert checked(replace(GOOD, columns=(long,))).columns[0].name == "ab[31m" + "x" * 72


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, rows=-1),
        replace(GOOD, rows=1 << 60),
        replace(GOOD, format="<b>csv"),
        replace(GOOD, problem="invented"),
        replace(GOOD, repeated=1.5),
        replace(GOOD, repeated=float("nan")),
        replace(GOOD, sketch=b"\xff"),
        replace(GOOD, sketch=b"\x02" + bytes(16 * 6)),
        replace(GOOD, columns=(COLUMN,) * 301),
        replace(GOOD, columns=(replace(COLUMN, complete=float("nan")),)),
        replace(GOOD, columns=(replace(COLUMN, kind="drop table"),)),
        replace(GOOD, columns=(replace(COLUMN, different=-1),)),
        replace(GOOD, facts=(("a", "b"),) * 17),
    ],
)
def test_what_cannot_be_is_refused(bad: Profile) -> None:
    with pytest.raises(ValueError, match=r"profile|sketch|bytes|column"):
        checked(bad)
