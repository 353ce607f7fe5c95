"""A realistic day on the Orders page."""

from __future__ import annotations

from dataclasses import replace

from app.domain.snapshots.datasets import Comparison, Progress
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.orders import (
    DeliveryView,
    Ending,
    Line,
    OrderRow,
    OrderSnapshot,
    OrdersSnapshot,
    ParcelView,
    Proposal,
    RecordLine,
    StepState,
    Tick,
)
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import FirstRunSnapshot, ShellSnapshot
from app.domain.terms import TermsChoice

USDC = Currency("0x" + "11" * 20, "USDC", "USD Coin", 6)
ETH = Currency("0x" + "00" * 20, "ETH", "Ether", 18)
DAY = 86_400
NOW = 1_795_356_000  # 22 November 2026, 14:00 UTC

DONE = FirstRunSnapshot(step="done")
SHELL = ShellSnapshot(
    name="Nordhaven Energy",
    code="7c1f-09ae",
    connection="online",
    chain="ok",
    network="Practice",
    practice=True,
    needs_you=2,
)


def person(name: str, code: str) -> Person:
    """Somebody with this short code."""
    return Person(f"0x{code[:4]}{'00' * 16}{code[-4:]}", name, code)


def usdc(dollars: float) -> Amount:
    return Amount(round(dollars * 1_000_000), USDC)


def row(
    order: str, title: str, other: str, price: float, status: str, tone: str, **more: object
) -> OrderRow:
    made = OrderRow(order, title, other, usdc(price), status, "quiet", None, False, False)
    return replace(made, tone=tone, **more)


ROWS = OrdersSnapshot(
    rows=(
        row(
            "a" * 32,
            "Hourly feeder load 2019–2024",
            "Baltic Grid Analytics",
            1200,
            "deliver",
            "accent",
            done=0.63,
        ),
        row(
            "b" * 32,
            "Soil moisture, 42 plots",
            "AgriSense ApS",
            340,
            "answer",
            "warn",
            needs_you=True,
        ),
        row(
            "c" * 32,
            "Port call records 2023",
            "Meridian Freight",
            2750,
            "sign",
            "warn",
            needs_you=True,
        ),
        row(
            "d" * 32,
            "Hourly feeder load 2019–2024",
            "Uni Tartu, Energy Lab",
            900,
            "wait_check",
            "quiet",
        ),
        row(
            "e" * 32,
            "Retail footfall, Q2",
            "Kestrel Research",
            410,
            "done",
            "accent",
            finished=True,
        ),
    )
)

FIRST = Proposal(False, NOW - 5 * DAY, usdc(900), TermsChoice(), NOW + 3 * DAY, 7 * DAY, "")
COUNTER = Proposal(
    True,
    NOW - 4 * DAY,
    usdc(1200),
    TermsChoice(resale="derived", territory="eu"),
    NOW + 3 * DAY,
    7 * DAY,
    "At this price you may publish results.",
    changed=("price", "terms"),
)

SELLING = OrderSnapshot(
    order="a" * 32,
    title="Hourly feeder load 2019–2024",
    selling=True,
    other="Baltic Grid Analytics",
    person=person("Baltic Grid Analytics", "51aa-c03d"),
    other_online=True,
    number="0042",
    price=usdc(1200),
    held=True,
    steps=(
        StepState("request", "done", NOW - 4 * DAY),
        StepState("agreed", "done", NOW - 3 * DAY),
        StepState("held", "done", NOW - DAY),
        StepState("delivering", "now", None),
        StepState("checked", "to_come", NOW + 6 * DAY),
        StepState("paid", "to_come", None),
    ),
    todo="deliver",
    todo_warn=False,
    todo_due_at=None,
    actions=("pause", "save_parcel", "return_payment"),
    proposal=replace(FIRST, price=usdc(1200), signed=True),
    thread=(Line(False, "Jaan, Baltic Grid", NOW, "First three months open fine on our side."),),
    delivery=DeliveryView(256, 172, 161, 4_600_000_000, 2_900_000_000, 7_400_000, 240, "running"),
    ticks=(),
    terms=TermsChoice(),
    terms_fingerprint="9b" * 32,
    window_seconds=7 * DAY,
    bond=usdc(120),
    least_bond=usdc(120),
    bond_free=usdc(500),
    fingerprint="7c1f09ae5bd2" + "0" * 48 + "e441",
    records=(
        RecordLine("fund", NOW - DAY, "final"),
        RecordLine("register", NOW - 50 * DAY, "final"),
    ),
    fee_wei=132_000_000_000_000,
    fee_currency=ETH,
)

NEGOTIATING = replace(
    SELLING,
    order="b" * 32,
    title="Soil moisture, 42 plots",
    other="AgriSense ApS",
    person=replace(SELLING.person, name="AgriSense ApS"),
    number="",
    price=usdc(1000),
    held=False,
    steps=tuple(
        StepState(s.step, "now" if i == 0 else "to_come", None) for i, s in enumerate(SELLING.steps)
    ),
    todo="answer",
    todo_warn=True,
    todo_due_at=NOW + 2 * DAY,
    actions=("sign", "counter", "decline"),
    proposal=replace(FIRST, price=usdc(1000), at=NOW),
    thread=(
        Line(False, "AgriSense ApS", NOW - 5 * DAY, "", FIRST),
        Line(True, "me", NOW - 4 * DAY, "", COUNTER),
        Line(False, "AgriSense ApS", NOW, "", replace(FIRST, price=usdc(1000), at=NOW)),
        Line(False, "AgriSense ApS", NOW, "<b>Could</b> you include 2018?"),
        Line(True, "me", NOW, "We will look.", delivered=False),
    ),
    delivery=None,
    records=(),
    bond=None,
)

BUYING = replace(
    SELLING,
    order="c" * 32,
    title="Port call records 2023",
    other="Meridian Freight",
    person=replace(SELLING.person, name="Meridian Freight"),
    selling=False,
    steps=tuple(
        StepState(s.step, "done" if i < 4 else "now" if i == 4 else "to_come", s.at)
        for i, s in enumerate(SELLING.steps)
    ),
    todo="check",
    todo_warn=True,
    todo_due_at=NOW + 6 * DAY,
    actions=("confirm", "report"),
    delivery=DeliveryView(
        256,
        256,
        256,
        4_600_000_000,
        4_600_000_000,
        0,
        None,
        "in_place",
        folder="/home/anna/Lading/Port call records 2023",
    ),
    ticks=(
        Tick("fingerprint", True, "7c1f 09ae 5bd2 … e441"),
        Tick("records", True, "1,131,889"),
        Tick("files", True, "3"),
        Tick("content_id", False),
        Tick("size", None),
    ),
)

RECEIVING = replace(
    BUYING,
    order="c" * 32,
    steps=SELLING.steps,
    todo="wait_peer",
    todo_warn=False,
    todo_due_at=None,
    actions=("pause", "open_parcel"),
    delivery=replace(
        SELLING.delivery,
        sent_parts=161,
        state="waiting_peer",
        parcel=ParcelView(parts=12, missing=((3, 3), (5, 7))),
    ),
    ticks=(),
)
PAUSED = replace(
    SELLING,
    todo="paused_late",
    todo_warn=True,
    todo_due_at=NOW + DAY // 4,
    actions=("resume_all", "save_parcel", "return_payment"),
    delivery=replace(SELLING.delivery, state="paused_all", speed_bytes=0, left_seconds=None),
)
QUEUED = replace(
    SELLING,
    todo="queued",
    actions=("deliver_next", "pause", "save_parcel", "return_payment"),
    delivery=replace(
        SELLING.delivery, state="queued", place=2, speed_bytes=0, left_seconds=None, sent_parts=161
    ),
)
OPENING = replace(
    RECEIVING,
    delivery=replace(
        RECEIVING.delivery,
        parcel=ParcelView("opening", Progress(1_300_000_000, 4_700_000_000, 210_000_000, 16)),
    ),
)
LEAVES = replace(SELLING, actions=("pause", "save_parcel", "leave_parcel", "return_payment"))
LEAVING = replace(
    SELLING,
    delivery=replace(
        SELLING.delivery,
        parcel=ParcelView("leaving", Progress(1_300_000_000, 4_700_000_000, 21_000_000, 160)),
    ),
)
LEFT = replace(
    SELLING,
    delivery=replace(
        SELLING.delivery,
        state="waiting_peer",
        parcel=ParcelView(relay="relay.example.org", until=NOW + 7 * DAY),
    ),
)
FROM_RELAY = replace(
    RECEIVING,
    delivery=replace(
        RECEIVING.delivery, state="running", parcel=ParcelView(relay="relay.example.org")
    ),
)
SAVING = replace(
    SELLING,
    delivery=replace(
        SELLING.delivery,
        parcel=ParcelView("saving", Progress(1_300_000_000, 4_700_000_000, 210_000_000, 16)),
    ),
)

PAYING = replace(
    BUYING,
    order="f" * 32,
    held=False,
    todo="pay",
    actions=("pay", "decline"),
    ready_to_pay=True,
    delivery=None,
    ticks=(),
    records=(RecordLine("register", NOW - 50 * DAY, "final"),),
    steps=tuple(
        StepState(s.step, "done" if i < 1 else "now" if i == 1 else "to_come", s.at)
        for i, s in enumerate(SELLING.steps)
    ),
)

REVEALED = (
    RecordLine("reveal", NOW - DAY, "final"),
    RecordLine("fund", NOW - 8 * DAY, "final"),
    RecordLine("register", NOW - 50 * DAY, "final"),
)
COMPLAINED = (RecordLine("complain", NOW, "final"), *REVEALED)
FAULTY_TICKS = (
    Tick("fingerprint", True),
    Tick("records", False, "1,131,889"),
    Tick("files", None, "3"),
    Tick("content_id", None),
    Tick("size", None),
)
WON = replace(
    BUYING,
    held=False,
    todo="dispute_won",
    todo_warn=False,
    todo_due_at=None,
    actions=(),
    records=COMPLAINED,
    ended="refunded",
    ending=Ending("dispute", NOW, 1234, 1_131_889, usdc(120), proof=True),
    delivery=replace(
        BUYING.delivery,
        state="failed",
        folder="",
        problem="bad_record",
    ),
    ticks=FAULTY_TICKS,
    steps=tuple(
        replace(step, state="failed" if i == 4 else step.state, at=NOW if i == 4 else step.at)
        for i, step in enumerate(BUYING.steps)
    ),
)
LOST = replace(WON, selling=True, todo="dispute_lost", ticks=(), delivery=None)
FAULTY = replace(
    WON,
    held=True,
    todo="faulty",
    todo_due_at=NOW + 6 * DAY,
    records=REVEALED[1:],
    ended="",
    ending=None,
)
COMPLAINING = replace(FAULTY, todo="complaining", records=REVEALED)
UNTRUE = replace(
    BUYING,
    todo="untrue",
    actions=("confirm", "report"),
    ticks=(
        Tick("fingerprint", True),
        Tick("records", True, "1,131,889"),
        Tick("files", False, "3"),
        Tick("content_id", False),
        Tick("size", True),
    ),
)


def ended(code: str, selling: bool = False) -> OrderSnapshot:
    """An order whose money ended this way, without a dispute."""
    paid = code in ("accepted", "window")
    todo = ("done" if code == "accepted" else "paid" if selling else "rate") if paid else "refunded"
    return replace(
        WON,
        selling=selling,
        todo=todo,
        ended="paid" if paid else "refunded",
        ending=Ending(code, NOW),
        records=REVEALED,
        ticks=(),
        delivery=None,
    )


COMPARED = replace(
    BUYING,
    compared=(
        Comparison("rows", 43_800, 43_771, "differs"),
        Comparison("accuracy", 9988, 9988, "same", 1),
        Comparison("completeness", 9950, 9712, "differs", 1),
        Comparison("consistency", 9999, 10_000, "better", 0),
        Comparison("timeliness", "2024-12-31 23:00:00", "2024-12-31 23:00:00", "same"),
        Comparison("accessibility", "csv utf-8", "csv utf-8", "same"),
    ),
)
"""The buyer's app has measured what came."""
