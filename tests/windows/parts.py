"""The two parts of the main job, each as one person plays it at a window: clicks and keys only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.windows.hands import Hands

PASSWORD = "correct horse 42 battery"
CRITERIA = ("overall", "accuracy", "completeness", "consistency", "timeliness", "conformity")
TITLE = "New York weather 2013"


def first_run(hands: Hands, name: str) -> None:
    """Welcome, name and password, the recovery sheet for later, the practice network, dollars."""
    hands.click("firstrun.create")
    hands.type("firstrun.create.name", name)
    hands.type("firstrun.create.password", PASSWORD)
    hands.type("firstrun.create.repeat", PASSWORD)
    hands.click("firstrun.create.do")
    hands.click("firstrun.recovery.later")
    hands.click("firstrun.recovery.skip")
    hands.click("firstrun.practice")
    hands.click("firstrun.network.do")
    hands.see("rail.dot", "nline")  # its words are hidden in a narrow window
    hands.click("home.begin.practice")


def register(hands: Hands, data: Path, title: str = TITLE) -> None:
    """File, check, describe, price, review: until it is final."""
    hands.go(2)
    hands.click("datasets.register_first")
    hands.type("register.path", str(data))
    hands.click("register.use")
    hands.see("register.fingerprint")
    hands.click("register.next")
    hands.see("register.check_result")
    hands.click("register.next")
    hands.type("register.title", title)
    hands.type("register.what", "Hourly observations at three airports.")
    hands.click("register.next")
    hands.type("register.price", "1200")
    hands.click("register.next")
    hands.click("register.next")
    hands.see("register.outcome", "inal")


def limit(hands: Hands, way: str, megabytes: str) -> None:
    """In Settings, ``upload`` or ``download`` a second; nothing for no limit."""
    hands.click("rail.settings")
    edit = hands.see(f"settings.{way}")
    hands.type(f"settings.{way}", megabytes)
    if not megabytes:
        QTest.keyClick(edit, Qt.Key.Key_Delete)  # what `type` has selected
    QTest.keyClick(edit, Qt.Key.Key_Return)


def ask_for_offer(hands: Hands) -> None:
    """Find it in Browse, ask for an offer, open the order."""
    hands.go(3)
    hands.open_row("browse.results", TITLE)
    make_offer(hands)


def make_offer(hands: Hands) -> None:
    """From the dataset's page."""
    hands.see("dataset.title", TITLE)
    hands.click("dataset.offer")
    hands.type("offer.note", "For our own analysis.")
    hands.click("offer.do")
    hands.click("dataset.open_order")


def sign(hands: Hands) -> None:
    """Read what came in, answer in words, sign."""
    hands.go(4)
    hands.open_row("orders.list", TITLE)
    hands.see("order.proposal.note", "For our own analysis.")
    hands.type("order.message", "You are welcome to it.")
    hands.click("order.send")
    hands.click("order.sign")
    hands.click("sign.do")


def pay(hands: Hands) -> None:
    hands.click("order.pay")
    hands.click("pay.do")


def accept_and_rate(hands: Hands) -> None:
    """Once all was checked: six times five, and words."""
    hands.click("order.confirm")
    for criterion in CRITERIA:
        hands.click(f"rate.{criterion}.5")
    hands.type("rate.words", "Complete and as described.")
    hands.click("confirm.do")


def done(hands: Hands) -> None:
    hands.see("order.todo.text", "All done.")


def alone_as_owner(windows: list[Hands], data: Path) -> None:
    """Everything the owner does, from first run to being paid."""
    (hands,) = windows
    first_run(hands, "Nordhaven Energy")
    register(hands, data)
    sign(hands)
    done(hands)


def alone_as_buyer(windows: list[Hands], data: Path) -> None:
    """Everything the buyer does, from first run to the rating."""
    (hands,) = windows
    first_run(hands, "Baltic Grid Analytics")
    ask_for_offer(hands)
    pay(hands)
    accept_and_rate(hands)
    done(hands)


def together(owner: Hands, buyer: Hands, data: Path) -> None:
    """Both, each when it is their turn."""
    first_run(owner, "Nordhaven Energy")
    first_run(buyer, "Baltic Grid Analytics")
    register(owner, data)
    ask_for_offer(buyer)
    buyer.see("order.todo.text", "Nothing for you to do.")
    sign(owner)
    buyer.wait(lambda: "You are welcome to it." in buyer.words(), "the owner's answer")
    pay(buyer)
    accept_and_rate(buyer)
    done(buyer)
    done(owner)


def demo(windows: list[Hands], data: Path) -> None:
    """Two windows that do not cover each other; a line in each says what to do next."""
    owner, buyer = windows
    left, right = owner.window.frameGeometry(), buyer.window.frameGeometry()
    assert not left.intersects(right), (left, right)
    assert owner.window.screen().geometry().contains(left.united(right))
    together(owner, buyer, data)
    owner.see("window.guide.text", "Paid. Open Records")
    buyer.see("window.guide.text", "Done. The files are in your folder")


PARTS: dict[str, Callable[[list[Hands], Path], None]] = {
    "owner": alone_as_owner,
    "buyer": alone_as_buyer,
    "demo": demo,
}
