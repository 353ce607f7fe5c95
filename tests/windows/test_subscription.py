"""A subscription, from asking for it to the last version paid for, by hand in two real windows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from app.cli.story import same_files
from app.ui.widgets.fields import Choice
from tests.windows import parts
from tests.windows.hands import Hands

JULY, AUGUST, SEPTEMBER = "Weather until July", "Weather until August", "Weather until September"


@pytest.fixture
def months(tmp_path: Path) -> dict[str, Path]:
    """Three files, each with a line for every hour so far."""
    chance = random.Random(5)
    lines = [f"{n},{chance.randint(-900, 3900) / 100}\n" for n in range(9000)]
    made = {}
    for title, hours in ((JULY, 6000), (AUGUST, 7500), (SEPTEMBER, 9000)):
        made[title] = tmp_path / f"{title}.csv"
        made[title].write_text("hour,temp\n" + "".join(lines[:hours]))
    return made


def typed(hands: Hands, name: str) -> str:
    field = hands.see(name)
    assert isinstance(field, QLineEdit | QPlainTextEdit)
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def publish(hands: Hands, title: str, data: Path) -> None:
    """A new version of what was registered first; what was said of that one need not be typed."""
    hands.go(2)
    hands.click("datasets.register")
    hands.type("register.path", str(data))
    hands.click("register.use")
    hands.see("register.fingerprint")
    hands.click("register.next")
    before = hands.see("register.before")
    assert isinstance(before, Choice)
    hands.wait(lambda: before.count() > 1, "what it may be a new version of")
    hands.choose("register.before", before.itemData(before.count() - 1))
    hands.click("register.next")
    hands.wait(lambda: typed(hands, "register.what"), "what was said of the one before")
    hands.type("register.title", title)
    hands.click("register.next")
    assert typed(hands, "register.price") == "1200.00"
    hands.click("register.next")
    hands.click("register.next")
    hands.see("register.outcome", "inal")


def subscriptions(hands: Hands) -> None:
    hands.go(4)
    hands.click("orders.subscriptions")


def accept(hands: Hands, title: str) -> None:
    """Once a version is here and was checked."""
    hands.go(4)
    hands.open_row("orders.list", title)
    parts.accept_and_rate(hands)
    parts.done(hands)


@pytest.mark.story
@pytest.mark.timeout(600)
def test_each_version_of_a_period_is_delivered_and_confirmed(
    owner: Hands, buyer: Hands, months: dict[str, Path], tmp_path: Path
) -> None:
    parts.first_run(owner, "Nordhaven Energy")
    parts.first_run(buyer, "Baltic Grid Analytics")
    parts.register(owner, months[JULY], JULY)

    buyer.go(3)
    buyer.open_row("browse.results", JULY)
    buyer.click("dataset.subscribe")
    buyer.type("subscribe.versions", "2")
    buyer.choose("subscribe.days", "91")
    buyer.choose("subscribe.paying", "auto")
    buyer.type("subscribe.note", "For our own analysis.")
    assert "2 × 1,200.00 PRAC: at most 2,400.00 PRAC in all." in buyer.words()
    buyer.click("subscribe.do")
    buyer.wait(lambda: "It is Nordhaven Energy's turn" in buyer.words(), "whose turn it is")

    owner.go(1)
    owner.wait(lambda: f"Answer the subscription for {JULY}" in owner.words(), "what is to do")
    owner.click("home.task")
    owner.wait(lambda: "“For our own analysis.”" in owner.words(), "what was asked for")
    owner.click("subscription.counter")
    owner.type("subscribe.price", "1300")
    owner.click("subscribe.do")

    buyer.wait(
        lambda: "proposes something else: the price, the bond." in buyer.words(), "the answer"
    )
    buyer.click("subscription.accept")
    buyer.see("subscription.lines")
    buyer.click("accept_subscription.do")
    for hands in (owner, buyer):
        hands.wait(lambda one=hands: "0 of at most 2" in one.words(), "agreed by both")
    assert "Paid by itself up to 2,400.00 PRAC in all" in buyer.words()

    # the first is paid by itself, the second is more than the limit and paid with a click
    publish(owner, AUGUST, months[AUGUST])
    accept(buyer, AUGUST)
    publish(owner, SEPTEMBER, months[SEPTEMBER])
    buyer.go(4)
    buyer.open_row("orders.list", SEPTEMBER)
    parts.pay(buyer)
    accept(buyer, SEPTEMBER)

    for hands in (owner, buyer):
        subscriptions(hands)
        hands.wait(lambda one=hands: "2 of at most 2" in one.words(), "both delivered")
        assert "2,600.00 PRAC" in hands.words()
        assert AUGUST in hands.words()
        assert SEPTEMBER in hands.words()
    for title in (AUGUST, SEPTEMBER):
        assert same_files(months[title], tmp_path / "buyer" / "received" / title)
    owner.go(4)
    assert len(owner.lines("orders.list")) == 2
