# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Lading: escrow for orders of data
@license Apache-2.0
@notice Holds a buyer's price and an owner's bond until an order has ended.
@dev Who can stop it: nobody. There is no owner, administrator, pause, fee or upgrade. Before the
     deadline only the order's owner (by a refund) and its buyer (by a confirmation) can end it.

     An order is one storage slot under its id, the EIP-712 digest of its Offer; callers send the
     Offer again with each call. Endings write their state first and pay then; what cannot be paid
     is credited in the ledger, so no ending fails because of a token or a receiver. Per token:
     balance >= ledger + locked bonds + locked prices. Words and rules: PROTOCOL section 5.
"""

import ecdsa
import eip712
import funds

initializes: eip712
initializes: funds

exports: (
    funds.deposit,
    funds.deposit_with_permit,
    funds.withdraw,
    funds.ledger,
)


interface Registry:
    def title_of(dataset: bytes32) -> address: view


# What an owner signs. `token` zero is the chain's own currency; money in smallest units;
# `expires` unix seconds; `reveal_within` and `window` seconds.
struct Offer:
    owner: address
    buyer: address
    dataset: bytes32
    records: uint64
    token: address
    price: uint256
    bond: uint256
    key_commit: bytes32
    mask_commit: bytes32
    terms: bytes32
    expires: uint64
    reveal_within: uint32
    window: uint32
    epoch: uint32
    nonce: bytes32


event Funded:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    offer: Offer
    deadline: uint64


event Confirmed:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    delivery_root: bytes32
    scores: bytes6
    review: bytes32


event Revealed:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    delivery_root: bytes32
    secret: bytes32
    deadline: uint64


event Accepted:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)


event Refunded:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    by_owner: bool


event Rated:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    scores: bytes6
    review: bytes32


# A payment of this order failed and waits in the ledger.
event Credited:
    order_id: indexed(bytes32)
    account: indexed(address)
    token: indexed(address)
    amount: uint256


event EpochRaised:
    owner: indexed(address)
    epoch: uint32


# States, in the low 8 bits of an order's word. Every state up to REVEALED is a running order.
FUNDED: constant(uint256) = 1
ACKED: constant(uint256) = 2
REVEALED: constant(uint256) = 3
PAID: constant(uint256) = 4
PAID_RATED: constant(uint256) = 5
REFUNDED: constant(uint256) = 6

STATE_MASK: constant(uint256) = 2**8 - 1
DEADLINE_MASK: constant(uint256) = 2**40 - 1
ROOT_MASK: constant(uint256) = (2**208 - 1) << 48

MAX_RECORDS: constant(uint64) = 2**32
MAX_PERIOD: constant(uint256) = 30 * 86400  # seconds

OFFER_TYPEHASH: constant(bytes32) = keccak256("Offer(address owner,address buyer,bytes32 dataset,uint64 records,address token,uint256 price,uint256 bond,bytes32 keyCommit,bytes32 maskCommit,bytes32 terms,uint64 expires,uint32 revealWithin,uint32 window,uint32 epoch,bytes32 nonce)")
RECEIPT_TYPEHASH: constant(bytes32) = keccak256("Receipt(bytes32 orderId,bytes32 deliveryRoot)")
CONFIRMATION_TYPEHASH: constant(bytes32) = keccak256("Confirmation(bytes32 orderId,bytes32 deliveryRoot,bytes6 scores,bytes32 review)")

registry: public(immutable(address))
min_reveal_within: public(immutable(uint256))
min_window: public(immutable(uint256))

# order id -> state (8 bit) | deadline (40) << 8 | leading 208 bits of the delivery root in place,
# in ACKED and REVEALED. An order that has ended keeps its state alone.
orders: public(HashMap[bytes32, uint256])

# owner -> the epoch that an offer must name
epochs: public(HashMap[address, uint32])


@deploy
def __init__(_registry: address, _min_reveal_within: uint256, _min_window: uint256):
    """
    @param _registry The registry whose titles count
    @param _min_reveal_within Least `reveal_within` of an offer in seconds: 3,600, less only on a
           practice network
    @param _min_window Least `window` of an offer in seconds: 86,400, less only on a practice network
    """
    assert _registry.is_contract, "no registry there"
    assert _min_reveal_within > 0 and _min_reveal_within <= MAX_PERIOD, "least reveal period"
    assert _min_window > 0 and _min_window <= MAX_PERIOD, "least window"
    eip712.__init__("Lading", "1")
    registry = _registry
    min_reveal_within = _min_reveal_within
    min_window = _min_window


# --- funding: NONE -> FUNDED ---


@external
@payable
def fund(offer: Offer, signature: Bytes[65]):
    """
    @notice Agree to the owner's Offer and pay its price into escrow; only its buyer can.
    @dev The chain's own currency comes as value, a token by allowance.
    @param offer The Offer, bit for bit as signed
    @param signature The owner's signature of it
    """
    self._fund(offer, signature)


@external
def fund_with_permit(offer: Offer, signature: Bytes[65], permit: funds.Permit):
    """
    @notice As `fund`, with an allowance given by an EIP-2612 permit in the same transaction.
    @dev A permit that fails is ignored: somebody may have sent it before, and then the allowance
         is there; otherwise the payment fails by itself.
    """
    funds.permit(offer.token, permit)
    self._fund(offer, signature)


@internal
@payable
def _fund(offer: Offer, signature: Bytes[65]):
    assert msg.sender == offer.buyer, "only the buyer can fund"
    assert offer.owner != empty(address), "no owner"
    assert offer.owner != offer.buyer, "owner is the buyer"
    assert offer.price > 0, "no price"
    assert offer.records >= 1 and offer.records <= MAX_RECORDS, "records"
    assert convert(offer.expires, uint256) >= block.timestamp, "offer expired"
    assert offer.epoch == self.epochs[offer.owner], "offer cancelled"
    reveal_within: uint256 = convert(offer.reveal_within, uint256)
    assert reveal_within >= min_reveal_within and reveal_within <= MAX_PERIOD, "reveal period"
    window: uint256 = convert(offer.window, uint256)
    assert window >= min_window and window <= MAX_PERIOD, "window"

    order_id: bytes32 = self._order_id(offer)
    assert self.orders[order_id] == 0, "already funded"
    assert ecdsa.signer(order_id, signature) == offer.owner, "not signed by the owner"
    title: address = staticcall Registry(registry).title_of(offer.dataset)
    assert title == offer.owner, "owner does not hold the title"

    deadline: uint256 = block.timestamp + reveal_within
    self.orders[order_id] = FUNDED | (deadline << 8)
    if offer.bond > 0:
        free: uint256 = funds.ledger[offer.owner][offer.token]
        assert free >= offer.bond, "free bond too small"
        funds.ledger[offer.owner][offer.token] = free - offer.bond
    log Funded(
        order_id=order_id,
        owner=offer.owner,
        buyer=offer.buyer,
        offer=offer,
        deadline=convert(deadline, uint64),
    )
    funds.take(offer.token, offer.price)


# --- the running order ---


@external
def reveal(offer: Offer, delivery_root: bytes32, receipt: Bytes[65], secret: bytes32):
    """
    @notice FUNDED -> REVEALED: the owner publishes the secret that the buyer has not answered;
            the buyer has `window` seconds from now.
    @dev Calls nobody: a correct reveal in time always succeeds.
    @param delivery_root The root that the buyer's Receipt names
    @param receipt The buyer's ECDSA signature of Receipt(order id, delivery root)
    @param secret The secret behind the Offer's keyCommit
    """
    assert msg.sender == offer.owner, "only the owner can reveal"
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK <= ACKED, "not waiting for a reveal"
    assert block.timestamp <= (word >> 8) & DEADLINE_MASK, "too late"
    assert keccak256(concat(b"lading/s", secret)) == offer.key_commit, "not the committed secret"
    receipt_hash: bytes32 = keccak256(abi_encode(RECEIPT_TYPEHASH, order_id, delivery_root))
    digest: bytes32 = eip712.digest(receipt_hash)
    assert ecdsa.signer(digest, receipt) == offer.buyer, "not signed by the buyer"

    deadline: uint256 = block.timestamp + convert(offer.window, uint256)
    self.orders[order_id] = REVEALED | (deadline << 8) | (convert(delivery_root, uint256) & ROOT_MASK)
    log Revealed(
        order_id=order_id,
        owner=offer.owner,
        buyer=offer.buyer,
        delivery_root=delivery_root,
        secret=secret,
        deadline=convert(deadline, uint64),
    )


@external
def confirm(offer: Offer, delivery_root: bytes32, scores: bytes6, review: bytes32, signature: Bytes[65]):
    """
    @notice FUNDED, ACKED, REVEALED -> PAID_RATED: the price goes to the owner.
    @dev By the buyer, whose signature may then be empty, or by anyone with the buyer's Confirmation.
    @param delivery_root Root of what was delivered, in the buyer's words
    @param scores Overall and five criteria, 1 to 5 each
    @param review SHA-256 of the canonical review document
    @param signature The buyer's signature of Confirmation(order id, delivery root, scores, review)
    """
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK <= REVEALED, "order has ended"
    self._check(scores)
    if msg.sender != offer.buyer:
        confirmation: bytes32 = keccak256(
            abi_encode(CONFIRMATION_TYPEHASH, order_id, delivery_root, scores, review)
        )
        digest: bytes32 = eip712.digest(confirmation)
        assert ecdsa.signer(digest, signature) == offer.buyer, "not signed by the buyer"
    log Confirmed(
        order_id=order_id,
        owner=offer.owner,
        buyer=offer.buyer,
        delivery_root=delivery_root,
        scores=scores,
        review=review,
    )
    self._end(order_id, offer, PAID_RATED, offer.owner)


@external
def accept(offer: Offer):
    """
    @notice REVEALED -> PAID after the window: the price goes to the owner. Anyone can.
    """
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK == REVEALED, "not revealed"
    assert block.timestamp > (word >> 8) & DEADLINE_MASK, "window still open"
    log Accepted(order_id=order_id, owner=offer.owner, buyer=offer.buyer)
    self._end(order_id, offer, PAID, offer.owner)


@external
def refund(offer: Offer):
    """
    @notice FUNDED, ACKED -> REFUNDED: the price goes back to the buyer. The owner can at any time,
            anyone when the time for the reveal has passed.
    """
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK <= ACKED, "not waiting for a reveal"
    by_owner: bool = msg.sender == offer.owner
    assert by_owner or block.timestamp > (word >> 8) & DEADLINE_MASK, "too early"
    log Refunded(order_id=order_id, owner=offer.owner, buyer=offer.buyer, by_owner=by_owner)
    self._end(order_id, offer, REFUNDED, offer.buyer)


@external
def rate(offer: Offer, scores: bytes6, review: bytes32):
    """
    @notice PAID -> PAID_RATED: the buyer's rating of an order that was paid without one.
    @param scores As in `confirm`
    @param review As in `confirm`
    """
    assert msg.sender == offer.buyer, "only the buyer can rate"
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK == PAID, "not waiting for a rating"
    self._check(scores)
    self.orders[order_id] = PAID_RATED
    log Rated(order_id=order_id, owner=offer.owner, buyer=offer.buyer, scores=scores, review=review)


# --- offers ---


@external
def cancel_all():
    """
    @notice Make every Offer that the sender has signed and nobody has funded void.
    """
    epoch: uint32 = self.epochs[msg.sender] + 1
    self.epochs[msg.sender] = epoch
    log EpochRaised(owner=msg.sender, epoch=epoch)


@external
@view
def order_id(offer: Offer) -> bytes32:
    """
    @return The Offer's EIP-712 digest: what its owner signs, and the key in `orders`
    """
    return self._order_id(offer)


# --- inside ---


@internal
@view
def _order_id(offer: Offer) -> bytes32:
    struct_hash: bytes32 = keccak256(abi_encode(OFFER_TYPEHASH, offer))
    return eip712.digest(struct_hash)


@internal
@view
def _order(order_id: bytes32) -> uint256:
    word: uint256 = self.orders[order_id]
    assert word != 0, "no such order"
    return word


@internal
@pure
def _check(scores: bytes6):
    packed: uint256 = convert(scores, uint256)
    for i: uint256 in range(6):
        score: uint256 = (packed >> (8 * i)) & 255
        assert score >= 1 and score <= 5, "scores are 1 to 5"


@internal
def _end(order_id: bytes32, offer: Offer, state: uint256, beneficiary: address):
    self.orders[order_id] = state
    if offer.bond > 0:
        funds.credit(offer.owner, offer.token, offer.bond)
    paid: bool = funds.pay(offer.token, beneficiary, offer.price)
    if not paid:
        log Credited(
            order_id=order_id, account=beneficiary, token=offer.token, amount=offer.price
        )
