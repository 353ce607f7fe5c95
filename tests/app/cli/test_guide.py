"""The line in each window of the demo: what to do next, from what the window is shown."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.windows import BUYER_STEPS, OWNER_STEPS, Guide, Role
from app.domain.snapshots.datasets import DatasetsSnapshot
from app.domain.snapshots.money import Amount
from app.domain.snapshots.orders import OrderRow, OrdersSnapshot
from app.domain.snapshots.shell import HomeSnapshot, ShellSnapshot
from app.engine.projections.status import _ACTIONS
from app.ui.phrases import shell
from tests.ui.dataset_samples import DRAFT, ON_SALE
from tests.ui.desk_samples import DOLLAR, SHELL


class Window:
    """What a window of the demo hears."""

    def __init__(self, role: Role) -> None:
        self.heard: list[object] = []
        self.guide = Guide(role, Path("/data"))
        self.guide.told.connect(self.heard.append)

    def line(self) -> str:
        return next(m.guide for m in reversed(self.heard) if isinstance(m, ShellSnapshot))

    def sees(self, *statuses: str) -> None:
        self.guide.hear(OrdersSnapshot(tuple(replace(ROW, status=status) for status in statuses)))


ROW = OrderRow("a" * 32, "Load", "Baltic", Amount(1, DOLLAR), "", "quiet", None, False, False)
OWNER = (
    ("order.answer", "sign"),
    ("order.wait_payment", "deliver"),
    ("order.deliver", "deliver"),
    ("order.confirming", "deliver"),
    ("order.done", "done"),
)
BUYER = (
    ("order.wait_answer", "wait"),
    ("order.pay", "pay"),
    ("order.paying", "receive"),
    ("order.receive", "receive"),
    ("order.checking", "receive"),
    ("order.check", "accept"),
    ("order.done", "done"),
)


@pytest.mark.parametrize(("role", "way"), [("owner", OWNER), ("buyer", BUYER)])
def test_the_line_follows_the_trade(role: Role, way: tuple[tuple[str, str], ...]) -> None:
    window = Window(role)
    window.guide.hear(SHELL)
    assert window.line() == f"demo.{role}.{'register' if role == 'owner' else 'browse'}"
    for status, step in way:
        window.sees(status, "order.declined")  # the newest order is the one that counts
        assert window.line() == f"demo.{role}.{step}"


def test_the_owner_registers_before_it_waits() -> None:
    window = Window("owner")
    window.guide.hear(SHELL)
    window.guide.hear(DatasetsSnapshot((DRAFT,)))
    assert window.line() == "demo.owner.register"
    window.guide.hear(DatasetsSnapshot((DRAFT, ON_SALE)))
    assert window.line() == "demo.owner.wait"


def test_without_an_identity_there_is_nothing_to_say() -> None:
    window = Window("buyer")
    window.guide.hear(ShellSnapshot())
    assert window.line() == ""


def test_everything_else_passes_unchanged() -> None:
    window = Window("buyer")
    for message in (OrdersSnapshot(), DatasetsSnapshot(), HomeSnapshot()):
        window.guide.hear(message)
    assert [m for m in window.heard if not isinstance(m, ShellSnapshot)] == [
        OrdersSnapshot(), DatasetsSnapshot(), HomeSnapshot(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "status", "step"),
    [
        ("owner", "order.wait_answer", "countered"),
        ("buyer", "order.answer", "answer"),
        ("owner", "order.lapsed", "look"),
        ("buyer", "order.lapsed", "look"),
        ("owner", "order.paused", "look"),
        ("buyer", "order.paused", "look"),
        ("buyer", "order.rate", "look"),
        ("owner", "order.declined", "wait"),
        ("buyer", "order.declined", "browse"),
        ("owner", "order.refunded", "wait"),
        ("buyer", "order.refunded", "browse"),
    ],
)
def test_off_the_straight_path_the_line_follows_too(role: Role, status: str, step: str) -> None:
    window = Window(role)
    window.guide.hear(SHELL)
    window.guide.hear(DatasetsSnapshot((ON_SALE,)))
    window.sees(status)
    assert window.line() == f"demo.{role}.{step}"


def test_wherever_a_person_can_act_the_line_does_not_say_begin() -> None:
    for role, code in _ACTIONS:
        assert f"order.{code}" in (OWNER_STEPS if role == "owner" else BUYER_STEPS), (role, code)


@pytest.mark.parametrize("role", ["owner", "buyer"])
def test_every_line_has_its_words(role: Role) -> None:
    steps = OWNER_STEPS if role == "owner" else BUYER_STEPS
    for step in {*steps.values(), "register" if role == "owner" else "browse", "wait"}:
        key = f"demo.{role}.{step}"
        assert len(shell.guide(key)) > 20
        assert shell.guide(key) != key
