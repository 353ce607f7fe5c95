"""A whole trade between two people, step by step, through commands a page could send.

Used by ``lading demo --headless`` and by the stories among the tests. Each step is reported once
it stands: on the record, or on both sides' disks.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.person import Gone, Person
from app.domain import commands as cmd
from app.domain.commands import Description
from app.domain.snapshots.datasets import BrowseSnapshot, DatasetsSnapshot, RegisterSnapshot
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.records import RecordEntry, RecordsSnapshot
from app.domain.snapshots.shell import FirstRunSnapshot, ShellSnapshot
from app.domain.terms import TermsChoice
from chain.exchange import PAID_RATED
from chain.gateway import Gateway
from chain.practice import Practice
from chain.state import final_state

Report = Callable[[dict[str, Any]], None]

PRICE_UNITS = 1_200_000_000  # 1,200.000000 practice dollars
EXPIRES_SECONDS = 7 * 86_400
WINDOW_SECONDS = 86_400
SCORES = (5, 5, 5, 5, 4, 5)
WORDS = "Complete and as described."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trade ended: where the files are, and what is on record."""

    delivered: Path
    content_id: str
    order_id: str
    gas: dict[str, int]
    seconds: float


def enter(person: Person, name: str) -> None:
    """First run: an identity, its words put off, the practice network, practice dollars."""
    enter_together({person: name})


def enter_together(names: Mapping[Person, str]) -> None:
    """The first run of several people, each of whom goes on while the others wait."""
    for person, name in names.items():
        person.ask(cmd.CreateIdentity(name, secrets.token_urlsafe(12)))
    for person in names:
        person.wait(FirstRunSnapshot, lambda run: run.step == "recovery")
        person.ask(cmd.ProveWords({}))
        person.wait(FirstRunSnapshot, lambda run: run.step == "network")
        person.ask(cmd.JoinPractice())
    for person in names:
        person.wait(
            ShellSnapshot, lambda shell: shell.chain == "ok" and shell.connection == "online"
        )
        person.ask(cmd.GetPracticeDollars())
    for person in names:
        person.wait(
            MoneySnapshot, lambda money: money.accounts and money.accounts[0].available_units > 0
        )


def trade(owner: Person, buyer: Person, data: Path, report: Report) -> Outcome:
    """From the owner's files to the buyer's rating. Gone says what did not come."""
    started = time.monotonic()
    dataset = register(owner, data, report)
    thread = request(buyer, dataset, report)
    sign(owner, thread, report)
    fund(buyer, thread, report)
    page = receive(owner, buyer, thread, report)
    confirm(owner, buyer, thread, report)
    delivered = Path(page.delivery.folder) if page.delivery else Path()
    return Outcome(
        delivered=delivered,
        content_id=_content_id(buyer, dataset),
        order_id=_order_id(buyer, thread),
        gas=_gas(owner, buyer),
        seconds=round(time.monotonic() - started, 2),
    )


def register(owner: Person, data: Path, report: Report, price_units: int = PRICE_UNITS) -> str:
    """The owner registers ``data`` and lists it for so much; the dataset id."""
    draft = secrets.token_hex(16)
    owner.ask(cmd.ChooseContent(draft, data))
    found = owner.wait(
        RegisterSnapshot,
        lambda shown: (
            shown.draft == draft
            and shown.fingerprint
            and shown.reading is None
            and shown.check != "none_yet"
        ),
    )
    name = data.stem.replace("-", " ").replace("_", " ")
    owner.ask(
        cmd.DescribeDraft(
            draft,
            Description(
                title=name[:1].upper() + name[1:],
                what="Hourly observations, one row an hour and place, as the source published them."
                if found.profile
                else "Files as their source published them.",
                field="Weather" if "weather" in name else "Other",
                region="New York" if "nyc" in name else "",
                period="2013" if "2013" in name else "",
            ),
            TermsChoice(),
        )
    )
    owner.ask(cmd.PriceDraft(draft, found.currencies[0].token, price_units))
    owner.wait(RegisterSnapshot, lambda shown: shown.price and shown.description.what)
    owner.ask(cmd.RegisterDraft(draft))
    done = owner.wait(RegisterSnapshot, lambda shown: shown.state == "final")
    owner.wait(DatasetsSnapshot, lambda mine: any(row.state == "final" for row in mine.rows))
    for what in ("commit", "register"):
        report(_step(what, "owner", _recorded(owner, done.dataset, what)))
    return done.dataset


def request(buyer: Person, dataset: str, report: Report) -> str:
    """The buyer finds the dataset and asks for an offer at the price it is listed for."""
    buyer.ask(cmd.Search())
    shown = buyer.wait(
        BrowseSnapshot, lambda browse: any(card.dataset == dataset for card in browse.cards)
    )
    card = next(card for card in shown.cards if card.dataset == dataset)
    if card.price is None:
        raise Gone("the listing has no price")
    buyer.ask(cmd.OpenDataset(dataset))
    buyer.ask(
        cmd.RequestOffer(
            dataset=dataset,
            token=card.price.currency.token,
            price_units=card.price.units,
            terms=TermsChoice(),
            expires_at=int(time.time()) + EXPIRES_SECONDS,
            window_seconds=WINDOW_SECONDS,
            note="For our own analysis.",
        )
    )
    page = buyer.wait(OrderSnapshot, lambda order: order.dataset == dataset and order.thread)
    buyer.wait(
        OrderSnapshot,
        lambda order: order.proposal is not None and order.proposal.state == "sent",
    )
    report(_step("request", "buyer", None))
    return page.order


def sign(owner: Person, thread: str, report: Report) -> None:
    """The owner reads what came in and signs it with the bond the app proposes."""
    owner.wait(OrdersSnapshot, lambda orders: any(row.order == thread for row in orders.rows))
    owner.ask(cmd.OpenOrder(thread))
    page = owner.wait(
        OrderSnapshot, lambda order: order.order == thread and "sign" in order.actions
    )
    bond = page.least_bond.units if page.least_bond else 0
    owner.ask(cmd.SignOffer(thread, bond, page.price.units, page.terms_fingerprint))
    owner.wait(OrderSnapshot, lambda order: order.todo == "order.wait_payment")
    report(_step("offer", "owner", None))


def fund(buyer: Person, thread: str, report: Report) -> None:
    """The buyer pays into holding once the owner's bond is in place and all is checked."""
    page = buyer.wait(
        OrderSnapshot,
        lambda order: order.order == thread and "pay" in order.actions and order.ready_to_pay,
    )
    buyer.ask(cmd.FundOrder(thread, page.price.units, page.terms_fingerprint))
    buyer.wait(OrderSnapshot, lambda order: order.held)
    report(_step("fund", "buyer", _recorded(buyer, thread, "fund")))


def receive(owner: Person, buyer: Person, thread: str, report: Report) -> OrderSnapshot:
    """Delivery, receipt and key run by themselves; the buyer's page once all was checked."""
    said: set[str] = set()
    reached = {
        "deliver": ("received", "key_awaited", "checking", "in_place"),
        "receipt": ("key_awaited", "checking", "in_place"),
        "key": ("checking", "in_place"),
    }

    def there(order: OrderSnapshot) -> bool:
        state = order.delivery.state if order.delivery else ""
        for what, states in reached.items():
            if state in states and what not in said:
                said.add(what)
                report(_step(what, "buyer" if what == "receipt" else "owner", None))
        return "confirm" in order.actions

    return buyer.wait(OrderSnapshot, there, seconds=3600)


def confirm(owner: Person, buyer: Person, thread: str, report: Report) -> None:
    """The buyer releases the payment with a rating; both see it on the record."""
    buyer.ask(cmd.ConfirmOrder(thread, SCORES, WORDS))
    buyer.wait(OrderSnapshot, lambda order: order.todo == "order.done")
    owner.wait(OrderSnapshot, lambda order: order.todo == "order.done")
    report(_step("confirm", "buyer", _recorded(buyer, thread, "confirm")))


def entries(person: Person, key: str) -> tuple[RecordEntry, ...]:
    """The record entries of an order or dataset as the Records page shows them."""
    person.ask(cmd.OpenRecords(key))
    shown = person.wait(RecordsSnapshot, lambda records: records.key == key)
    return shown.entries


def _gas(owner: Person, buyer: Person) -> dict[str, int]:
    """What every transaction of the two took, by its kind; what both made is named by who did."""
    made = [
        (entry.what, role, entry.gas)
        for role, person in (("owner", owner), ("buyer", buyer))
        for entry in entries(person, "")
        if entry.by_me and entry.gas is not None
    ]
    makers: dict[str, set[str]] = {}
    for what, role, _ in made:
        makers.setdefault(what, set()).add(role)
    gas: dict[str, int] = {}
    for what, role, used in made:
        name = what if len(makers[what]) == 1 else f"{what} ({role})"
        gas[name] = gas.get(name, 0) + used
    return gas


def _recorded(person: Person, key: str, what: str) -> RecordEntry:
    person.ask(cmd.OpenRecords(key))
    shown = person.wait(
        RecordsSnapshot,
        lambda records: any(_is(entry, what) for entry in records.entries if records.key == key),
    )
    return next(entry for entry in shown.entries if _is(entry, what))


def _is(entry: RecordEntry, what: str) -> bool:
    return entry.what == what and entry.by_me and entry.state == "final"


def _step(what: str, by: str, entry: RecordEntry | None) -> dict[str, Any]:
    return {
        "step": what,
        "by": by,
        "tx": f"0x{entry.entry}" if entry else None,
        "gas": entry.gas if entry else None,
    }


def _content_id(person: Person, dataset: str) -> str:
    from app.domain.snapshots.datasets import DatasetSnapshot

    shown = person.wait(DatasetSnapshot, lambda page: page.card.dataset == dataset)
    return shown.content_id


def _order_id(person: Person, thread: str) -> str:
    shown = person.wait(OrderSnapshot, lambda order: order.order == thread)
    return shown.order_id


@contextmanager
def two_people(folder: Path, practice_folder: Path, log: str) -> Iterator[tuple[Person, Person]]:
    """An owner and a buyer, each with a profile below ``folder``."""
    with (
        Person("owner", folder / "owner", practice_folder, log) as owner,
        Person("buyer", folder / "buyer", practice_folder, log) as buyer,
    ):
        yield owner, buyer


def is_confirmed(practice_folder: Path, order_id: str) -> bool:
    """Whether the contract itself keeps this order as confirmed and rated, in a final block, on a
    practice network that somebody uses. ChainError if it does not answer."""
    practice = Practice(practice_folder)
    try:
        network = practice.join()
        gateway = Gateway(network)
        try:
            return final_state(gateway, network).order(bytes.fromhex(order_id)).state == PAID_RATED
        finally:
            gateway.close()
    finally:
        practice.leave()


def same_files(original: Path, delivered: Path) -> bool:
    """Whether every file of ``original`` is in ``delivered``, byte for byte, and nothing else."""
    if original.is_file():
        wanted = {original.name: original}
    else:
        wanted = {
            path.relative_to(original).as_posix(): path
            for path in original.rglob("*")
            if path.is_file()
        }
    found = {
        path.relative_to(delivered).as_posix(): path
        for path in delivered.rglob("*")
        if path.is_file()
    }
    return wanted.keys() == found.keys() and all(
        _digest(wanted[name]) == _digest(found[name]) for name in wanted
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
