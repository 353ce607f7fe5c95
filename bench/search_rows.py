"""Search over a million listings, half Chinese and half English, in the app's own database.

Words come as often as in real text (Zipf), 22 to a listing, from the names of things that data is
about and 30,000 rarer ones. What is timed: storing the events as the indexer does, reading the
listings for searching in the engine's portions, and searches by the engine's own finding: the time
from the question to the first answer that is told to the window, and to the last, when everything
was looked through.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import trio
from sqlalchemy.orm import Session

from app.cli.window import SWITCH_SECONDS
from app.domain.finding_commands import Search
from app.domain.snapshots.money import Currency
from app.engine.finding import PORTION, Finding
from app.engine.projections.frame import Frame
from app.store import search
from app.store.database import Database
from app.store.index import Index
from bench.rows import row
from chain.address import address_text
from chain.answers import Block
from chain.indexer import ChainEvent, Cursor
from chain.registry_events import Registered

LISTINGS = 1_000_000
STEP = 20_000  # events that the indexer brings at once
BLOCK = 100  # registrations in a block
REPEATS = 5
STORED_TARGET = 20_000
MOST_MS = 50

_THINGS = [
    "energy", "load", "price", "market", "weather", "wind", "solar", "station", "hourly",
    "daily", "monthly", "city", "region", "population", "traffic", "road", "sensor",
    "temperature", "humidity", "rainfall", "crop", "yield", "wheat", "corn", "soil",
    "satellite", "image", "retail", "sales", "store", "customer", "basket", "loan", "credit",
    "risk", "bank", "stock", "bond", "exchange", "rate", "company", "patent", "court", "health",
    "hospital", "patient", "trial", "gene", "protein", "drug", "school", "course", "text",
    "corpus", "news", "speech", "audio", "video", "translation", "sentence", "survey", "census",
    "household", "income", "tax", "customs", "trade", "ship", "port", "flight", "airport",
    "train", "bus", "taxi", "battery", "vehicle", "engine", "fault", "machine", "vibration",
    "factory", "steel", "chemical", "gas", "oil", "pipeline", "meter", "water", "river",
    "flood", "earthquake", "forest", "fire", "species", "bird", "plant", "mineral", "coal",
]  # fmt: skip
_SOUNDS = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "sa",
    "te", "vi", "wo", "xy", "zu",
]  # fmt: skip
_ENDS = [
    "l", "n", "r", "s", "t", "x", "m", "ndo", "rma", "sti", "lka", "vor", "zen", "tal", "min",
]  # fmt: skip
_STEMS = [a + b for a in _SOUNDS for b in _ENDS]
_ENGLISH = _THINGS + [a + b for a in _STEMS for b in _STEMS[:100]]
_COMMON = [
    "数据", "电力", "负荷", "价格", "市场", "天气", "风电", "光伏", "气象", "小时", "每日",
    "城市", "地区", "人口", "交通", "道路", "传感器", "温度", "湿度", "降雨", "作物", "产量",
    "小麦", "玉米", "土壤", "卫星", "影像", "零售", "销售", "商店", "客户", "贷款", "信用",
    "风险", "银行", "股票", "债券", "汇率", "指数", "企业", "专利", "法院", "健康", "医院",
    "患者", "试验", "基因", "蛋白", "药物", "学校", "考试", "课程", "文本", "语料", "新闻",
    "语音", "视频", "翻译", "句子", "标注", "调查", "普查", "家庭", "收入", "税收", "海关",
    "贸易", "船舶", "港口", "航班", "机场", "列车", "公交", "出租车", "电池", "车辆", "发动机",
    "故障", "设备", "振动", "工厂", "钢铁", "水泥", "化工", "天然气", "石油", "管道", "河流",
    "洪水", "地震", "森林", "物种", "上海", "北京", "广州", "深圳", "工业", "农业", "金融",
    "历史", "实时", "监测", "统计", "分析", "记录", "全国", "的", "与", "及",
]  # fmt: skip
_SIGNS = [chr(0x4E00 + 7 * n) for n in range(2_000)]
_CHINESE = _COMMON + [a + b for n, a in enumerate(_SIGNS) for b in _SIGNS[n % 97 :: 211]]
_FIELDS = [
    "energy", "weather", "finance", "transport", "health", "retail", "industry", "language",
    "agriculture",
]  # fmt: skip
_WEST, _EAST = ("Germany", "Denmark", "France", "Europe", "Spain"), ("上海", "北京", "中国", "四川")
_USES = ("internal", "product", "research", "any")
_TOKEN = address_text(b"\x09" * 20)


QUESTIONS = {
    "everything": Search(),
    "everything, cheapest": Search(order="cheapest"),
    "the commonest word": Search("energy "),
    "the commonest word, dearest": Search("energy ", order="dearest"),
    "two common words": Search("energy load "),
    "three common words": Search("price market energy "),
    "a beginning of many words": Search("ene"),
    "a beginning of rare words": Search("bal"),
    "a long beginning": Search("weather"),
    "a rare word": Search(_ENGLISH[20_000] + " "),
    "no hit": Search("zzzzqqq "),
    "two words that never meet": Search("vibration 数据"),
    "one character": Search("数"),
    "the commonest Chinese word": Search("数据"),
    "two Chinese words": Search("电力 负荷"),
    "a longer Chinese word": Search("电力负荷"),
    "a rare Chinese word": Search(_CHINESE[3_000]),
    "a field": Search(field="energy"),
    "a word in a field": Search("energy ", field="language"),
    "a region and a licence": Search(region="上海", licence="research"),
    "a price": Search(max_price_units=10**9),
    "a word and a price nothing has": Search("energy ", max_price_units=1),
    "a size nothing has": Search(max_bytes=1),
    "one owner": Search(owner=address_text((77).to_bytes(20, "big"))),
    "rated": Search(min_rating=4),
}


def rows(listings: int = LISTINGS) -> list[dict[str, Any]]:
    """Storing, reading and searching, in this order."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        database = Database.open(Path(folder, "lading.sqlite"))
        try:
            stored = store(database, listings)
            read = _follow(database)
            before = sys.getswitchinterval()
            gc.freeze()  # as the app does with what it has loaded; the events are nobody's
            sys.setswitchinterval(SWITCH_SECONDS)
            try:
                first, last = _ask(database)
            finally:
                gc.unfreeze()
                sys.setswitchinterval(before)
        finally:
            database.close()
    many = f"{listings:,} listings"
    return [
        row(f"storing {many}", stored, "listings/s", least=STORED_TARGET, ratio=False),
        row(f"reading {many} for search", read, "listings/s"),
        row("search, first answer, p50", 1000 * statistics.median(first), "ms"),
        row("search, first answer, p95", 1000 * _p95(first), "ms", most=MOST_MS, ratio=False),
        row("search, all looked through, p50", 1000 * statistics.median(last), "ms"),
        row("search, all looked through, p95", 1000 * _p95(last), "ms"),
    ]


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))]


def store(database: Database, listings: int) -> float:
    """Fill the record; how many a second."""
    sink, spent = Index(database), 0.0
    for events in _events(listings):
        last = events[-1]
        cursor = Cursor(last.block_number, last.block_hash)
        blocks = [Block(last.block_number, last.block_hash, last.block_time)]
        before = time.perf_counter()
        sink.apply(events, blocks, cursor)
        spent += time.perf_counter() - before
    return listings / spent


def _follow(database: Database) -> float:
    before, count = time.perf_counter(), 0
    while True:
        with database.begin() as session:
            some = search.follow(session, PORTION)
        count += some
        if not some:
            return count / (time.perf_counter() - before)


def _ask(database: Database) -> tuple[list[float], list[float]]:
    """The seconds of every try of every question, to the first answer and to the last."""
    firsts, lasts = [], []
    tries = [trio.run(_answers, database) for _ in range(REPEATS)]
    for name, each in zip(QUESTIONS, zip(*tries, strict=True), strict=True):
        first, last = [one[0] for one in each], [one[1] for one in each]
        firsts += first
        lasts += last
        print(
            f"    {name:<32} first {_ms(min(first))} to {_ms(max(first))}"
            f"   all {_ms(min(last))} to {_ms(max(last))} ms   {each[0][2]:>6,} found",
            file=sys.stderr,
        )
    return firsts, lasts


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:6.1f}"


async def _answers(database: Database) -> list[tuple[float, float, int]]:
    """What the engine's own finding takes until its first answer is told, and its last; how much
    was found."""
    told = trio.Event()

    def frame(session: Session) -> Frame:
        made = Frame(session, None, None)
        made.currencies = (Currency(_TOKEN, "USDX", "Dollars", 6),)
        return made

    def failed(error: Exception, about: str) -> None:
        raise error

    async def answer(asked: Search) -> tuple[float, float, int]:
        nonlocal told
        before, first = time.perf_counter(), 0.0
        finding.handlers[Search](asked)
        while True:
            await told.wait()
            told = trio.Event()
            with database.glance() as session:
                snapshot = finding.snapshot(frame(session))
            if snapshot.search is asked:
                now = time.perf_counter() - before
                first = first or now
                if not snapshot.looking:
                    return first, now, snapshot.total

    finding = Finding(database, lambda: told.set(), frame, failed)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(finding.run)
        answers = [await answer(replace(search)) for search in QUESTIONS.values()]
        nursery.cancel_scope.cancel()
    return answers


def _events(listings: int) -> Iterator[list[ChainEvent]]:
    chance = random.Random(7)
    english, chinese = _zipf(_ENGLISH), _zipf(_CHINESE)
    fields = _zipf(_FIELDS)
    owners = [address_text(n.to_bytes(20, "big")) for n in range(1, 5_001)]
    for start in range(0, listings, STEP):
        yield [
            _event(chance, n, english, chinese, fields, owners)
            for n in range(start, min(listings, start + STEP))
        ]


def _zipf(words: list[str]) -> list[float]:
    return list(accumulate(1 / (n + 1) for n in range(len(words))))


def _event(
    chance: random.Random,
    n: int,
    english: list[float],
    chinese: list[float],
    fields: list[float],
    owners: list[str],
) -> ChainEvent:
    if n % 2:
        words = chance.choices(_ENGLISH, cum_weights=english, k=22)
        title, what = " ".join(words[:5]).capitalize(), " ".join(words[5:])
        region = chance.choice(_WEST)
    else:
        words = chance.choices(_CHINESE, cum_weights=chinese, k=22)
        title, what = "".join(words[:5]), "".join(words[5:14]) + "，" + "".join(words[14:])
        region = chance.choice(_EAST)
    said = {
        "columns": [["time", "date", 1000], ["value", "number", 990]],
        "field": chance.choices(_FIELDS, cum_weights=fields)[0],
        "files": 1,
        "lading": 1,
        "period": "2024",
        "personal": False,
        "price": {"token": _TOKEN, "units": str(chance.randrange(10**6, 10**12))},
        "region": region,
        "rows": n,
        "terms": {"use": chance.choice(_USES)},
        "title": title,
        "what": what,
    }
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    listing = zlib.compress(plain.encode(), 1)
    if len(listing) > 512:
        raise AssertionError(f"a listing of {len(listing)} bytes")
    block, noise = n // BLOCK + 1, chance.randbytes(96)
    number = block.to_bytes(32, "big")
    body = Registered(
        dataset=noise[:32],
        registrant=chance.choice(owners),
        committed_at=1_700_000_000 + block,
        content_id=noise[32:64],
        root=noise[64:],
        records=9,
        length=9 * 4064,
        salt_nonce=bytes(32),
        parent=bytes(32),
        listing=listing,
    )
    return ChainEvent(block, number, 1_700_000_000 + 12 * block, number, n % BLOCK, body)
