"""An owner and a buyer without a network between them: real databases, journals, keys and
conversations, and a record whose newest block the test sets.

`Side.hears` hands a message over as the host does. What the other side would have sent is made
here by hand, so that any field of it can be another one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import trio

from app.domain import events as ev
from app.domain import listing
from app.domain.commands import Description
from app.domain.effects import SendMessage
from app.domain.order import Order
from app.domain.snapshots.shell import Notice
from app.domain.subscriptions import Subscription
from app.domain.terms import TermsChoice, document
from app.engine.agreeing import Agreeing
from app.engine.conversation import Conversation
from app.engine.entries import Entries
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.letters import subscription_message
from app.engine.profile import Profile
from app.engine.subscribing import Subscribing
from app.store import datasets, orders, outbox, subscriptions, texts
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.index import Index
from chain import agreement
from chain.address import address_text
from chain.agreement import Confirmation, Offer, Receipt
from chain.answers import Block
from chain.indexer import Body, ChainEvent, Cursor
from chain.listing import encode_listing
from chain.network import Network, Token
from chain.registry_events import Registered
from chain.transactions import Call
from chain.wallet import Wallet, entropy_words, seal_to
from p2p import messages as m
from p2p.identity import Peer

NOW = 1_800_000_000
WEEK = 7 * 86_400
PRICE = 5_000_000
TOKEN = address_text(b"\x09" * 20)
NETWORK = Network(
    name="A network nobody answers for",
    chain_id=31_337,
    rpc_urls=("http://127.0.0.1:9",),
    registry=address_text(b"\x0a" * 20),
    exchange=address_text(b"\x0b" * 20),
    tokens=(Token(TOKEN, "PUSD", "Practice dollar", 6, True),),
    confirmations=2,
    practice=True,
    start_block=0,
    min_reveal_within=60,
    min_window=60,
    fee_symbol="ETH",
    free_gas=False,
)
RECORDS = 40
ROOT = sha256(b"root").digest()
SENT_ROOT = sha256(b"everything that was sent").digest()
SCORES = bytes([5, 4, 5, 3, 4, 5])
REVIEW = {"lading": 1, "words": "As said."}


def wallet(number: int) -> Wallet:
    return Wallet.from_words(entropy_words(bytes([number]) * 32))


OWNER, BUYER, THIRD = (wallet(number) for number in (1, 2, 3))
DATASET = agreement.dataset_id(NETWORK.registry, OWNER.address, ROOT, RECORDS)
TERMS = document(TermsChoice(), DATASET.hex())


def peer(who: Wallet) -> Peer:
    return Peer(who.address, f"12D3-{who.address}", who.seal_public)


def message_id(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


THREAD = message_id("the thread")


class Side:
    """One person's app as far as it takes messages. ``sent_root`` is what an owner has sent."""

    def __init__(self, folder: Path, who: Wallet, empty: Path) -> None:
        self.wallet = who
        file = folder / f"{who.address}.sqlite"
        shutil.copyfile(empty, file)
        self.database = Database.open(file)
        self.identity = Identity(who, NETWORK)
        self.ledger = Ledger(NETWORK, self.database, lambda: None)
        self.ledger.head, self.ledger.state = Block(100, b"h" * 32, NOW), "ok"
        self.ledger._complete = True
        self.journal = Journal(self.database, lambda thread: None)
        self.sent_root: bytes | None = None
        self.conversation = Conversation(
            self.database,
            self.journal,
            self.ledger,
            self.identity,
            lambda order: self.sent_root,
            lambda thread: None,
            self._subscribing(folder / who.address).received,
        )
        self._read_record()

    def _subscribing(self, folder: Path) -> Subscribing:
        """``told`` are the notices; ``locked`` whether money may not move without a click."""
        self.told: list[Notice] = []
        self.locked = False
        entries = Entries(
            self.database, self.ledger, self.wallet.account_key, self.wallet.address,
            lambda entry: Call(TOKEN, b""), lambda entry: None,
        )  # fmt: skip
        self.entries = entries
        agreeing = Agreeing(
            Profile.at(folder), self.database, self.journal, self.ledger, self.identity, entries
        )
        self.subscribing = Subscribing(
            self.database,
            self.journal,
            self.ledger,
            self.identity,
            agreeing,
            lambda: self.locked,
            lambda thread: None,
            lambda error, about: None,
            self.told.append,
        )
        return self.subscribing

    def says(self) -> list[m.Message]:
        """What it wants to say about subscriptions, and has not said before."""
        with self.database.begin() as session:
            waiting = [
                one for one in outbox.due(session, 1) if subscriptions.load(session, one.thread)
            ]
            for task in waiting:
                outbox.done(session, task.id)
            return [
                subscription_message(said, task.effect, self.wallet.address)
                for task in waiting
                if isinstance(task.effect, SendMessage)
                and (said := subscriptions.load(session, task.thread)) is not None
            ]

    def subscription(self, thread: str) -> Subscription | None:
        with self.database.read() as session:
            return subscriptions.load(session, thread)

    def reads_version(
        self, dataset: bytes, parent: bytes, at: int, by: str = "", block: int = 20
    ) -> None:
        """The record says that ``dataset`` is a new version of ``parent``, committed at ``at``."""
        body = Registered(
            dataset=dataset,
            registrant=by or OWNER.address,
            committed_at=at,
            content_id=dataset,
            root=dataset,
            records=RECORDS,
            length=4064 * RECORDS,
            salt_nonce=b"n" * 32,
            parent=parent,
            listing=b"",
        )
        self.reads(Block(block, bytes([block]) * 32, at), body)

    def reads(self, block: Block, body: Body) -> None:
        event = ChainEvent(block.number, block.hash, block.timestamp, b"t" * 32, 0, body)
        Index(self.database).apply([event], [block], Cursor(block.number, block.hash))

    def hears(self, who: Wallet, message: m.Message) -> None:
        """Take a message; it has gone over the wire's encoding."""
        trio.run(self.conversation.received, peer(who), m.decode(m.encode(message)))

    def order(self, thread: str = THREAD) -> Order | None:
        with self.database.read() as session:
            return orders.load(session, thread)

    def events(self, thread: str = THREAD) -> tuple[ev.Event, ...]:
        with self.database.read() as session:
            return orders.events(session, thread)

    def lines(self, thread: str) -> list[str]:
        with self.database.read() as session:
            return [line.text for line in texts.for_thread(session, thread)]

    def has_dataset(self, dataset: bytes = DATASET, key: str = "d" * 32) -> None:
        own = OwnDataset(key, "/data", NOW, root=ROOT, records=RECORDS, dataset_id=dataset)
        with self.database.begin() as session:
            datasets.save(session, own)

    def _read_record(self) -> None:
        said = listing.document(
            description=Description(title="Wind", what="Speeds"),
            terms={},
            token=TOKEN,
            price_units=PRICE,
            files=1,
            profile=None,
        )
        body = Registered(
            dataset=DATASET,
            registrant=OWNER.address,
            committed_at=NOW - 100,
            content_id=b"c" * 32,
            root=ROOT,
            records=RECORDS,
            length=4064 * RECORDS,
            salt_nonce=b"n" * 32,
            parent=bytes(32),
            listing=encode_listing(said),
        )
        self.reads(Block(10, b"b" * 32, NOW - 90), body)


@contextmanager
def side(folder: Path, who: Wallet, empty: Path) -> Iterator[Side]:
    """A side whose database begins as a copy of ``empty``, which saves making its tables."""
    made = Side(folder, who, empty)
    try:
        yield made
    finally:
        made.ledger.gateway.close()
        made.database.close()


# what each says


def mask(number: int = 0) -> bytes:
    return BUYER.buyer_secret(OWNER.address, number)


def request(thread: str = THREAD, number: int = 0, **changes: Any) -> m.Request:
    """The buyer's honest request, but for ``changes``."""
    fields: dict[str, Any] = {
        "id": message_id(f"request {thread}"),
        "thread": thread,
        "dataset": DATASET,
        "token": TOKEN,
        "price": PRICE,
        "bond": 500_000,
        "window": 86_400,
        "reveal_within": 1800,
        "expires": NOW + WEEK,
        "terms": TERMS,
        "mask_commit": agreement.mask_commit(mask(number)),
        "sealed_mask": seal_to(OWNER.seal_public, mask(number)),
        "note": "For our own analysis.",
    }
    return m.Request(**(fields | changes))


def requested(buyer: Side, thread: str = THREAD, number: int = 0) -> None:
    """The buyer has asked, as its own journal knows."""
    asked = request(thread, number)
    buyer.journal.begin(
        thread,
        "buyer",
        ev.RequestMade(
            at=NOW,
            owner=OWNER.address,
            buyer=BUYER.address,
            dataset=DATASET,
            records=RECORDS,
            proposal=ev.Proposal(
                TOKEN, PRICE, 500_000, 86_400, 1800, NOW + WEEK, TERMS, asked.note
            ),
            mask_commit=asked.mask_commit,
            sealed_mask=asked.sealed_mask,
            buyer_nonce=number,
        ),
    )


NONCE = sha256(b"nonce").digest()
SECRET = OWNER.owner_secret(NONCE)


OFFER = Offer(
    owner=OWNER.address,
    buyer=BUYER.address,
    dataset=DATASET,
    records=RECORDS,
    token=TOKEN,
    price=PRICE,
    bond=500_000,
    key_commit=agreement.key_commit(SECRET),
    mask_commit=agreement.mask_commit(mask()),
    terms=agreement.terms_hash(TERMS),
    expires=NOW + WEEK,
    reveal_within=1800,
    window=86_400,
    epoch=0,
    nonce=NONCE,
)
DOMAIN = Identity(OWNER, NETWORK).exchange
ORDER_ID = agreement.order_id(DOMAIN, OFFER)


def another(**changes: Any) -> Offer:
    return replace(OFFER, **changes)


def signed(
    offer: Offer = OFFER, by: Wallet = OWNER, thread: str = THREAD, name: str = "offer"
) -> m.SignedOffer:
    return m.SignedOffer(
        id=message_id(f"{name} {thread}"),
        thread=thread,
        offer=offer.to_json(),
        signature=agreement.sign(DOMAIN, offer, by.account_key),
    )


def counter(thread: str = THREAD, name: str = "counter", **changes: Any) -> m.Counter:
    fields: dict[str, Any] = {
        "id": message_id(f"{name} {thread}"),
        "thread": thread,
        "round": 1,
        "price": PRICE + 1,
        "bond": 500_000,
        "window": 86_400,
        "reveal_within": 1800,
        "expires": NOW + WEEK,
        "terms": TERMS,
    }
    return m.Counter(**(fields | changes))


def receipt(by: Wallet = BUYER, name: str = "receipt", **changes: Any) -> m.DeliveryReceipt:
    made = Receipt(ORDER_ID, SENT_ROOT)
    fields: dict[str, Any] = {
        "id": message_id(name),
        "thread": THREAD,
        "order": ORDER_ID,
        "root": SENT_ROOT,
        "signature": agreement.sign(DOMAIN, made, by.account_key),
    }
    return m.DeliveryReceipt(**(fields | changes))


def key(name: str = "key", **changes: Any) -> m.Key:
    fields: dict[str, Any] = {
        "id": message_id(name),
        "thread": THREAD,
        "order": ORDER_ID,
        "secret": SECRET,
    }
    return m.Key(**(fields | changes))


def confirmation(
    by: Wallet = BUYER, name: str = "confirmation", **changes: Any
) -> m.SignedConfirmation:
    made = Confirmation(ORDER_ID, SENT_ROOT, SCORES, agreement.review_hash(REVIEW))
    fields: dict[str, Any] = {
        "id": message_id(name),
        "thread": THREAD,
        "order": ORDER_ID,
        "root": SENT_ROOT,
        "scores": SCORES,
        "review": REVIEW,
        "signature": agreement.sign(DOMAIN, made, by.account_key),
    }
    return m.SignedConfirmation(**(fields | changes))


# how far the two have come


@dataclass(frozen=True)
class Pair:
    owner: Side
    buyer: Side

    def asked(self) -> None:
        requested(self.buyer)
        self.owner.hears(BUYER, request())

    def offered(self) -> None:
        self.asked()
        self.buyer.hears(OWNER, signed())
        proposal = ev.Proposal(TOKEN, PRICE, 500_000, 86_400, 1800, NOW + WEEK, TERMS, "")
        self.owner.journal.record(
            THREAD,
            ev.OfferSigned(NOW, OFFER.to_json(), signed().signature, ORDER_ID, proposal),
        )

    def funded(self) -> None:
        """Paid on record, and everything sent."""
        self.offered()
        for one in (self.owner, self.buyer):
            one.journal.record(THREAD, ev.Funded(NOW, 90, NOW + 1800))
        self.owner.sent_root = SENT_ROOT

    def receipted(self) -> None:
        self.funded()
        self.buyer.journal.record(THREAD, ev.ContentReceived(NOW, SENT_ROOT))
        self.buyer.journal.record(THREAD, ev.ReceiptSigned(NOW, SENT_ROOT, receipt().signature))
        self.owner.hears(BUYER, receipt())

    def keyed(self) -> None:
        self.receipted()
        self.buyer.hears(OWNER, key())
        self.owner.journal.record(THREAD, ev.KeyGiven(NOW, self.owner.identity.seal(SECRET)))
