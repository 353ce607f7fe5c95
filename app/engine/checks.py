"""Everything that is checked before an Offer is signed and before it is paid (PROTOCOL §4).

Some is checked where it comes in and never again, because it cannot change after that; the rest is
here, at the last moment before a signature or money. Where each check stands:

    manifest records opened under R ........ Deliveries.fetch_manifest (p2p.openings.check_manifest)
    n, length, B against the manifest ...... there, and `_manifest_fits` against the final record
    dataset ↔ (R, n) at a final block ...... `_registration`
    title of the dataset ................... `_has_title`, final for the buyer, newest for the owner
    the owner's epoch ...................... `may_fund`; `may_sign` reads it into the Offer
    bond in place, at a final block ........ `may_fund`
    chain and contract ..................... `_binds` (the order's id), Gateway.check (code, chain)
    the owner's signature, both parties .... Conversation._offer, and `_binds`
    the buyer's own maskCommit ............. `_own_mask`
    m against maskCommit, for the owner .... Conversation._check_mask, and `_mask_opens`
    every negotiated field ................. Conversation._offer (one of the proposals made),
                                             `_binds` (what the person read)
    bytes of the terms ..................... Conversation._offer, and `_binds`
    a keyCommit that was seen before ....... Conversation._offer (journal), `_fresh_key` (on record)
    one unexpired Offer a negotiation ...... app.domain.order (OFFERED takes no second one)
    not expired, times within bounds ....... Agreeing, Conversation._check_times
    the buyer's money, and the fee ......... `may_fund`

The functions block (call them in a worker thread), raise RuleError with what is wrong, and
`chain.errors.Unreachable` while too few of the network's endpoints agree.
"""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import RuleError
from app.domain.order import Order
from app.engine.conversation import proposal_of
from app.engine.fees import check_fee
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.store import index
from app.store.database import Database
from app.store.index import RegisteredDataset
from chain import agreement
from chain.address import ZERO_ADDRESS
from chain.agreement import Offer
from chain.errors import InvalidSignature
from chain.state import State
from p2p.errors import PeerError
from p2p.manifest import Manifest
from p2p.openings import check_statements
from p2p.records import Fingerprint

FUND_GAS = 120_000


def may_sign(database: Database, ledger: Ledger, identity: Identity, order: Order) -> int:
    """The registration is final, the dataset still the owner's, the buyer's secret the committed
    one; the owner's epoch."""
    _registration(database, ledger, order)
    _mask_opens(identity, order)
    state = ledger.newest_state()
    _has_title(state, order)
    return state.epoch(order.owner)


def may_fund(
    database: Database,
    ledger: Ledger,
    identity: Identity,
    order: Order,
    offer: Offer,
    manifest: Path,
) -> None:
    """The Offer is what was agreed; registration, title, epoch and bond hold at a final block; the
    money is there now. ``manifest``: the file that keeps what was checked before."""
    _binds(identity, order, offer)
    _own_mask(identity, order, offer)
    _fresh_key(database, order, offer)
    _manifest_fits(_registration(database, ledger, order), manifest)
    state = ledger.final_state()
    _has_title(state, order)
    if state.epoch(offer.owner) != offer.epoch:
        raise RuleError("fund.cancelled", "The owner has cancelled all its open offers.")
    if state.free_bond(offer.owner, offer.token) < offer.bond:
        raise RuleError("fund.bond", "The owner's bond is not in place yet. Try again in a moment.")
    gateway, address = ledger.gateway, identity.address
    native = offer.token == ZERO_ADDRESS
    have = (
        gateway.native_balance(address) if native else gateway.token_balance(offer.token, address)
    )
    if have < offer.price:
        raise RuleError("fund.money", "There is not enough money for this payment.")
    check_fee(gateway, address, FUND_GAS, offer.price if native else 0)


def _registration(database: Database, ledger: Ledger, order: Order) -> RegisteredDataset:
    """The final registration of the order's dataset. Its id is a hash of the root and the number of
    records, so an event that says otherwise was made up."""
    with database.read() as session:
        row = index.registration(session, order.dataset)
    registry = ledger.network.registry
    if (
        row is None
        or row.block > ledger.final_block
        or row.records != order.records
        or agreement.dataset_id(registry, row.registrant, row.root, order.records) != order.dataset
    ):
        raise RuleError("fund.registration", "The dataset's registration is not final yet.")
    return row


def _manifest_fits(row: RegisteredDataset, manifest: Path) -> None:
    """The statements beside the root, as they are final now, are those of the checked manifest: a
    reorganisation can have replaced them under the same root."""
    said = Fingerprint(row.content_id, row.root, row.records, row.length)
    try:
        check_statements(Manifest.decode(manifest.read_bytes()), said)
    except (OSError, PeerError) as error:
        raise RuleError(
            "fund.manifest",
            "What the owner registered beside the fingerprint does not fit the list of files.",
        ) from error


def _binds(identity: Identity, order: Order, offer: Offer) -> None:
    """The owner signed it for this chain and contract, and it says what the order says."""
    try:
        signer = agreement.recover(identity.exchange, offer, order.signature)
    except InvalidSignature:
        signer = ""
    agreed = (
        signer == offer.owner == order.owner
        and offer.buyer == order.buyer == identity.address
        and (offer.dataset, offer.records) == (order.dataset, order.records)
        and agreement.order_id(identity.exchange, offer) == order.order_id
        and agreement.terms_hash(order.proposal.terms) == offer.terms
        and proposal_of(offer, order.proposal.terms, order.proposal.note) == order.proposal
    )
    if not agreed:
        raise RuleError("fund.other", "The signed offer is not what was agreed. Do not pay it.")


def _own_mask(identity: Identity, order: Order, offer: Offer) -> None:
    """Only what this identity can open is paid for."""
    mask = identity.wallet.buyer_secret(order.owner, order.buyer_nonce or 0)
    if order.buyer_nonce is None or agreement.mask_commit(mask) != offer.mask_commit:
        raise RuleError("fund.mask", "The offer is not for a secret of yours. Do not pay it.")


def _mask_opens(identity: Identity, order: Order) -> None:
    try:
        mask = identity.wallet.open_sealed(order.sealed_mask)
    except ValueError:
        mask = bytes(32)
    if agreement.mask_commit(mask) != order.mask_commit:
        raise RuleError("sign.mask", "The buyer's secret does not fit its commitment. Decline.")


def _fresh_key(database: Database, order: Order, offer: Offer) -> None:
    """The key is not that of an order which was paid before, by anybody: it may be public."""
    with database.read() as session:
        paid = index.payments_to(session, order.owner)
    if any(
        other.offer.key_commit == offer.key_commit and other.order_id != order.order_id
        for other in paid
    ):
        raise RuleError("fund.key", "The owner has sold with this key before. Do not pay for it.")


def _has_title(state: State, order: Order) -> None:
    row = state.dataset(order.dataset)
    if row is None or row.title != order.owner:
        raise RuleError("order.title", "The dataset's title has passed to somebody else.")
