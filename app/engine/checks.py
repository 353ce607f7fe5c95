"""What the chain has to say before an Offer is signed and before it is paid (PROTOCOL §4).

The functions block (call them in a worker thread), raise RuleError with what is wrong, and
`chain.errors.Unreachable` while too few of the network's endpoints agree.
"""

from __future__ import annotations

from app.domain.errors import RuleError
from app.domain.order import Order
from app.engine.fees import check_fee
from app.engine.ledger import Ledger
from app.store import index
from app.store.database import Database
from chain import agreement
from chain.address import ZERO_ADDRESS
from chain.agreement import Offer
from chain.state import State

FUND_GAS = 120_000


def may_sign(ledger: Ledger, order: Order) -> int:
    """The dataset is still the owner's; the owner's epoch."""
    state = ledger.newest_state()
    _has_title(state, order)
    return state.epoch(order.owner)


def may_fund(database: Database, ledger: Ledger, address: str, order: Order, offer: Offer) -> None:
    """Registration, title, epoch and bond at a final block; the money of ``address`` now."""
    with database.read() as session:
        row = index.registration(session, order.dataset)
    if row is None or row.block > ledger.final_block or not _is_registered(ledger, row, offer):
        raise RuleError("fund.registration", "The dataset's registration is not final yet.")
    state = ledger.final_state()
    _has_title(state, order)
    if state.epoch(offer.owner) != offer.epoch:
        raise RuleError("fund.cancelled", "The owner has cancelled all its open offers.")
    if state.free_bond(offer.owner, offer.token) < offer.bond:
        raise RuleError("fund.bond", "The owner's bond is not in place yet. Try again in a moment.")
    gateway = ledger.gateway
    native = offer.token == ZERO_ADDRESS
    have = (
        gateway.native_balance(address) if native else gateway.token_balance(offer.token, address)
    )
    if have < offer.price:
        raise RuleError("fund.money", "There is not enough money for this payment.")
    check_fee(gateway, address, FUND_GAS, offer.price if native else 0)


def _is_registered(ledger: Ledger, row: index.RegisteredDataset, offer: Offer) -> bool:
    """Whether the dataset of the Offer is the registration with this root. Its id is a hash of the
    root and the number of records, so an event that says otherwise was made up."""
    registry = ledger.network.registry
    found = agreement.dataset_id(registry, row.registrant, row.root, offer.records)
    return found == offer.dataset


def _has_title(state: State, order: Order) -> None:
    row = state.dataset(order.dataset)
    if row is None or row.title != order.owner:
        raise RuleError("order.title", "The dataset's title has passed to somebody else.")
