"""Subscriptions in every state, as the page is told them."""

from __future__ import annotations

from dataclasses import replace

from app.domain.snapshots.subscriptions import SubscriptionCard, SubscriptionsSnapshot
from app.domain.terms import TermsChoice
from tests.ui.order_samples import DAY, NOW, row, usdc

RUNNING = SubscriptionCard(
    subscription="1" * 32,
    id="a1" * 32,
    dataset="d1" * 32,
    title="Hourly feeder load, Baltic states",
    selling=False,
    other="Baltic Grid Analytics",
    standing="running",
    price=usdc(120),
    most=usdc(1440),
    bond=usdc(12),
    versions=12,
    delivered=2,
    begins=NOW - 70 * DAY,
    until=NOW + 295 * DAY,
    days=365,
    answer_by=NOW - 40 * DAY,
    window_seconds=7 * DAY,
    terms=TermsChoice(use="product", months=0),
    note="",
    spent=usdc(360),
    limit=usdc(1440),
    orders=(
        row("e" * 32, "Hourly feeder load, September", "Baltic Grid", 120, "done", "accent"),
        row("f" * 32, "Hourly feeder load, October", "Baltic Grid", 120, "check", "warn"),
        row("9" * 32, "Hourly feeder load, November", "Baltic Grid", 120, "receive", "accent"),
    ),
)
ASKED = replace(
    RUNNING,
    subscription="2" * 32,
    id="a2" * 32,
    title="Wind speeds at 100 m, Nordhaven",
    selling=True,
    other="Aalto Forecasting",
    standing="asked",
    price=usdc(40),
    most=usdc(240),
    bond=usdc(4),
    versions=6,
    delivered=0,
    begins=NOW - DAY,
    until=NOW + 181 * DAY,
    days=182,
    answer_by=NOW + 29 * DAY,
    terms=TermsChoice(use="research"),
    note="We would like each month as you register it, for our forecasts.",
    spent=usdc(0),
    limit=None,
    orders=(),
)
COUNTERED = replace(
    ASKED, selling=False, changed=("price", "until"), note="For half a year it is dearer."
)
WAITING = replace(
    ASKED,
    subscription="3" * 32,
    title="Ships in the Baltic Sea",
    selling=False,
    other="Harbour Data",
    standing="waiting",
    note="",
)
ENDED = replace(
    RUNNING,
    subscription="4" * 32,
    title="Charging sessions, Tallinn",
    selling=True,
    other="Volta Charging",
    standing="ended",
    delivered=3,
    ended_at=NOW - 6 * DAY,
    ending_note="We need it no longer, thank you.",
    limit=None,
    orders=(),
)
EVERY = SubscriptionsSnapshot(cards=(ASKED, WAITING, RUNNING, ENDED))
