"""An owner declares more than its table has: the buyer's app measures it, fills the rating in from
it, and the difference is signed and public. Three engines, real libp2p, a real chain."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.datasets import Comparison, DatasetSnapshot
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.rating import RatingSheet
from chain import abi
from chain.agreement import review_hash
from chain.exchange_events import Confirmed, ExchangeEvent, decoders
from tests.story.people import Human, World
from tests.story.spoiling import boast
from tests.story.trading import CONFIRMING, paid, press, register, shows

ROWS, EMPTY = 4000, 1000


def on_chain(world: World, order_id: str) -> ExchangeEvent:
    """The one confirmation of an order that the contract logged."""
    topic = abi.interface("Exchange").topic("Confirmed")
    newest = world.gateway.head().number
    asked = (topic, bytes.fromhex(order_id))
    (log,) = world.gateway.logs(0, newest, (world.network.exchange,), asked)
    return decoders()[topic](log)


def rated(human: Human, dataset: str, words: str | None, differs: tuple[str, ...]) -> None:
    """The dataset's page shows the one rating with these words and what it says differed."""
    shown = [(words, differs)]
    human.wait(
        DatasetSnapshot,
        lambda page: (
            page.card.dataset == dataset
            and [(one.words, one.differs) for one in page.ratings] == shown
        ),
    )


def test_what_was_declared_and_is_not_so_is_in_the_rating_that_is_on_record(
    world: World, pair: tuple[Human, Human], tmp_path: Path, qtbot: QtBot
) -> None:
    owner, buyer = pair
    data = tmp_path / "levels.csv"
    levels = ("" if n < EMPTY else f"{n * 7 % 113}" for n in range(ROWS))
    data.write_text(
        "number,day,level,place\n"
        + "".join(f"{n},2024-03-{1 + n % 28:02},{level},A\n" for n, level in enumerate(levels))
    )
    owner.starts_with(boast)
    dataset = register(owner, data, "River levels")
    thread = paid(owner, buyer, dataset)

    page = buyer.wait(
        OrderSnapshot,
        lambda page: page.order == thread and page.compared and "confirm" in page.actions,
        120,
    )
    assert set(page.compared) == {
        Comparison("rows", ROWS, ROWS, "same", 0),
        Comparison("accuracy", 10_000, 10_000, "same", 1),
        Comparison("completeness", 10_000, 9375, "differs", 1),
        Comparison("consistency", 10_000, 10_000, "same", 1),
        Comparison("timeliness", "2024-03-28", "2024-03-28", "same"),
        Comparison("accessibility", "csv utf-8", "csv utf-8", "same"),
        Comparison("conformity", 10_000, 10_000, "same", 1),
    }

    # The rating form with what the app has filled in; the person adds what it would do again.
    sheet = RatingSheet("confirm", page)
    qtbot.addWidget(sheet)
    asked: list[cmd.ConfirmOrder] = []
    sheet.asked.connect(asked.append)
    overall = sheet.findChild(QPushButton, "rate.overall.2")
    assert isinstance(overall, QPushButton)
    overall.click()
    sheet.action.click()
    (command,) = asked
    assert command.scores == (2, 5, 2, 5, 5, 2)
    assert command.words.startswith("Completeness: ")
    assert "93.75%" in command.words
    press(buyer, thread, "confirm", command, *CONFIRMING)
    page = shows(buyer, thread, "done")

    (signed,) = (one for one in buyer.events(thread) if isinstance(one, ev.ConfirmationSigned))
    review = signed.document
    assert review["differs"] == ["completeness"]
    assert {line.what: line.declared for line in page.compared}.items() <= (
        review["declared"].items()
    )
    assert (review["declared"]["completeness"], review["declared"]["files"]) == (10_000, 1)
    assert review["received"] == {line.what: line.received for line in page.compared}
    assert review["words"] == command.words
    recorded = on_chain(world, page.order_id)
    assert isinstance(recorded, Confirmed)
    assert recorded.review == review_hash(review)
    assert recorded.scores == bytes(command.scores)

    owner.open(cmd.OpenDataset(dataset))
    rated(owner, dataset, command.words, ("completeness",))
    assert owner.review(recorded.review) == review

    with world.human("Third Reader") as reader:
        reader.enter()
        reader.open(cmd.OpenDataset(dataset))
        rated(reader, dataset, None, ())
        reader.person.ask(cmd.AskReviews(dataset))
        rated(reader, dataset, command.words, ("completeness",))
        assert reader.review(recorded.review) == review
