"""From an entry to the call it records: built anew, from the journal, each time it is signed.

Building at signing time keeps secrets out of the database and makes a repeat the same; it may
read the chain (allowances, the commit a registration needs), so it runs in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.domain import events as ev
from app.domain.order import ENDED, NEGOTIATING, Order, Stage
from app.engine.entries import NotYet
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.store import datasets, entries, orders, settings
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.entries import Entry
from chain import exchange, registry
from chain.address import ZERO_ADDRESS
from chain.agreement import Offer
from chain.errors import Refused
from chain.gateway import Call
from chain.practice import dollars_call
from chain.registry import Registration

PERMIT_SECONDS = 3600
SPENDING = ("approve", "bond", "fund")


class Calls:
    """Builds the call of any entry this app wants (the vocabulary of `Entry.what`)."""

    def __init__(self, database: Database, ledger: Ledger, identity: Identity) -> None:
        self._database = database
        self._ledger = ledger
        self._network = ledger.network
        self._identity = identity
        self._table: dict[str, Callable[[Entry], Call]] = {
            "commit": self._commit,
            "register": self._register,
            "listing": self._listing,
            "withdraw_listing": self._withdraw_listing,
            "profile": self._profile,
            "want": self._want,
            "unwant": self._unwant,
            "approve": self._approve,
            "fund": self._fund,
            "reveal": self._reveal,
            "confirm": self._confirm,
            "complain": self._complain,
            "accept": self._accept,
            "refund": self._refund,
            "rate": self._rate,
            "bond": self._bond,
            "take_out": self._take_out,
            "send": self._send,
            "practice": self._practice,
        }

    def build(self, entry: Entry) -> Call:
        """The call. Raises `NotYet`, `chain.errors.Refused`, `chain.errors.Unreachable`."""
        return self._table[entry.what](entry)

    def too_late(self, entry: Entry) -> bool:
        """Whether the entry would show a secret of ours for nothing: its deadline has passed."""
        if entry.what not in ("reveal", "complain"):
            return False
        _, order = self._offer(entry)
        ended = order.stage in ENDED
        return ended or order.deadline is None or self._ledger.now > order.deadline

    # registry

    def _own(self, entry: Entry) -> OwnDataset:
        with self._database.read() as session:
            own = datasets.load(session, entry.dataset)
        if own is None:
            raise Refused("the dataset is no longer in My datasets")
        return own

    def _commit(self, entry: Entry) -> Call:
        own = self._own(entry)
        commitment = registry.commitment(
            self._network,
            self._identity.address,
            registry.arguments_hash(registration(own)),
            own.register_salt,
        )
        return registry.commit_call(self._network, commitment)

    def _register(self, entry: Entry) -> Call:
        own = self._own(entry)
        with self._database.read() as session:
            commit = entries.by_key(session, entry.key.replace("register", "commit", 1))
        if commit is None or commit.state not in ("recorded", "final"):
            raise NotYet
        if commit.block_number is None or commit.block_number >= self._ledger.gateway.head().number:
            raise NotYet
        return registry.register_call(self._network, registration(own), own.register_salt)

    def _listing(self, entry: Entry) -> Call:
        own = self._own(entry)
        return registry.update_listing_call(self._network, _recorded(own), own.listing)

    def _withdraw_listing(self, entry: Entry) -> Call:
        return registry.withdraw_call(self._network, _recorded(self._own(entry)))

    def _want(self, entry: Entry) -> Call:
        said = self._said(entry)
        return registry.want_call(
            self._network, bytes.fromhex(said["content"]), int(said["expires"])
        )

    def _unwant(self, entry: Entry) -> Call:
        return registry.unwant_call(self._network, bytes.fromhex(self._said(entry)["want"]))

    def _said(self, entry: Entry) -> dict[str, Any]:
        with self._database.read() as session:
            said: dict[str, Any] = settings.get(session, f"entry:{entry.key}")
        return said

    def _profile(self, entry: Entry) -> Call:
        with self._database.read() as session:
            wanted = settings.get(session, "profile", None)
        if wanted is None:
            raise Refused("there is nothing to say about this identity")
        profile = registry.Profile(
            name=wanted["name"],
            peer_id=wanted["peer_id"],
            seal_key=bytes.fromhex(wanted["seal_key"]),
            addresses=tuple(wanted["addresses"]),
        )
        return registry.set_profile_call(self._network, profile)

    # exchange

    def _paid(self, entry: Entry) -> tuple[Offer, Order]:
        """Of an order whose payment is on record. `NotYet` while it is not: a reorganisation took
        it back, and it is on its way again."""
        offer, order, _ = self._on_record(entry)
        return offer, order

    def _running(self, entry: Entry) -> tuple[Offer, Order, int]:
        """For what ends an order or brings its end nearer; with the state it has on record. Refused
        once it has ended in another way, and `NotYet` while such an end is not final."""
        offer, order, state = self._on_record(entry)
        if order.stage in ENDED:
            raise Refused("the order has ended already")
        if state not in (exchange.FUNDED, exchange.ACKED, exchange.REVEALED):
            raise NotYet
        return offer, order, state

    def _on_record(self, entry: Entry) -> tuple[Offer, Order, int]:
        offer, order = self._offer(entry)
        if order.stage in (Stage.LAPSED, Stage.DECLINED):
            raise Refused("the order was never paid")
        state = self._ledger.newest_state().order(order.order_id).state
        if order.stage in NEGOTIATING or state == exchange.NONE:
            raise NotYet
        return offer, order, state

    def _offer(self, entry: Entry) -> tuple[Offer, Order]:
        with self._database.read() as session:
            order = orders.load(session, entry.thread)
        if order is None or order.offer is None:
            raise Refused("the order has no signed offer")
        return Offer.from_json(order.offer), order

    def _alone(self, entry: Entry) -> None:
        """`NotYet` while another entry that spends an allowance is not in a block: a permit or an
        allowance read before that is used up by the other."""
        with self._database.read() as session:
            under_way = entries.unfinished(session)
        if any(
            other.state == "signed" and other.what in SPENDING and other.id != entry.id
            for other in under_way
        ):
            raise NotYet

    def _fund(self, entry: Entry) -> Call:
        self._alone(entry)
        offer, order = self._offer(entry)
        permit = None
        if offer.token != ZERO_ADDRESS and self._allowance(offer.token) < offer.price:
            permit = self._permit(offer.token, offer.price)
        return exchange.fund_call(self._network, offer, order.signature, permit)

    def _allowance(self, token: str) -> int:
        return self._ledger.gateway.allowance(token, self._identity.address, self._network.exchange)

    def _permit(self, token: str, amount: int) -> exchange.Permit:
        known = self._network.token(token)
        if known is None or not known.permit:
            raise NotYet  # the approve entry wanted before this one is not recorded yet
        gateway = self._ledger.gateway
        return exchange.sign_permit(
            self._network,
            token,
            self._identity.wallet.account_key,
            amount,
            gateway.permit_nonce(token, self._identity.address),
            self._ledger.now + PERMIT_SECONDS,
            gateway.permit_separator(token),
        )

    def _approve(self, entry: Entry) -> Call:
        self._alone(entry)
        values = self._values(entry)
        return exchange.approve_call(values["token"], self._network.exchange, int(values["amount"]))

    def _reveal(self, entry: Entry) -> Call:
        offer, order, _ = self._running(entry)
        if self.too_late(entry):
            raise Refused("the time for a reveal has passed")
        secret = self._identity.wallet.owner_secret(offer.nonce)
        return exchange.reveal_call(
            self._network, offer, order.delivery_root, order.receipt, secret
        )

    def _confirm(self, entry: Entry) -> Call:
        offer, order, _ = self._running(entry)
        mine = order.role == "buyer"
        signature = b"" if mine else order.confirmation
        return exchange.confirm_call(
            self._network, offer, order.delivery_root, order.scores, order.review, signature
        )

    def _complain(self, entry: Entry) -> Call:
        """With the evidence as it was journalled. `NotYet` while the reveal is not on record: the
        buyer's secret is shown only where it wins."""
        offer, order, state = self._running(entry)
        if self.too_late(entry):
            raise Refused("the time for a complaint has passed")
        if not order.revealed or state != exchange.REVEALED:
            raise NotYet
        with self._database.read() as session:
            happened = orders.events(session, entry.thread)
        fault = next((one for one in happened if isinstance(one, ev.RecordFailed)), None)
        if fault is None or fault.evidence is None:
            raise Refused("there is no evidence of a wrong record")
        return exchange.complain_call(
            self._network,
            offer,
            order.delivery_root,
            order.revealed,
            self._identity.wallet.buyer_secret(order.owner, order.buyer_nonce or 0),
            fault.index,
            fault.evidence.ciphertext,
            fault.evidence.leaf,
            fault.evidence.path,
        )

    def _accept(self, entry: Entry) -> Call:
        return exchange.accept_call(self._network, self._running(entry)[0])

    def _refund(self, entry: Entry) -> Call:
        return exchange.refund_call(self._network, self._running(entry)[0])

    def _rate(self, entry: Entry) -> Call:
        offer, order = self._paid(entry)
        return exchange.rate_call(self._network, offer, order.scores, order.review)

    # money

    def _values(self, entry: Entry) -> dict[str, str]:
        with self._database.read() as session:
            values: dict[str, str] | None = settings.get(session, f"entry:{entry.key}", None)
        if values is None:
            raise Refused("what was to be recorded is not known any more")
        return values

    def _bond(self, entry: Entry) -> Call:
        self._alone(entry)
        values = self._values(entry)
        token, amount = values["token"], int(values["amount"])
        permit = None
        if token != ZERO_ADDRESS and self._allowance(token) < amount:
            permit = self._permit(token, amount)
        return exchange.deposit_call(self._network, token, amount, permit)

    def _take_out(self, entry: Entry) -> Call:
        values = self._values(entry)
        return exchange.withdraw_call(
            self._network, values["token"], int(values["amount"]), self._identity.address
        )

    def _send(self, entry: Entry) -> Call:
        values = self._values(entry)
        return exchange.transfer_call(values["token"], values["to"], int(values["amount"]))

    def _practice(self, entry: Entry) -> Call:
        return dollars_call(self._identity.address)


def registration(own: OwnDataset) -> Registration:
    """What goes on record about a draft. Confidential ones hide the content id (PROTOCOL §2)."""
    return Registration(
        content_id=own.registered_content_id,
        root=own.root,
        records=own.records,
        length=own.length,
        salt_nonce=own.salt_nonce,
        parent=own.parent or bytes(32),
        listing=own.listing,
    )


def _recorded(own: OwnDataset) -> bytes:
    if own.dataset_id is None:
        raise NotYet
    return own.dataset_id
