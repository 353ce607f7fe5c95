"""Scenes that show how data is judged before it is paid for; `tools.screenshots` draws them.

The tables are real: the weather that comes along and open tables of the tests.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTabBar

from app.ui.widgets.fields import Choice
from tests.windows import parts
from tests.windows.hands import Hands

TABLES = Path(__file__).parents[1] / "tests" / "tables"
WANTED = "Weather at New York's airports by the hour"
SAMPLE_TAB = 2

Draw = Callable[[str], None]


@dataclass(frozen=True)
class Table:
    file: str
    title: str
    what: str
    field: str
    region: str
    period: str
    price: str


WEATHER = Table(
    "", parts.TITLE, "Hourly observations at three airports: temperature, wind, pressure.",
    "environment", "New York", "2013", "1200",
)  # fmt: skip
OTHERS = (
    Table("airports", "Airports of the United States", "Codes, names, places and time zones.",
          "transport", "United States", "2013", "80"),
    Table("planes", "Aeroplanes by tail number", "Maker, model, year, engines and seats.",
          "transport", "United States", "2013", "240.50"),
)  # fmt: skip


def seller(hands: Hands, data: Path, draw: Draw) -> None:
    """Registers three tables, allows samples of one, answers who wants it."""
    parts.first_run(hands, "Nordhaven Energy")
    for table in OTHERS:
        path = data.parent / f"{table.file}.csv"
        path.write_bytes(gzip.decompress((TABLES / f"{table.file}.csv.gz").read_bytes()))
        _register(hands, path, table)
    _register(hands, data, WEATHER)
    hands.click("register.open_page")
    _tab(hands, SAMPLE_TAB)
    hands.click("sample.allow")
    hands.go(3)
    hands.click("browse.wanted")
    hands.see("wanted.answer")
    draw("wanted")
    hands.click("wanted.answer")
    hands.click("answer.do")
    hands.go(4)
    hands.wait(lambda: len(hands.lines("orders.list")) == 2, "the offer, beside the question")
    parts.sign(hands)
    parts.done(hands)


def judge(hands: Hands, data: Path, draw: Draw) -> None:
    """Says what is wanted, is answered, looks at a sample and at what else there is."""
    parts.first_run(hands, "Baltic Grid Analytics")
    hands.go(3)
    hands.click("browse.wanted")
    hands.click("wanted.post")
    hands.type("post.title_edit", WANTED)
    hands.type("post.what", "A year at least, gaps marked; for a forecast of demand.")
    _choose(hands, "post.field", "environment")
    hands.type("post.region", "New York")
    hands.type("post.period", "2010 to 2015")
    hands.type("post.columns", "temp, wind_speed, pressure")
    hands.type("post.price", "1500")
    hands.click("post.do")
    hands.see("wanted.take_back")
    hands.go(4)
    hands.open_row("orders.list", parts.TITLE)
    hands.click("order.dataset")
    _tab(hands, SAMPLE_TAB)
    hands.click("sample.ask")
    hands.see("sample.rows_title")
    draw("sample")
    hands.go(3)
    hands.click("browse.more")
    _choose(hands, "browse.region", "United States")
    hands.wait(lambda: len(_numbers(hands)) == 1, "what fits alone")
    draw("browse")
    _choose(hands, "browse.region", "")
    parts.ask_for_offer(hands)
    parts.pay(hands)
    parts.accept_and_rate(hands)
    parts.done(hands)


def _register(hands: Hands, path: Path, table: Table) -> None:
    if hands.all("register.another"):
        hands.click("register.another")
    else:
        hands.go(2)
        hands.click("datasets.register_first")
    _read(hands, path)
    hands.click("register.next")
    hands.see("register.check_result")
    hands.click("register.next")
    for name in ("title", "what", "region", "period"):
        hands.type(f"register.{name}", getattr(table, name))
    _choose(hands, "register.field", table.field)
    hands.click("register.next")
    hands.type("register.price", table.price)
    hands.click("register.next")
    hands.click("register.next")
    hands.see("register.outcome", "inal")


def _read(hands: Hands, path: Path) -> None:
    hands.type("register.path", str(path))
    hands.click("register.use")
    hands.see("register.fingerprint")


def _choose(hands: Hands, name: str, value: str) -> None:
    choice = hands.see(name)
    assert isinstance(choice, Choice)
    hands.wait(lambda: choice.findData(value) >= 0, f"{value!r} in {name}")
    choice.set_value(value)


def _tab(hands: Hands, number: int) -> None:
    tabs = hands.see("dataset.tabs")
    assert isinstance(tabs, QTabBar)
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(number).center())


def _numbers(hands: Hands) -> list[str]:
    """How many were found, as the page says it."""
    return [w.text() for w in hands.all("browse.count", QLabel) if "2" in w.text()]  # type: ignore[attr-defined]
