"""Snapshots of datasets as the pages are told them."""

from __future__ import annotations

from dataclasses import replace

from app.domain.commands import Description
from app.domain.snapshots.datasets import (
    Alike,
    Card,
    Claims,
    Column,
    DatasetSnapshot,
    DatasetsSnapshot,
    Match,
    OwnDataset,
    Profile,
    Rating,
    RegisterSnapshot,
    Version,
)
from app.domain.snapshots.money import Amount, Currency
from app.domain.terms import TermsChoice

PAGE_WIDTHS = (1060 - 68, 1160 - 68, 1240 - 212, 1360 - 212, 1600 - 212)
DOLLAR = Currency("0x" + "11" * 20, "PRAC", "Practice dollar", 6)
COIN = Currency("0x" + "00" * 20, "ETH", "Practice coin", 18)
KEY = "a" * 32
ROOT = "7c1f09ae5bd2" + "31" * 24 + "e441"


def dollars(whole: int) -> Amount:
    return Amount(whole * 10**6, DOLLAR)


COLUMNS = (
    Column("timestamp", "date", 1.0),
    Column("load_kw", "number", 0.987),
    Column("contact_email", "text", 0.31, "email"),
    Column("remark", "empty", 0.0),
)
MEASURED = (
    replace(COLUMNS[0], different=43_800, least="2019-01-01 00:00:00", most="2024-12-31 23:00:00"),
    replace(
        COLUMNS[1],
        fits=0.991,
        different=8_214,
        least="0",
        most="412.7",
        quantiles=("4.1", "22", "61.5", "120", "263"),
    ),
    replace(COLUMNS[2], different=37, shape=""),
    replace(COLUMNS[3], different=0),
)
"""The same as they are known where the table was read."""
DESCRIPTION = Description(
    "Hourly feeder load 2019–2024",
    "Hourly load of 42 feeders in kW; gaps are marked, none are filled.",
    "energy",
    "Estonia",
    "2019–2024",
)
# what the engine tells after the file was chosen, after it was read, and when all is typed
CHOSEN = RegisterSnapshot(KEY, path="/data/load 2024/hourly.csv", currencies=(DOLLAR, COIN))
READ = replace(
    CHOSEN,
    content_id="9d" * 32,
    fingerprint=ROOT,
    records=1_132_000,
    size_bytes=4_600_000_000,
    files=1,
    check="new",
    profile=Profile(
        "csv",
        43_800,
        MEASURED,
        sketch=b"\x01",
        encoding="utf-8",
        columns_found=4,
        broken=3,
        repeated=0.0012,
        newest="2024-12-31 23:00:00",
    ),
    fee_wei=81_234_000_000_000,
    fee_currency=COIN,
)
COMPLETE = replace(READ, description=DESCRIPTION, price=dollars(1200), listing_bytes=2310)
LIKE = Alike(
    Match(
        "fe" * 32, "Feeder load, cleaned", "Baltic Grid", False, 1_727_860_500, "Practice network"
    ),
    0.829,
    ("load_kw", "feeder"),
    ("remark",),
)
MINE_LIKE = Alike(
    replace(LIKE.match, dataset="ed" * 32, title="Feeder load 2018–2023", by="me", by_me=True),
    0.61,
    ("feeder", "load_kw"),
)
LIKE_OTHERS = replace(COMPLETE, alike=(LIKE, MINE_LIKE))

DRAFT = OwnDataset(
    "d" * 32, "Soil moisture", 0, 0, 0, None, "draft", None, 0, None, True, "/data/soil"
)
ON_SALE = OwnDataset(
    "aa" * 32,
    "Hourly feeder load",
    4_600_000_000,
    1_132_000,
    1,
    dollars(1200),
    "final",
    1_759_400_000,
    4,
    4.5,
    True,
    "/data/hourly.csv",
)
MOVED = replace(ON_SALE, key="bb" * 32, title="Port calls", present=False, path="/usb/ports")
WITHDRAWN = replace(ON_SALE, key="cc" * 32, title="Footfall", state="withdrawn")
OWN = DatasetsSnapshot((DRAFT, ON_SALE, MOVED, WITHDRAWN), 52_000_000_000_000, COIN)


def result(number: int, **changes: object) -> Card:
    made = Card(
        dataset=f"{number:064x}",
        title=f"Dataset {number}",
        what="Hourly load of 42 feeders in kW; gaps are marked, none are filled.",
        field="energy",
        region="Estonia",
        period="2019–2024",
        size_bytes=4_600_000_000,
        records=1_132_000,
        price=dollars(1200),
        by="Baltic Grid Analytics",
        by_code="7c1f-09ae",
        mine=False,
        online=True,
        rating=4.5,
        ratings=2,
        registered_at=1_759_400_000,
        later_copy=False,
    )
    return replace(made, **changes)


RATINGS = (
    Rating(
        "Uni Tartu", 1_759_400_000, (5, 5, 4, 5, 4, 5), "Complete and <b>clean</b>.", dollars(900)
    ),
    Rating("4f0a-11bc", 1_739_400_000, (4, 4, 4, 3, 4, 4), "", None),
    Rating("Kin Data", 1_729_400_000, (5, 5, 5, 5, 5, 5), "Best ever.", dollars(1), "ring"),
)
OFFERED = DatasetSnapshot(
    card=result(1, title="Hourly feeder load"),
    fingerprint=ROOT,
    content_id="9d" * 32,
    confidential=False,
    files=1,
    columns=COLUMNS[:2],
    rows=43_800,
    terms=TermsChoice(use="research", months=24),
    personal_data=False,
    history=(
        Version("same_content", 1_769_400_000, "Copy Cat Data", "ff" * 32),
        Version("registered", 1_759_400_000, "Baltic Grid Analytics", f"{1:064x}"),
    ),
    ratings=RATINGS,
    means=(4.5, 4.5, 4.0, 4.0, 4.0, 4.5),
    claims=Claims(9988, 9935, 9999, "2024-12-31 23:00:00", "csv utf-8"),
    can_offer=True,
    withdrawn=False,
    currencies=(DOLLAR, COIN),
)
OFFERED_ALIKE = replace(
    OFFERED,
    history=(*OFFERED.history, Version("version_of", 1_759_400_001, "Baltic Grid", "aa" * 32)),
    alike=(LIKE, replace(MINE_LIKE, earlier=False)),
)
