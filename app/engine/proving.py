"""Saves the proof of a dispute, what the engine holds of it or what stands on record, and that of a
subscription.

The buyer's app has the evidence in its journal. Where a second device complained, and for the
owner, it is read from the transaction itself. Either way the proof is checked before it is written.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import trio

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.errors import RuleError
from app.domain.order import Order
from app.domain.subscriptions import Subscription
from app.engine import evidence, subscribed
from app.engine.evidence import Agreed, Proof, Registered
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.profile import Profile
from app.store import datasets, index, orders, subscriptions
from app.store.database import Database
from chain import exchange
from chain.agreement import Offer
from chain.complaint import Complaint, decode_complaint
from chain.private_file import write_private
from p2p import files, merkle


class Proving:
    """For one identity on one network."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity

    async def save(self, command: cmd.SaveProof) -> None:
        """Write the proof of a won or lost dispute. RuleError where there is none."""
        order = self._journal.order(command.order)
        if order.ending != "complaint" or order.offer is None:
            raise RuleError("proof.none", "No record of this order was proven to be wrong.")
        await trio.to_thread.run_sync(partial(self._save, order, command.path))

    def _save(self, order: Order, path: Path) -> None:
        proof = self._proof(order)
        try:
            evidence.check(proof)
        except ValueError as error:
            raise _incomplete() from error
        _write(path, evidence.document(proof))

    async def save_agreement(self, command: cmd.SaveAgreement) -> None:
        """Write what both sides of a subscription signed. RuleError while they have not."""
        with self._database.read() as session:
            said = subscriptions.load(session, command.subscription)
        if said is None or not said.answer:
            raise RuleError("subscription.not_agreed", "This subscription is not agreed.")
        domain, agreed = self._identity.exchange, _signed(said, said.last.terms)
        try:
            evidence.check_agreement(domain, agreed)
        except ValueError as error:
            raise _incomplete() from error
        document = evidence.agreement_document(domain, agreed)
        await trio.to_thread.run_sync(_write, command.path, document)

    def _proof(self, order: Order) -> Proof:
        with self._database.read() as session:
            facts = index.order_events(session, order.order_id)
            happened = orders.events(session, order.thread)
            row = index.registration(session, order.dataset)
        made = next((f for f in reversed(facts) if isinstance(f.body, exchange.Complained)), None)
        if made is None or row is None:
            raise _incomplete()
        complaint = self._own_complaint(order, happened) or self._recorded(made.tx_hash)
        network = self._ledger.network
        return Proof(
            domain=self._identity.exchange,
            signature=order.signature,
            receipt=order.receipt,
            complaint=complaint,
            registered=Registered(
                network.registry, row.registrant, row.root, self._path(order, complaint.index)
            ),
            transaction=made.tx_hash,
            agreed=self._agreed(order),
        )

    def _agreed(self, order: Order) -> Agreed | None:
        with self._database.read() as session:
            said = subscribed.of(session, order.proposal)
        return _signed(said, order.proposal.terms) if said is not None else None

    def _own_complaint(self, order: Order, happened: tuple[ev.Event, ...]) -> Complaint | None:
        """From the journal, if it is about the record that decided."""
        fault = next((one for one in happened if isinstance(one, ev.RecordFailed)), None)
        ended = next((one for one in happened if isinstance(one, ev.Complained)), None)
        if fault is None or fault.evidence is None or ended is None or order.offer is None:
            return None
        if fault.index != ended.index:
            return None
        return Complaint(
            Offer.from_json(order.offer),
            ended.delivery_root,
            order.revealed,
            ended.mask,
            fault.index,
            fault.evidence.ciphertext,
            fault.evidence.leaf,
            fault.evidence.path,
        )

    def _recorded(self, tx_hash: bytes) -> Complaint:
        calldata = self._ledger.gateway.calldata(tx_hash)
        try:
            return decode_complaint(calldata or b"")
        except ValueError as error:
            raise _incomplete() from error

    def _path(self, order: Order, number: int) -> tuple[bytes, ...]:
        """Of the record's hash under the registered root, from the hashes on this disk."""
        place = self._profile.delivery(order.thread) / "leaves"
        if order.role == "owner":
            with self._database.read() as session:
                own = datasets.by_dataset_id(session, order.dataset)
            if own is None:
                raise _incomplete()
            place = self._profile.leaves(own.key)
        try:
            with files.mapped(place) as view:
                return tuple(merkle.path(view, number))
        except (OSError, ValueError) as error:
            raise _incomplete() from error


def _signed(said: Subscription, terms: dict[str, Any]) -> Agreed:
    """With each side's signature, whoever accepted."""
    signatures = {said.last.by: said.last.signature}
    theirs = signatures.get("owner", said.answer), signatures.get("buyer", said.answer)
    return Agreed(said.value, *theirs, terms)


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        write_private(path, json.dumps(document, indent=1).encode())
    except OSError as error:
        raise RuleError(
            "file.write", f"The file could not be written: {error.strerror}.", path=str(path)
        ) from error


def _incomplete() -> RuleError:
    return RuleError(
        "proof.incomplete",
        "The proof cannot be put together: a part of it is not on this computer.",
    )
