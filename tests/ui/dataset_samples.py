"""Snapshots of datasets as the pages are told them."""

from __future__ import annotations

from dataclasses import replace

from app.domain.commands import Description
from app.domain.pricing import Cost, Income, Inputs, Sale
from app.domain.samples import SamplePolicy
from app.domain.snapshots.challenge import ChallengeSnapshot, ColumnAlike, Side
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
from app.domain.snapshots.samples import Sample, SampleAllowance, SampleRows, SampleSeen
from app.domain.snapshots.valuation import ValuationFacts
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
    replace(COLUMNS[2], different=37, shape="A@A.A"),
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
SALES = tuple(
    Sale(
        dataset=f"{n:064x}",
        title=("Feeder load, north", "Port calls of the Baltic", "Load of 12 substations")[n % 3],
        owner=f"0x{n % 4:040x}",
        token=DOLLAR.token,
        price_units=(900 + 140 * n) * 10**6,
        at=1_760_000_000 + 86_400 * 9 * n,
        field="energy",
        size_bytes=3_000_000_000,
        terms=TermsChoice(months=12),
        rating=4.2,
        sales=1 + n % 3,
    )
    for n in range(5)
)
WORTH = ValuationFacts(
    key=KEY,
    title=DESCRIPTION.title,
    field="energy",
    size_bytes=4_600_000_000,
    fingerprint=ROOT,
    terms=TermsChoice(use="product", months=24),
    price=dollars(1200),
    rating=4.5,
    currencies=(DOLLAR, COIN),
    sales=SALES,
    inputs=Inputs(
        DOLLAR.token,
        Cost(4_000 * 10**6, 1_500 * 10**6, 500 * 10**6, 3, 8, 10, 50),
        Income(6_000 * 10**6, -10, 3, 12, 10, 20),
        said_at=1_769_000_000,
    ),
    dataset="d5" * 32,
    network="Practice network",
    registered_at=1_768_000_000,
    account="0x" + "7c" * 20,
    by="Tartu Grid",
)
COMPLETE = replace(COMPLETE, valuation=WORTH)
LIKE_OTHERS = replace(
    COMPLETE,
    alike=(LIKE, MINE_LIKE),
    before=((MINE_LIKE.match.dataset, MINE_LIKE.match.title), ("ec" * 32, "Soil moisture")),
)

ELSEWHERE = replace(
    LIKE.match,
    dataset="fc" * 32,
    title="Feeder load",
    at=1_727_862_300,
    network="Company chain",
    chain_id=77_001,
    elsewhere=True,
)
KNOWN_ELSEWHERE = replace(
    COMPLETE,
    check="known",
    matches=(LIKE.match, ELSEWHERE),
    unclear=True,
    unchecked=("Baltic data exchange",),
)
LIKE_ELSEWHERE = replace(COMPLETE, alike=(replace(LIKE, match=ELSEWHERE), MINE_LIKE))

ONE_SIDE = Side(
    title="Hourly feeder load",
    by="Baltic Grid Analytics",
    by_me=False,
    network="Practice network",
    chain_id=31_337,
    elsewhere=False,
    dataset=f"{1:064x}",
    committed_at=1_759_400_000,
    registered_at=1_759_400_060,
    block=81_204,
    final=True,
    entry="4b" * 32,
    block_hash="d0" * 32,
    fingerprint=ROOT,
    content_id="9d" * 32,
    size_bytes=4_600_000_000,
    records=1_132_000,
)
OTHER_SIDE = replace(
    ONE_SIDE,
    title="Feeder load, cleaned and put in order by station and day",
    by="Nordhaven Energy",
    by_me=True,
    network="Company chain",
    chain_id=77_001,
    elsewhere=True,
    dataset="fc" * 32,
    committed_at=1_759_486_400,
    registered_at=1_759_486_460,
    final=False,
    fingerprint="7e" * 32,
    content_id="",
)
CHALLENGE = ChallengeSnapshot(
    one=ONE_SIDE,
    other=OTHER_SIDE,
    first="one",
    same_content=False,
    score=0.829,
    columns=(
        ColumnAlike("load_kw", "load", 0.91),
        ColumnAlike("Feeder", "Feeder", 0.83),
        ColumnAlike("station_of_the_distribution_network", "station", 0.75),
        ColumnAlike("remark", "", 0.08),
    ),
    left_out=("timestamp", "contact_email"),
)
DRAFTED = replace(
    CHALLENGE,
    one=replace(
        ONE_SIDE,
        dataset="",
        by="Nordhaven Energy",
        by_me=True,
        committed_at=None,
        registered_at=None,
        block=None,
        final=False,
        entry="",
        block_hash="",
    ),
    other=replace(OTHER_SIDE, by="Baltic Grid", by_me=False),
    first="none",
    back="register",
)

BY_PIECES = replace(CHALLENGE, score=0.914, columns=(), left_out=())
LIKE_PIECES = replace(COMPLETE, alike=(replace(LIKE, alike=(), other=()),))

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
    Rating(
        "4f0a-11bc",
        1_739_400_000,
        (4, 4, 4, 3, 4, 4),
        "",
        None,
        differs=("rows", "completeness"),
    ),
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
    sample=Sample(of=1_132_000),
)
DRAWN = Sample(
    "given",
    drawn=48,
    proven=46,
    withheld=2,
    of=1_132_000,
    block=21_433_908,
    block_at=1_769_900_000,
    list_of_files=1,
    rows=SampleRows(
        "table",
        ("timestamp", "load_kw", "Feeder", "remark"),
        tuple(
            (f"2023-04-{1 + n // 2:02} 0{n % 10}:00", f"{137.25 + 3 * n:.2f}", f"F{n % 42:02}", "")
            for n in range(40)
        ),
        cut=90,
        odd=1,
        more=1512,
    ),
)
_WORDS = ("the wind fell to a whisper;", "at noon the ferry came back empty,", "and nobody asked.")
SAMPLES = {
    "given": replace(OFFERED, sample=DRAWN),
    "other": replace(
        OFFERED,
        sample=replace(
            DRAWN, proven=48, withheld=0, list_of_files=0, rows=SampleRows("other", unreadable=48)
        ),
    ),
    "waiting": replace(
        OFFERED,
        sample=Sample(
            "granted",
            reason="The other side does not answer. It will be tried again.",
            drawn=48,
            of=1_132_000,
            block=21_433_908,
            blocks_left=3,
        ),
    ),
    "allowed": replace(
        OFFERED,
        card=result(1, title="Hourly feeder load", mine=True),
        can_offer=False,
        sample=None,
        valuation=WORTH,
        allowance=SampleAllowance(
            SamplePolicy(allowed=True),
            48,
            1_132_000,
            True,
            (
                SampleSeen("Uni Tartu", 1_769_400_000, 48),
                SampleSeen("4f0a-11bc", 1_769_300_000, 0),
            ),
        ),
    ),
    "text": replace(
        OFFERED,
        sample=replace(
            DRAWN, withheld=0, rows=SampleRows("text", (), tuple((one,) for one in _WORDS), cut=2)
        ),
    ),
    "unopened": replace(
        OFFERED,
        sample=Sample(
            "unopened",
            reason="The owner shows no samples of this dataset.",
            drawn=48,
            of=1_132_000,
            block=21_433_908,
        ),
    ),
}
OFFERED_ALIKE = replace(
    OFFERED,
    history=(*OFFERED.history, Version("version_of", 1_759_400_001, "Baltic Grid", "aa" * 32)),
    alike=(LIKE, replace(MINE_LIKE, standing="later")),
)
OFFERED_TWICE = replace(
    OFFERED,
    card=replace(OFFERED.card, unclear=True),
    history=(
        *OFFERED.history,
        Version("same_elsewhere", 1_759_401_000, "Baltic Grid", "fc" * 32, "Company chain", 77_001),
    ),
    alike=(replace(LIKE, match=ELSEWHERE, standing="unclear"),),
)
