"""The board of what buyers look for, as the page is told it."""

from __future__ import annotations

from dataclasses import replace

from app.domain.snapshots.wants import WantCard, WantedSnapshot, WantMatch
from app.domain.wants import Reason
from tests.ui.dataset_samples import COIN, DOLLAR, dollars
from tests.ui.order_samples import person

AT = 1_759_400_000
THEIRS = WantCard(
    want="1" * 64,
    title="Hourly load of feeders, Baltic states",
    what="At least three years, gaps marked; for a forecast of peaks.",
    field="energy",
    region="Estonia",
    period="2020–2024",
    columns=("timestamp", "load_kw"),
    price=dollars(1500),
    by="Baltic Grid Analytics",
    person=person("Baltic Grid Analytics", "51aa-c03d"),
    mine=False,
    online=True,
    at=AT,
    expires_at=AT + 30 * 86_400,
    least_complete=9500,
    matches=(
        WantMatch(
            "a" * 64,
            "Hourly feeder load 2019–2024",
            (
                Reason("columns", "timestamp, load_kw"),
                Reason("words", "hourly, load"),
                Reason("field"),
                Reason("region", "Estonia"),
                Reason("price"),
                Reason("complete", "99.35"),
            ),
        ),
        WantMatch("b" * 64, "Load of 2018", (Reason("words", "load"),), thread="c" * 32),
    ),
)
MINE = WantCard(
    want="2" * 64,
    title="Ships in the Baltic Sea",
    what="",
    field="transport",
    region="",
    period="",
    columns=(),
    price=None,
    by="Nordhaven Energy",
    person=person("Nordhaven Energy", "7c1f-09ae"),
    mine=True,
    online=True,
    at=AT,
    expires_at=AT + 7 * 86_400,
)
BLOCKED = replace(
    THEIRS,
    want="3" * 64,
    title="Buy our lists",
    by="Brightdata Leads",
    person=replace(person("Brightdata Leads", "e0e0-5a5a"), blocked=True),
    matches=(),
)
BOARD = WantedSnapshot(
    wants=(THEIRS, MINE, BLOCKED),
    currencies=(DOLLAR, COIN),
    fee_wei=81_234_000_000_000,
    fee_currency=COIN,
    can_post=True,
)
