"""Snapshots for first run, Home, Money, Records and Settings, and a window to put a page into."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.domain.bandwidth import Bandwidth
from app.domain.snapshots.money import Account, Amount, Currency, MoneySnapshot, Movement
from app.domain.snapshots.records import RecordEntry, RecordsSnapshot, Subject
from app.domain.snapshots.shell import (
    FirstRunSnapshot,
    HomeSnapshot,
    OtherNetwork,
    RecentRecord,
    RelayRow,
    Running,
    SettingsSnapshot,
    ShellSnapshot,
    Task,
)
from app.ui.page import Page
from tests.ui.looking import settle

WINDOW_WIDTHS = (1060, 1160, 1240, 1360, 1600)
AT = 1_763_700_000
DOLLAR = Currency("0x" + "11" * 20, "PRAC", "Practice dollar", 6)
COIN = Currency("0x" + "00" * 20, "ETH", "Ether", 18)
OWN = "0x7c1F09AE5bD2aa10Cc64d8d1B4F7E7a2B3c4e441"
OTHER = "0x52908400098527886E0F7030069857D2E4169EE7"
ORDER, DATASET = "a" * 32, "b" * 64
_SHEET = """
abandon ability able about above absent absorb abstract absurd abuse access accident
account accuse achieve acid acoustic acquire across act action actor actress actual
"""
WORDS = tuple(_SHEET.split())


def dollars(whole: float) -> Amount:
    return Amount(round(whole * 10**6), DOLLAR)


RECOVERY = FirstRunSnapshot("recovery", words=WORDS, ask=(3, 9), name="Nordhaven Energy")
NETWORK = FirstRunSnapshot("network", name="Nordhaven Energy")

SHELL = ShellSnapshot("Nordhaven Energy", "7c1f-09ae", "online", "ok", "Practice", practice=True)
BUSY_HOME = HomeSnapshot(
    needs_you=(
        Task("1" * 32, "answer", "Soil moisture", "AgriSense ApS", dollars(340), AT),
        Task("2" * 32, "sign", "Port call records 2023", "Meridian Freight", dollars(2750), AT),
        Task("3" * 32, "check", "Retail footfall, Q2", "Kestrel Research", dollars(410), None),
    ),
    running=(
        Running(
            "4" * 32,
            "Hourly feeder load",
            "Baltic Grid",
            True,
            0.637,
            7_400_000,
            "running",
            button="pause",
        ),
        Running("5" * 32, "Air quality", "Uni Tartu", False, 0.12, 0, "waiting", button="pause"),
    ),
    earned=(dollars(4810),),
    held=(dollars(1200),),
    orders_this_month=7,
    rating=4.6,
    ratings=12,
    recent=(
        RecentRecord("fund", "Hourly feeder load", AT, "final"),
        RecentRecord("reveal", "Retail footfall", AT, "being_recorded"),
        RecentRecord("rate", "Port calls", AT, "failed"),
    ),
    datasets=3,
)

QUEUE = (
    BUSY_HOME.running[0],
    Running("6" * 32, "Soil moisture", "AgriSense", True, 0.0, 0, "queued", 1, 3, "pause"),
    Running("7" * 32, "Port calls", "Meridian Freight", True, 0.31, 0, "queued", 2, 3, "pause"),
    Running("8" * 32, "Retail footfall", "Kestrel", True, 0.0, 0, "queued", 3, 3, "pause"),
    Running("9" * 32, "Tide gauges", "Harbour Office", True, 0.5, 0, "paused", button="resume"),
)
"""Five deliveries: one goes, three wait for their turn, one is paused."""

DOLLARS = Account(DOLLAR, 12_480_500_000, 1200 * 10**6, 2750 * 10**6, 300 * 10**6, 120 * 10**6)
COINS = Account(COIN, 987_654_321_012_345_678, 0, 0, 0, 0)
MOVEMENTS = (
    Movement("sent", dollars(-25), AT, "being_recorded", "0x5290…"),
    Movement("earned", dollars(410), AT, "final", "Kestrel Research", ORDER),
    Movement("taken_out", dollars(80), AT, "failed"),
)
MONEY = MoneySnapshot((DOLLARS, COINS), MOVEMENTS, OWN, practice=True, fee_wei=81_234_567_890_123)


def entry(what: str, state: str, number: int, **more: Any) -> RecordEntry:
    settled = state in ("recorded", "final")
    made: dict[str, Any] = {
        "what": what,
        "title": "Hourly feeder load",
        "by": "Nordhaven Energy",
        "by_me": True,
        "at": AT if settled else None,
        "state": state,
        "entry": f"{number:064x}",
        "block": 1_234_567 if settled else None,
        "gas": 182_345 if settled else None,
        "fee_wei": 912_345_678_901_234 if settled else None,
    }
    return RecordEntry(**(made | more))


RECORDS = RecordsSnapshot(
    subjects=(
        Subject(ORDER, "Hourly feeder load", "order"),
        Subject(DATASET, "Soil moisture", "dataset"),
    ),
    entries=(
        entry("reveal", "being_recorded", 1, order=ORDER),
        entry("fund", "recorded", 2, by="Baltic Grid", by_me=False, gas=None, fee_wei=None),
        entry("rate", "failed", 3, problem="The check period is over."),
        entry("register", "final", 4, dataset=DATASET),
    ),
    total_gas=182_345,
    fee_symbol="ETH",
)

RELAY = "/ip4/198.51.100.20/tcp/4001/p2p/12D3KooWBWSKGLjF3B6EWC2MWJVifw2Ada7GV3p2iZ3v1EybZ5js"

SETTINGS = SettingsSnapshot(
    name="Nordhaven Energy",
    address=OWN,
    peer_id="12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust",
    downloads="/home/anna/.local/share/lading/received",
    profile="/home/anna/.local/share/lading",
    network="Practice on this computer",
    practice=True,
    chain_id=31337,
    rpc="https://user:pass@rpc.example.org:8545/v3/SECRETKEY?token=HIDDEN",
    registry="0x" + "ab12" * 10,
    exchange="0x" + "cd34" * 10,
    confirmations=2,
    block_number=12_345,
    addresses=("/ip4/192.168.178.24/tcp/41001/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76Zg",),
    relays=(
        RelayRow(RELAY, "reserved", 5_000_000_000, 7),
        RelayRow(RELAY.replace("198.51.100.20", "203.0.113.7"), "unreachable"),
    ),
    others=(
        OtherNetwork("Company chain", 77_001, ("rpc.example.org:8545",), "ok", 81_204, 12),
        OtherNetwork(
            "Baltic data exchange",
            900_913,
            ("node-1.exchange.example", "node-2.exchange.example", "node-3.exchange.example"),
            "unreachable",
        ),
    ),
    version="0.1.0",
    bandwidth=Bandwidth(upload_bytes=2_500_000, full_speed=True),
    full_speed_now=True,
)


W = TypeVar("W", bound=QWidget)


class Window:
    """A page where the window has it: beside the rail, which is narrow below 1240."""

    def __init__(self, page: Page, qtbot, *, rail: bool = True) -> None:
        self.page = page
        self.asked: list[object] = []
        self.went: list[str] = []
        page.asked.connect(self.asked.append)
        page.went.connect(self.went.append)
        self.whole = QWidget()
        self.rail = QWidget()
        box = QHBoxLayout(self.whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        if rail:
            box.addWidget(self.rail)
        box.addWidget(page, 1)
        qtbot.addWidget(self.whole)
        self.resize(1360)
        self.whole.show()
        qtbot.waitExposed(self.whole)
        self.whole.activateWindow()
        settle(self.whole, 1360)

    def resize(self, width: int, height: int = 860) -> None:
        self.rail.setFixedWidth(212 if width >= 1240 else 68)
        for _ in range(2):  # parts that stack anew where it gets narrow take one more round
            settle(self.whole, width, height)

    def tell(self, snapshot: object) -> None:
        self.page.show_snapshot(snapshot)
        settle(self.whole, self.whole.width(), self.whole.height())

    def words(self) -> str:
        """Everything that can be read."""
        labels = (one.text() for one in self.page.findChildren(QLabel) if one.isVisible())
        return "\n".join(labels)

    def button(self, name: str) -> QPushButton:
        return found(self.page, QPushButton, name)

    def line(self, name: str) -> QLineEdit:
        return found(self.page, QLineEdit, name)


def found(within: QWidget, kind: type[W], name: str) -> W:
    """The only visible one of that name, or the first there is."""
    every = within.findChildren(kind, name)
    assert every, f"there is no {name}"
    return next((one for one in every if one.isVisible()), every[0])


def typed(within: QWidget) -> str:
    """All that stands in editors, hidden ones too."""
    lines = [edit.text() for edit in within.findChildren(QLineEdit)]
    return " ".join(lines + [text.toPlainText() for text in within.findChildren(QPlainTextEdit)])


def codes(window: Window) -> list[str]:
    """Labels that show the code of a sentence instead of the sentence."""
    return [
        line
        for line in window.words().splitlines()
        if line.islower() and "." in line.strip(".") and " " not in line and "/" not in line
    ]
