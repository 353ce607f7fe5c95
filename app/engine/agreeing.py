"""What a person decides about orders: request, counter, sign, decline, pay, confirm, rate.

Each command is checked against the rules and, where money depends on it, against the chain; then
it becomes an event of the order or a record entry that is wanted. Nothing is sent from here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import trio

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain import exclusive
from app.domain.errors import RuleError
from app.domain.listing import check_price
from app.domain.money import least_bond_units
from app.domain.order import NEGOTIATING, Delivery, Order, Stage
from app.domain.terms import TermsChoice, document, subscription_of
from app.engine import checks, received, subscribed
from app.engine.allowance import want_allowance
from app.engine.bonds import Bonds
from app.engine.conversation import proposal_of
from app.engine.entries import Entries
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.engine.profile import Profile
from app.store import entries as entry_rows
from app.store import index, orders, reviews, settings
from app.store.database import Database
from app.store.index import RegisteredDataset
from chain import agreement
from chain.address import ZERO_ADDRESS
from chain.agreement import Confirmation, Offer
from chain.wallet import seal_to
from p2p.errors import Unreachable

PRACTICE_REVEAL_SECONDS = 1800
REVEAL_SECONDS = 7 * 86_400
LONGEST_NOTE_BYTES = 4096
FINAL_WAIT_SECONDS = 15


class Agreeing:
    """The commands of both roles about an order."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        entries: Entries,
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._entries = entries
        self._bonds = Bonds(database, ledger, identity.address, entries)
        self._signing = trio.Lock()

    # negotiating

    def request(self, command: cmd.RequestOffer) -> str:
        """The buyer asks for a signed offer; the new order's thread."""
        dataset = bytes.fromhex(command.dataset)
        me = self._identity.address
        with self._database.read() as session:
            row = index.registration(session, dataset)
            owner = index.profile(session, row.title_holder) if row else None
        if row is None or row.withdrawn:
            raise RuleError("request.withdrawn", "This dataset is not for sale any more.")
        if row.title_holder == me:
            raise RuleError("request.own", "This dataset is your own.")
        if owner is None:
            raise RuleError(
                "request.unreachable",
                "The owner has not said yet how to be reached. Try again later.",
            )
        proposal = self._proposal(
            command.token,
            command.price_units,
            self.least_bond(command.token, command.price_units),
            command.window_seconds,
            command.expires_at,
            command.terms,
            command.dataset,
            command.note,
        )
        return self._begin(row, owner.seal_key, proposal)

    def ask_for(self, row: RegisteredDataset, proposal: ev.Proposal) -> str:
        """The same for a version of a subscription, whose conditions are agreed already."""
        with self._database.read() as session:
            owner = index.profile(session, row.title_holder)
        if owner is None:
            raise Unreachable("The owner has not said yet how to be reached.")
        return self._begin(row, owner.seal_key, proposal)

    def _begin(self, row: RegisteredDataset, seal_key: bytes, proposal: ev.Proposal) -> str:
        with self._database.begin() as session:
            nonce = orders.next_buyer_nonce(session, row.title_holder)
        mask = self._identity.wallet.buyer_secret(row.title_holder, nonce)
        thread = secrets.token_hex(16)
        self._journal.begin(
            thread,
            "buyer",
            ev.RequestMade(
                at=self._ledger.now,
                owner=row.title_holder,
                buyer=self._identity.address,
                dataset=row.dataset_id,
                records=row.records,
                proposal=proposal,
                mask_commit=agreement.mask_commit(mask),
                sealed_mask=seal_to(seal_key, mask),
                buyer_nonce=nonce,
            ),
        )
        reached("request_journalled")
        return thread

    def counter(self, command: cmd.CounterOffer) -> None:
        order = self._negotiating(command.order)
        if order.stage == Stage.OFFERED:
            raise RuleError(
                "counter.signed",
                "A signed offer is on the table until it expires: accept it or decline.",
            )
        proposal = self._proposal(
            order.proposal.token,
            command.price_units,
            self.least_bond(order.proposal.token, command.price_units),
            command.window_seconds,
            command.expires_at,
            command.terms,
            order.dataset.hex(),
            command.note,
            subscription_of(order.proposal.terms),
        )
        with self._database.read() as session:
            subscribed.check(session, order.other, order.dataset, proposal, order.thread)
        self._journal.record(order.thread, ev.CounterMade(self._ledger.now, order.role, proposal))
        reached("counter_journalled")

    def decline(self, command: cmd.DeclineOrder) -> None:
        order = self._negotiating(command.order)
        check_note(command.note)
        self._journal.record(order.thread, ev.Declined(self._ledger.now, order.role, command.note))
        reached("decline_journalled")

    async def sign(self, command: cmd.SignOffer) -> None:
        """The owner's signature; the bond that is missing is moved into holding first."""
        async with self._signing:  # one at a time: each counts on what the one before left free
            await self._sign(command)

    async def _sign(self, command: cmd.SignOffer) -> None:
        order = self._negotiating(command.order)
        if order.role != "owner" or order.stage == Stage.OFFERED:
            raise RuleError("sign.not_now", "There is nothing to sign in this order now.")
        _as_read(order, command)
        proposal = order.proposal
        if proposal.expires_at <= self._ledger.now:
            raise RuleError(
                "sign.expired", "This proposal has expired. Answer with a counter-offer."
            )
        if command.bond_units < 0:
            raise RuleError("sign.bond", "The bond cannot be less than nothing.")
        exclusive.check(order, self._journal.all(), self._ledger.now)
        await self._registration_final(order)
        epoch = await trio.to_thread.run_sync(
            partial(checks.may_sign, self._database, self._ledger, self._identity, order)
        )
        await self._bonds.secure(proposal.token, command.bond_units)
        nonce = secrets.token_bytes(32)
        offer = Offer(
            owner=order.owner,
            buyer=order.buyer,
            dataset=order.dataset,
            records=order.records,
            token=proposal.token,
            price=proposal.price_units,
            bond=command.bond_units,
            key_commit=agreement.key_commit(self._identity.wallet.owner_secret(nonce)),
            mask_commit=order.mask_commit,
            terms=agreement.terms_hash(proposal.terms),
            expires=proposal.expires_at,
            reveal_within=proposal.reveal_within_seconds,
            window=proposal.window_seconds,
            epoch=epoch,
            nonce=nonce,
        )
        self._journal.record(
            order.thread,
            ev.OfferSigned(
                at=self._ledger.now,
                offer=offer.to_json(),
                signature=self._identity.sign(offer),
                order_id=agreement.order_id(self._identity.exchange, offer),
                proposal=proposal_of(offer, proposal.terms, ""),
            ),
        )
        reached("offer_journalled")

    async def _registration_final(self, order: Order) -> None:
        """Wait a little for a registration that is about to become final: who signs at once after
        registering is not sent away for a moment."""
        with self._database.read() as session:
            row = index.registration(session, order.dataset)
        with trio.move_on_after(FINAL_WAIT_SECONDS):
            while row is not None and row.block > self._ledger.final_block:
                await trio.sleep(0.2)

    # paying

    async def fund(self, command: cmd.FundOrder, still: Callable[[], bool] = lambda: True) -> None:
        """Every check before money moves; then the payment is wanted on the record. ``still`` is
        asked at the last moment: where nobody clicked, whether it may be paid."""
        order = self._journal.order(command.order)
        if order.role != "buyer" or order.stage != Stage.OFFERED or order.offer is None:
            raise RuleError("fund.not_now", "There is no signed offer to pay for in this order.")
        _as_read(order, command)
        if not self._ledger.network.practice:
            self.check_recoverable()
        if order.proposal.expires_at <= self._ledger.now:
            raise RuleError("fund.expired", "The offer has expired. Ask the owner for a new one.")
        if not order.manifest_files:
            raise RuleError(
                "fund.unchecked",
                "The dataset's list of files could not be checked yet. The owner's computer has "
                "to be online once before you pay.",
            )
        offer = Offer.from_json(order.offer)
        await trio.to_thread.run_sync(
            partial(
                checks.may_fund,
                self._database,
                self._ledger,
                self._identity,
                order,
                offer,
                self._profile.delivery(order.thread) / "manifest",
            )
        )
        with self._database.read() as session:
            before = entry_rows.for_thread(session, order.thread)
        tries = [entry for entry in before if entry.what == "fund"]
        if any(entry.state != "failed" for entry in tries):
            raise RuleError("fund.running", "Your payment is being recorded already.")
        if not still():
            raise RuleError(
                "fund.limit", "This version is not paid by itself any more. Pay it yourself."
            )
        want_allowance(
            self._database,
            self._ledger,
            self._entries,
            f"{order.thread}:approve:{len(tries)}",
            offer.token,
            offer.price,
            order.thread,
        )
        self._entries.want(
            f"{order.thread}:fund:{len(tries)}",
            "fund",
            thread=order.thread,
            made_at=self._ledger.now,
        )
        reached("fund_wanted")

    def check_recoverable(self) -> None:
        """Real money is paid only by an identity whose words are known to be on paper."""
        with self._database.read() as session:
            saved = settings.get(session, "backed_up", False)
        if not saved:
            raise RuleError(
                "fund.recovery",
                "Before the first payment with real money, save your recovery sheet: open it and "
                "type two of its words back.",
            )

    # after delivery

    def confirm(self, command: cmd.ConfirmOrder | cmd.RateOrder) -> None:
        """The buyer's Confirmation with its rating: releases the payment, or rates after it."""
        order = self._journal.order(command.order)
        rating = isinstance(command, cmd.RateOrder)
        stages = (Stage.PAID,) if rating else (Stage.FUNDED, Stage.REVEALED)
        if order.role != "buyer" or order.stage not in stages or not order.delivery_root:
            raise RuleError("confirm.not_now", "This order cannot be confirmed now.")
        checked = order.delivery == Delivery.CHECKED or order.has_untrue_statement
        if not rating and not checked:
            raise RuleError("confirm.unchecked", "The data has not been checked completely yet.")
        if order.confirmation:
            raise RuleError("confirm.done", "You have confirmed this order already.")
        if any(not 1 <= score <= 5 for score in command.scores):
            raise RuleError("confirm.scores", "Give one to five for each of the six questions.")
        check_note(command.words)
        review = self._review(order, command.words)
        digest = agreement.review_hash(review)
        confirmation = Confirmation(
            order.order_id, order.delivery_root, bytes(command.scores), digest
        )
        with self._database.begin() as session:
            reviews.keep(session, digest, review)
        self._journal.record(
            order.thread,
            ev.ConfirmationSigned(
                at=self._ledger.now,
                scores=bytes(command.scores),
                document=review,
                review=digest,
                signature=self._identity.sign(confirmation),
            ),
        )
        reached("confirmation_journalled")

    def _review(self, order: Order, words: str) -> dict[str, Any]:
        with self._database.read() as session:
            found = received.document(received.comparisons(session, order))
        measured = {name: found[name] for name in ("received", "differs") if name in found}
        return measured | {
            "lading": 1,
            "order": order.order_id.hex(),
            "words": words,
            "problem": order.problem,
            "untrue": order.fault if order.has_untrue_statement else "",
            "declared": {"records": order.records, "files": order.manifest_files}
            | found.get("declared", {}),
            "checked": order.delivery == Delivery.CHECKED,
        }

    def report(self, command: cmd.ReportProblem) -> None:
        if not command.words.strip():
            raise RuleError("report.empty", "Say what is wrong.")
        check_note(command.words)
        self._journal.record(
            command.order, ev.ProblemReported(self._ledger.now, command.words.strip())
        )

    def give_back(self, command: cmd.ReturnPayment) -> None:
        """The owner returns the payment; possible until the key was revealed or confirmed."""
        order = self._journal.order(command.order)
        if order.role != "owner" or order.stage != Stage.FUNDED:
            raise RuleError("refund.not_now", "There is no payment in holding to give back.")
        with self._database.read() as session:
            before = entry_rows.for_thread(session, order.thread)
        tries = sum(entry.what == "refund" for entry in before)
        self._entries.want(
            f"{order.thread}:refund:{tries}",
            "refund",
            thread=order.thread,
            made_at=self._ledger.now,
        )

    # inside

    @property
    def reveal_within(self) -> int:
        """Seconds from the payment to the deadline, in what is proposed here."""
        return PRACTICE_REVEAL_SECONDS if self._ledger.network.practice else REVEAL_SECONDS

    def least_bond(self, token: str, price_units: int) -> int:
        native = token == ZERO_ADDRESS
        return least_bond_units(price_units, (self._ledger.gas_price_wei or 0) if native else 0)

    def _negotiating(self, thread: str) -> Order:
        order = self._journal.order(thread)
        if order.stage not in NEGOTIATING:
            raise RuleError("order.not_negotiating", "This order is not being negotiated any more.")
        return order

    def _proposal(
        self,
        token: str,
        price_units: int,
        bond_units: int,
        window_seconds: int,
        expires_at: int,
        terms: TermsChoice,
        dataset: str,
        note: str,
        subscription: str = "",
    ) -> ev.Proposal:
        network = self._ledger.network
        check_price(price_units)
        if network.token(token) is None:
            raise RuleError("price.currency", "This network does not use that currency.")
        if not network.min_window <= window_seconds <= agreement.MAX_WAIT_SECONDS:
            raise RuleError(
                "offer.window",
                f"The time to check must be {network.min_window} seconds to 30 days.",
                least=network.min_window,
            )
        if expires_at <= self._ledger.now:
            raise RuleError("offer.expires", "The offer would expire in the past.")
        if expires_at > self._ledger.now + 90 * 86_400:
            raise RuleError("offer.expires_late", "An offer can stand for 90 days at most.")
        check_note(note)
        return ev.Proposal(
            token=token,
            price_units=price_units,
            bond_units=bond_units,
            window_seconds=window_seconds,
            reveal_within_seconds=self.reveal_within,
            expires_at=expires_at,
            terms=document(terms, dataset, subscription),
            note=note,
        )


def _as_read(order: Order, command: cmd.SignOffer | cmd.FundOrder) -> None:
    """RuleError unless the order still is what the person read before the click."""
    terms = agreement.terms_hash(order.proposal.terms).hex()
    read = (command.price_units, command.terms_fingerprint)
    if (order.proposal.price_units, terms) != read:
        raise RuleError(
            "order.changed", "The order changed while you were reading it. Read it again."
        )


def check_note(note: str) -> None:
    if len(note.encode()) > LONGEST_NOTE_BYTES:
        raise RuleError("note.long", "This text is too long: 4,096 bytes fit.")
