"""The two sides of a trade as scripts, and what must be true of it at the end.

Owner and buyer act at the same time, each in a thread; what one does is seen by the other only on
its own screen.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from app.cli.story import SCORES, same_files
from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.commands import Description
from app.domain.snapshots.datasets import BrowseSnapshot, RegisterSnapshot
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.terms import TermsChoice
from chain import exchange
from chain.agreement import Domain, Offer, order_id
from tests.story.people import Human, World

A = TypeVar("A")
B = TypeVar("B")

PRICE_UNITS = 5_000_000
WINDOW_SECONDS = 86_400
PAID_RATED = 5


def at_once(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """Both at the same time; what failed is raised once both have ended."""
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(one), threads.submit(other)
    failures = [error for error in (first.exception(), second.exception()) if error is not None]
    if failures:
        raise BaseExceptionGroup("the trade did not end well", failures)
    return first.result(), second.result()


def register(owner: Human, data: Path, title: str) -> str:
    """Register ``data``; the dataset id."""
    draft = secrets.token_hex(16)
    kind = RegisterSnapshot
    owner.open(cmd.OpenDraft(draft))

    def mine(shown: RegisterSnapshot) -> bool:
        return shown.draft == draft

    read = owner.press(
        kind,
        lambda shown: mine(shown) and not shown.fingerprint and shown.reading is None,
        cmd.ChooseContent(draft, data),
        lambda shown: mine(shown) and shown.fingerprint and shown.reading is None,
    )
    described = Description(title=title, what="Files as their source published them.")
    owner.press(
        kind, mine, cmd.DescribeDraft(draft, described, TermsChoice()),
        lambda shown: mine(shown) and shown.description.title == title,
    )  # fmt: skip
    owner.press(
        kind, mine, cmd.PriceDraft(draft, read.currencies[0].token, PRICE_UNITS),
        lambda shown: mine(shown) and shown.price,
    )  # fmt: skip
    owner.press(
        kind,
        lambda shown: mine(shown) and shown.state == "draft",
        cmd.RegisterDraft(draft),
        lambda shown: mine(shown) and shown.state != "draft",
    )
    return owner.wait(kind, lambda shown: mine(shown) and shown.state == "final").dataset


def request(buyer: Human, dataset: str, expires_seconds: int = 7 * 86_400, token: str = "") -> str:
    """Ask for an offer at the listed price (in another currency, if one is named); the order's
    thread. Not asked again if it stands."""
    buyer.open(cmd.OpenDataset(dataset), cmd.Search())
    browse = buyer.wait(
        BrowseSnapshot,
        lambda shown: any(card.dataset == dataset and card.price for card in shown.cards),
    )
    price = next(card.price for card in browse.cards if card.dataset == dataset)
    assert price is not None
    known = {row.order for row in buyer.wait(OrdersSnapshot, lambda shown: shown.loaded).rows}
    shown = buyer.press(
        OrdersSnapshot,
        lambda shown: shown.loaded,
        cmd.RequestOffer(
            dataset=dataset,
            token=token or price.currency.token,
            price_units=price.units,
            terms=TermsChoice(),
            expires_at=int(time.time()) + expires_seconds,
            window_seconds=WINDOW_SECONDS,
            note="For our own analysis.",
        ),
        lambda shown: any(row.order not in known for row in shown.rows),
    )
    (thread,) = (row.order for row in shown.rows if row.order not in known)
    buyer.open(cmd.OpenOrder(thread))
    return thread


def notice_request(owner: Human, known: set[str]) -> str:
    """The thread of an order the owner did not know."""
    shown = owner.wait(
        OrdersSnapshot, lambda shown: any(row.order not in known for row in shown.rows)
    )
    (thread,) = (row.order for row in shown.rows if row.order not in known)
    owner.open(cmd.OpenOrder(thread))
    return thread


def order_rows(human: Human) -> set[str]:
    """The threads on the list of orders."""
    return {row.order for row in human.wait(OrdersSnapshot, lambda shown: shown.loaded).rows}


def press(human: Human, thread: str, action: str, command: object, *done: str) -> OrderSnapshot:
    """Press a button of the order page; over when what is to do shows one of ``done``."""
    return human.press(
        OrderSnapshot,
        lambda page: (
            page.order == thread
            and action in page.actions
            and (action != "pay" or page.ready_to_pay)
        ),
        command,
        lambda page: page.order == thread and page.todo.removeprefix("order.") in done,
    )


def shows(human: Human, thread: str, *todo: str, seconds: float = 60.0) -> OrderSnapshot:
    """Wait until the order page says one of these."""
    return human.wait(
        OrderSnapshot,
        lambda page: page.order == thread and page.todo.removeprefix("order.") in todo,
        seconds,
    )


SOLD = ("wait_payment", "deliver", "wait_check", "confirming", "done")
PAYING = ("paying", "wait_final", "receive", "wait_peer", "wait_key", "checking", "check")
CONFIRMING = ("confirming", "done")


def paid(owner: Human, buyer: Human, dataset: str) -> str:
    """An order at its price whose payment is on its way; its thread."""
    known = order_rows(owner)
    thread = request(buyer, dataset)
    assert notice_request(owner, known) == thread
    sign(owner, thread)
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
    press(buyer, thread, "pay", pay, *PAYING)
    return thread


def sell(owner: Human, thread: str) -> None:
    """Sign what was asked for and wait for the end."""
    sign(owner, thread)
    shows(owner, thread, "done")


def sign(owner: Human, thread: str, bond_units: int | None = None) -> None:
    """Sign what was asked for; without ``bond_units`` with more bond than lies free, so that some
    is always missing."""
    page = owner.wait(
        OrderSnapshot, lambda page: page.order == thread and page.least_bond and page.bond_free
    )
    assert page.least_bond is not None
    assert page.bond_free is not None
    bond = page.bond_free.units + page.least_bond.units if bond_units is None else bond_units
    command = cmd.SignOffer(thread, bond, page.price.units, page.terms_fingerprint)
    press(owner, thread, "sign", command, *SOLD)


def buy(buyer: Human, thread: str) -> Path:
    """Pay, wait for the files, confirm; the folder of the files."""
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and bool(page.order_id))
    read = (page.price.units, page.terms_fingerprint)
    press(buyer, thread, "pay", cmd.FundOrder(thread, *read), *PAYING)
    shows(buyer, thread, "check", *CONFIRMING, seconds=120)
    page = press(
        buyer, thread, "confirm", cmd.ConfirmOrder(thread, SCORES, "As said."), *CONFIRMING
    )
    page = shows(buyer, thread, "done")
    assert page.delivery is not None
    return Path(page.delivery.folder)


def counter(
    human: Human, thread: str, action: str, price_units: int, expires_at: int | None = None
) -> None:
    """Propose another price; with ``action`` "accept" what the other side proposed comes back."""
    page = human.wait(
        OrderSnapshot,
        lambda page: page.order == thread and action in page.actions and page.proposal,
    )
    assert page.proposal is not None
    proposed = page.proposal
    command = cmd.CounterOffer(
        thread,
        price_units,
        proposed.terms,
        expires_at or proposed.expires_at,
        proposed.window_seconds,
    )
    press(human, thread, action, command, "wait_answer", "pay", "declined", "sign")
    human.wait(
        OrderSnapshot,
        lambda page: page.order == thread and page.proposal and page.proposal.state != "waiting",
        120,  # the other side may die several times meanwhile
    )


def haggle(owner: Human, buyer: Human, dataset: str) -> str:
    """A request, the owner's higher price, the buyer's yes; the thread, to be signed."""
    known = order_rows(owner)

    def asking_more() -> str:
        thread = notice_request(owner, known)
        counter(owner, thread, "counter", PRICE_UNITS + 1_000_000)
        shows(owner, thread, "sign")
        return thread

    def agreeing() -> None:
        counter(buyer, request(buyer, dataset), "accept", PRICE_UNITS + 1_000_000)

    return at_once(asking_more, agreeing)[0]


def trade(owner: Human, buyer: Human, dataset: str) -> tuple[str, Path]:
    """A whole trade about a registered dataset; its thread and the buyer's folder."""
    known = order_rows(owner)

    def selling() -> str:
        thread = notice_request(owner, known)
        sell(owner, thread)
        return thread

    def buying() -> Path:
        return buy(buyer, request(buyer, dataset))

    return at_once(selling, buying)


def assert_traded_once(
    world: World, owner: Human, buyer: Human, thread: str, data: Path, folder: Path
) -> None:
    """Same files, paid and rated, everything exactly once: the contract and both journals."""
    assert same_files(data, folder)
    assert folder in buyer.folders()
    assert set((buyer.profile / "received").iterdir()) == buyer.folders()  # no second copies
    bought = buyer.events(thread)
    assert Counter(type(event).__name__ for event in bought) == Counter(
        ["RequestMade", "OfferSigned", "ManifestChecked", "Funded", "ContentReceived",
         "ReceiptSigned", "KeyGiven", "ContentChecked", "ConfirmationSigned", "Confirmed"]
    )  # fmt: skip
    sold = Counter(type(event).__name__ for event in owner.events(thread))
    sold["ConfirmationSigned"] = 0  # its review may have come after it was on record
    assert +sold == Counter(
        ["RequestMade", "OfferSigned", "Funded", "ReceiptSigned", "KeyGiven", "Confirmed"]
    )
    signed = next(event for event in bought if isinstance(event, ev.OfferSigned))
    offer = Offer.from_json(signed.offer)
    network = world.network
    identity = order_id(Domain(network.chain_id, network.exchange), offer)
    assert exchange.read_order(world.gateway, network, identity).state == PAID_RATED
    # The bond was put there once, and is free again.
    assert exchange.read_free_bond(world.gateway, network, offer.owner, offer.token) == offer.bond
    # What the chain did is known at once; that it was this entry, when that is asked after.
    buyer.wait(
        RecordsSnapshot, lambda page: all(one.state != "being_recorded" for one in page.entries)
    )
    paid = [entry for entry in buyer.entries(thread) if entry.state != "failed"]
    assert Counter(entry.what for entry in paid) == Counter(["fund", "confirm"])
    assert all(entry.state in ("recorded", "final") for entry in paid)
