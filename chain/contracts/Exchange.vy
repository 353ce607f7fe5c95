# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Lading: escrow for orders of data
@license Apache-2.0
@notice Holds a buyer's price and an owner's bond until an order has ended.
@dev Who can stop it: nobody. There is no owner, administrator, pause, fee or upgrade. Before the
     deadline only the order's owner (by a refund) and its buyer (by a confirmation) can end it, and
     after a reveal whoever proves that a record was not the registered one (by a complaint).

     An order is one storage slot under its id, the EIP-712 digest of its Offer; callers send the
     Offer again with each call. Endings write their state first and pay then; what cannot be paid
     is credited in the ledger, so no ending fails because of a token or a receiver. Per token:
     balance >= ledger + locked bonds + locked prices. Words and rules: PROTOCOL section 5.
"""

import chacha
import ecdsa
import eip712
import erc1271
import funds
import merkle

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


event Acknowledged:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    delivery_root: bytes32


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


event Complained:
    order_id: indexed(bytes32)
    owner: indexed(address)
    buyer: indexed(address)
    index: uint64
    mask: bytes32
    delivery_root: bytes32


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
MAX_SIGNATURE: constant(uint256) = 1024  # bytes, of an owner that is a contract
MAX_PATH: constant(uint256) = 32
RECORD: constant(uint256) = 4096  # bytes
BLOCKS: constant(uint256) = 64  # of ChaCha20 in a record
CHUNK: constant(uint256) = 256  # records under one nonce
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
def fund(offer: Offer, signature: Bytes[MAX_SIGNATURE]):
    """
    @notice Agree to the owner's Offer and pay its price into escrow; only its buyer can.
    @dev The chain's own currency comes as value, a token by allowance.
    @param offer The Offer, bit for bit as signed
    @param signature The owner's signature of it: 65 bytes, or what the owner's code takes
    """
    assert msg.sender == offer.buyer, "only the buyer can fund"
    order_id: bytes32 = self._fund(offer, signature)
    funds.take(offer.token, offer.price)


@external
def fund_with_permit(offer: Offer, signature: Bytes[MAX_SIGNATURE], permit: funds.Permit):
    """
    @notice As `fund`, with an allowance given by an EIP-2612 permit in the same transaction.
    @dev A permit that fails is ignored: somebody may have sent it before, and then the allowance
         is there; otherwise the payment fails by itself.
    """
    assert msg.sender == offer.buyer, "only the buyer can fund"
    funds.permit(offer.token, permit)
    order_id: bytes32 = self._fund(offer, signature)
    funds.take(offer.token, offer.price)


@external
def fund_with_authorization(offer: Offer, signature: Bytes[MAX_SIGNATURE], authorization: funds.Authorization):
    """
    @notice As `fund`, paid with the buyer's EIP-3009 authorization, whoever sends it.
    @dev The authorization names this contract as its receiver and the order's id as its nonce: it
         pays for this order or for none, and funding is the only way to use it.
    @param authorization The buyer's signature of ReceiveWithAuthorization, in parts
    """
    order_id: bytes32 = self._fund(offer, signature)
    funds.take_authorized(offer.token, offer.buyer, offer.price, order_id, authorization)


@internal
def _fund(offer: Offer, signature: Bytes[MAX_SIGNATURE]) -> bytes32:
    """
    @dev Everything but the payment, which must follow.
    @return The order's id
    """
    assert offer.owner != empty(address), "no owner"
    assert offer.owner != offer.buyer, "owner is the buyer"
    assert offer.price > 0, "no price"
    assert offer.price <= max_value(uint256) - offer.bond, "price and bond"
    assert offer.records >= 1 and offer.records <= MAX_RECORDS, "records"
    assert convert(offer.expires, uint256) >= block.timestamp, "offer expired"
    assert offer.epoch == self.epochs[offer.owner], "offer cancelled"
    reveal_within: uint256 = convert(offer.reveal_within, uint256)
    assert reveal_within >= min_reveal_within and reveal_within <= MAX_PERIOD, "reveal period"
    window: uint256 = convert(offer.window, uint256)
    assert window >= min_window and window <= MAX_PERIOD, "window"

    order_id: bytes32 = self._order_id(offer)
    assert self.orders[order_id] == 0, "already funded"
    assert erc1271.signed(offer.owner, order_id, signature), "not signed by the owner"
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
    return order_id


# --- the running order ---


@external
def acknowledge(offer: Offer, delivery_root: bytes32):
    """
    @notice FUNDED -> ACKED: the buyer says, once and for good, what it holds. For contract wallets,
            which cannot sign a Receipt.
    @param delivery_root The delivery root that the buyer computed from what it received
    """
    assert msg.sender == offer.buyer, "only the buyer can acknowledge"
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK == FUNDED, "not waiting for an acknowledgement"
    deadline: uint256 = word & (DEADLINE_MASK << 8)
    self.orders[order_id] = ACKED | deadline | (convert(delivery_root, uint256) & ROOT_MASK)
    log Acknowledged(
        order_id=order_id, owner=offer.owner, buyer=offer.buyer, delivery_root=delivery_root
    )


@external
def reveal(offer: Offer, delivery_root: bytes32, receipt: Bytes[65], secret: bytes32):
    """
    @notice FUNDED, ACKED -> REVEALED: the owner publishes the secret that the buyer has not
            answered; the buyer has `window` seconds from now.
    @dev Calls nobody: a correct reveal in time always succeeds. A Receipt counts whatever was
         acknowledged, so an acknowledgement of another root hinders nobody who holds one.
    @param delivery_root The root that the buyer's Receipt names, or that it acknowledged
    @param receipt The buyer's ECDSA signature of Receipt(order id, delivery root); or empty, and
           then the leading 208 bits of the root must be the acknowledged ones
    @param secret The secret behind the Offer's keyCommit
    """
    assert msg.sender == offer.owner, "only the owner can reveal"
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK <= ACKED, "not waiting for a reveal"
    assert block.timestamp <= (word >> 8) & DEADLINE_MASK, "too late"
    assert keccak256(concat(b"lading/s", secret)) == offer.key_commit, "not the committed secret"
    root: uint256 = convert(delivery_root, uint256) & ROOT_MASK
    if len(receipt) == 0:
        assert word & STATE_MASK == ACKED and word & ROOT_MASK == root, "not acknowledged"
    else:
        receipt_hash: bytes32 = keccak256(abi_encode(RECEIPT_TYPEHASH, order_id, delivery_root))
        digest: bytes32 = eip712.digest(receipt_hash)
        assert ecdsa.signer(digest, receipt) == offer.buyer, "not signed by the buyer"

    deadline: uint256 = block.timestamp + convert(offer.window, uint256)
    self.orders[order_id] = REVEALED | (deadline << 8) | root
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
def complain(
    offer: Offer,
    delivery_root: bytes32,
    secret: bytes32,
    mask: bytes32,
    index: uint64,
    ciphertext: Bytes[RECORD],
    leaf: bytes32,
    path: DynArray[bytes32, MAX_PATH],
):
    """
    @notice REVEALED -> REFUNDED within the window: price and bond go to the buyer, if one delivered
            record, decrypted with the revealed secret, is not the one that was registered. Anyone
            with the proof can.
    @dev The delivery tree holds what was registered beside what was sent, and the buyer signed its
         root: the entry leaf ‖ ciphertext at `index` under the root convicts by itself.
    @param delivery_root As revealed, by its leading 208 bits
    @param secret The owner's secret, behind keyCommit
    @param mask The buyer's secret, behind maskCommit; public from now on
    @param index The record's place, from 0
    @param ciphertext The record as it was sent
    @param leaf The registered record's hash: SHA-256(0x00 ‖ record)
    @param path Siblings of the entry in the delivery tree, from the leaf upwards (RFC 9162)
    """
    order_id: bytes32 = self._order_id(offer)
    word: uint256 = self._order(order_id)
    assert word & STATE_MASK == REVEALED, "not revealed"
    assert block.timestamp <= (word >> 8) & DEADLINE_MASK, "too late"
    assert word & ROOT_MASK == convert(delivery_root, uint256) & ROOT_MASK, "not the revealed root"
    assert keccak256(concat(b"lading/s", secret)) == offer.key_commit, "not the committed secret"
    assert keccak256(concat(b"lading/m", mask)) == offer.mask_commit, "not the committed mask"
    assert len(ciphertext) == RECORD, "not a whole record"
    place: uint256 = convert(index, uint256)
    entry: bytes32 = sha256(concat(x"00", leaf, ciphertext))
    root: bytes32 = merkle.root_from_path(entry, place, convert(offer.records, uint256), path)
    assert root == delivery_root, "not what was delivered"

    key: bytes32 = keccak256(concat(b"lading/key", secret, mask, order_id))
    record: uint256[RECORD // 32] = chacha.crypt(
        key, place // CHUNK, place % CHUNK * BLOCKS, abi_decode(ciphertext, uint256[RECORD // 32])
    )
    found: bytes32 = sha256(concat(x"00", abi_encode(record)))
    assert found != leaf, "the record is the registered one"

    self.orders[order_id] = REFUNDED
    log Complained(
        order_id=order_id,
        owner=offer.owner,
        buyer=offer.buyer,
        index=index,
        mask=mask,
        delivery_root=delivery_root,
    )
    # Cannot overflow: `fund` has checked.
    self._pay(order_id, offer.token, offer.buyer, unsafe_add(offer.price, offer.bond))


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
    self._pay(order_id, offer.token, beneficiary, offer.price)


@internal
def _pay(order_id: bytes32, token: address, beneficiary: address, amount: uint256):
    paid: bool = funds.pay(token, beneficiary, amount)
    if not paid:
        log Credited(order_id=order_id, account=beneficiary, token=token, amount=amount)
