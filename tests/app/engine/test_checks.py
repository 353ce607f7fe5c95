"""Each check of PROTOCOL §4 that is made at the last moment, before a signature or money.

``CHECKS`` names them all with the one thing that is wrong; the honest order passes every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain import events as ev
from app.domain.errors import RuleError
from app.domain.order import Order
from app.engine.checks import may_fund, may_sign
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.store.index import Index
from chain import agreement
from chain.answers import Block
from chain.exchange import Funded
from chain.indexer import ChainEvent, Cursor
from chain.network import Network
from chain.registry import DatasetRow
from chain.wallet import seal_to
from p2p.manifest import FileEntry, Manifest
from p2p.records import PAYLOAD
from tests.app.engine.sides import (
    BUYER,
    NETWORK,
    NOW,
    OFFER,
    OWNER,
    PRICE,
    RECORDS,
    TERMS,
    THIRD,
    THREAD,
    TOKEN,
    Pair,
    Side,
    another,
)

FILES = Manifest((FileEntry("wind.csv", PAYLOAD * (RECORDS - 1), b"c" * 32),))


@dataclass
class Record:
    """What the chain would answer: an honest one, unless a test says otherwise."""

    title: str = OWNER.address
    owners_epoch: int = OFFER.epoch
    bond: int = OFFER.bond
    money: int = OFFER.price
    coins: int = 10**18
    network: Network = NETWORK

    # as State
    def dataset(self, dataset: bytes) -> DatasetRow:
        return DatasetRow(self.title, NOW, False)

    def epoch(self, owner: str) -> int:
        return self.owners_epoch

    def free_bond(self, owner: str, token: str) -> int:
        return self.bond

    # as Gateway
    def fee_wei(self, gas: int) -> int:
        return gas

    def native_balance(self, address: str) -> int:
        return self.coins

    def token_balance(self, token: str, address: str) -> int:
        return self.money


@dataclass
class Case:
    """The last moment before paying. ``order`` and ``offer`` are what the journal holds."""

    side: Side
    order: Order
    manifest: Path
    record: Record = field(default_factory=Record)
    offer: agreement.Offer = OFFER
    final_block: int = 90

    def ledger(self) -> Ledger:
        class Seen:
            network = NETWORK
            gateway = self.record
            final_block = self.final_block

            def final_state(_) -> Record:  # noqa: N805
                return self.record

            newest_state = final_state

        return cast(Ledger, Seen())

    def fund(self) -> None:
        identity = self.side.identity
        may_fund(self.side.database, self.ledger(), identity, self.order, self.offer, self.manifest)

    def sign(self) -> int:
        return may_sign(self.side.database, self.ledger(), self.side.identity, self.order)

    def signs_another(self, **changes: Any) -> None:
        """The owner really signed another Offer, and the journal holds that one."""
        self.offer = another(**changes)
        self.order = replace(
            self.order,
            signature=agreement.sign(self.side.identity.exchange, self.offer, OWNER.account_key),
            order_id=agreement.order_id(self.side.identity.exchange, self.offer),
        )


@pytest.fixture
def case(pair: Pair, tmp_path: Path) -> Case:
    pair.offered()
    manifest = tmp_path / "manifest"
    manifest.write_bytes(FILES.encode())
    order = pair.buyer.order()
    assert order is not None
    return Case(pair.buyer, order, manifest)


def not_final(case: Case) -> None:
    case.final_block = 9  # the registration is in block 10


def other_title(case: Case) -> None:
    case.record.title = THIRD.address


def cancelled(case: Case) -> None:
    case.record.owners_epoch += 1


def no_bond(case: Case) -> None:
    case.record.bond -= 1


def other_manifest(case: Case) -> None:
    """The registration was replaced: same root, other statements."""
    case.manifest.write_bytes(Manifest((replace(FILES.files[0], blake3=b"d" * 32),)).encode())


def shorter_manifest(case: Case) -> None:
    case.manifest.write_bytes(Manifest((replace(FILES.files[0], size=1),)).encode())


def no_manifest(case: Case) -> None:
    case.manifest.unlink()


def other_signer(case: Case) -> None:
    signature = agreement.sign(case.side.identity.exchange, OFFER, THIRD.account_key)
    case.order = replace(case.order, signature=signature)


def other_chain(case: Case) -> None:
    case.side.identity = Identity(BUYER, replace(NETWORK, chain_id=1))


def other_contract(case: Case) -> None:
    case.side.identity = Identity(BUYER, replace(NETWORK, exchange=THIRD.address))


def broken_signature(case: Case) -> None:
    case.order = replace(case.order, signature=b"")


def other_terms(case: Case) -> None:
    proposal = replace(case.order.proposal, terms=TERMS | {"note": "more"})
    case.order = replace(case.order, proposal=proposal)


def differs(**changes: Any) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        case.signs_another(**changes)

    change.__name__ = f"other_{next(iter(changes))}"
    return change


def other_mask(case: Case) -> None:
    case.order = replace(case.order, buyer_nonce=1)


def unknown_mask(case: Case) -> None:
    case.order = replace(case.order, buyer_nonce=None)


def used_key(case: Case) -> None:
    """Somebody else paid for the same key before."""
    sold = another(buyer=THIRD.address, nonce=b"z" * 32)
    order_id = agreement.order_id(case.side.identity.exchange, sold)
    body = Funded(order_id, OWNER.address, THIRD.address, sold, NOW + 1800)
    block = Block(20, b"k" * 32, NOW - 50)
    fact = ChainEvent(block.number, block.hash, block.timestamp, b"u" * 32, 0, body)
    Index(case.side.database).apply([fact], [block], Cursor(block.number, block.hash))


def too_little(case: Case) -> None:
    case.record.money -= 1


def no_fee(case: Case) -> None:
    case.record.coins = 0


CHECKS: list[tuple[Callable[[Case], None], str]] = [
    (not_final, "fund.registration"),
    (other_title, "order.title"),
    (cancelled, "fund.cancelled"),
    (no_bond, "fund.bond"),
    (other_manifest, "fund.manifest"),
    (shorter_manifest, "fund.manifest"),
    (no_manifest, "fund.manifest"),
    (other_signer, "fund.other"),
    (broken_signature, "fund.other"),
    (other_chain, "fund.other"),
    (other_contract, "fund.other"),
    (other_terms, "fund.other"),
    (differs(price=PRICE + 1), "fund.other"),
    (differs(bond=OFFER.bond - 1), "fund.other"),
    (differs(window=OFFER.window - 1), "fund.other"),
    (differs(reveal_within=OFFER.reveal_within + 1), "fund.other"),
    (differs(expires=OFFER.expires + 1), "fund.other"),
    (differs(records=RECORDS - 1), "fund.other"),
    (differs(dataset=b"x" * 32), "fund.other"),
    (differs(token=THIRD.address), "fund.other"),
    (differs(buyer=THIRD.address), "fund.other"),
    (differs(terms=b"x" * 32), "fund.other"),
    (differs(mask_commit=b"x" * 32), "fund.mask"),
    (other_mask, "fund.mask"),
    (unknown_mask, "fund.mask"),
    (used_key, "fund.key"),
    (too_little, "fund.money"),
    (no_fee, "fund.fee"),
]


def test_an_honest_offer_may_be_paid_and_signed(case: Case, pair: Pair) -> None:
    case.fund()
    order = pair.owner.order()
    assert order is not None
    assert replace(case, side=pair.owner, order=order).sign() == OFFER.epoch


@pytest.mark.parametrize(("wrong", "code"), CHECKS, ids=lambda one: getattr(one, "__name__", one))
def test_nothing_is_paid_where_one_thing_is_wrong(
    case: Case, wrong: Callable[[Case], None], code: str
) -> None:
    wrong(case)
    with pytest.raises(RuleError) as refused:
        case.fund()
    assert refused.value.code == code


def test_the_order_that_is_paid_is_no_earlier_use_of_its_own_key(case: Case) -> None:
    """A payment that was recorded and not noticed yet: the key is the order's own."""
    body = Funded(case.order.order_id, OWNER.address, BUYER.address, OFFER, NOW + 1800)
    block = Block(20, b"k" * 32, NOW - 50)
    fact = ChainEvent(block.number, block.hash, block.timestamp, b"u" * 32, 0, body)
    Index(case.side.database).apply([fact], [block], Cursor(block.number, block.hash))
    case.fund()


@pytest.mark.parametrize(
    "sealed", [b"nonsense", seal_to(OWNER.seal_public, b"n" * 32)], ids=["no_seal", "other_secret"]
)
def test_nothing_is_signed_for_a_secret_that_is_not_the_committed_one(
    case: Case, pair: Pair, sealed: bytes
) -> None:
    order = pair.owner.order()
    assert order is not None
    signing = replace(case, side=pair.owner, order=replace(order, sealed_mask=sealed))
    with pytest.raises(RuleError) as refused:
        signing.sign()
    assert refused.value.code == "sign.mask"


@pytest.mark.parametrize(("wrong", "code"), CHECKS[:2])
def test_nothing_is_signed_about_a_dataset_that_is_not_mine_for_good(
    case: Case, pair: Pair, wrong: Callable[[Case], None], code: str
) -> None:
    order = pair.owner.order()
    assert order is not None
    signing = replace(case, side=pair.owner, order=order)
    wrong(signing)
    with pytest.raises(RuleError) as refused:
        signing.sign()
    assert refused.value.code == code


def test_the_journal_holds_what_was_paid(case: Case) -> None:
    """The case is made of the same events as an order: nothing in it was made up."""
    kinds = [type(event) for event in case.side.events(THREAD)]
    assert kinds == [ev.RequestMade, ev.OfferSigned]
    assert case.order.proposal.token == TOKEN
