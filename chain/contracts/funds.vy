# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Money in, money out, and the ledger between
@license Apache-2.0
@dev What comes in comes exactly or not at all. What goes out is tried, and what a receiver or a
     token does not take is credited; only `withdraw`, which harms nobody but its sender, reverts.
"""


interface Token:
    def balanceOf(account: address) -> uint256: view
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, receiver: address, amount: uint256) -> bool: nonpayable
    def receiveWithAuthorization(sender: address, receiver: address, amount: uint256, valid_after: uint256, valid_before: uint256, nonce: bytes32, v: uint8, r: bytes32, s: bytes32): nonpayable


# The arguments of an EIP-2612 permit from the sender to this contract.
struct Permit:
    value: uint256
    deadline: uint256
    v: uint8
    r: bytes32
    s: bytes32


# The rest of an EIP-3009 authorization from a payer to this contract. Times in unix seconds: good
# after the one and before the other.
struct Authorization:
    valid_after: uint256
    valid_before: uint256
    v: uint8
    r: bytes32
    s: bytes32


event Deposited:
    account: indexed(address)
    token: indexed(address)
    amount: uint256


event Withdrawn:
    account: indexed(address)
    token: indexed(address)
    amount: uint256
    receiver: address


# Gas a payment may use. A caller who sends too little to offer all of it cannot turn a payment
# that would succeed into a credit: such a call reverts. 1/64 stays with the caller (EIP-150);
# the rest is for the call itself (up to 36,600) and the credit (up to 28,000).
PAYMENT_GAS: constant(uint256) = 200_000
GAS_TO_CREDIT: constant(uint256) = PAYMENT_GAS + PAYMENT_GAS // 63 + 70_000

# account -> token -> free bond and credits
ledger: public(HashMap[address, HashMap[address, uint256]])


# --- for accounts ---


@external
@payable
def deposit(token: address, amount: uint256):
    """
    @notice Add to the sender's free bond, by value or allowance as in `fund`.
    @param token Zero for the chain's own currency
    @param amount Smallest units
    """
    self._deposit(token, amount)


@external
def deposit_with_permit(token: address, amount: uint256, permit: Permit):
    """
    @notice As `deposit`, with the allowance given as in `fund_with_permit`.
    """
    self.permit(token, permit)
    self._deposit(token, amount)


@external
def withdraw(token: address, amount: uint256, receiver: address):
    """
    @notice Take free bond and credits out; here a payment that fails reverts.
    """
    free: uint256 = self.ledger[msg.sender][token]
    assert amount > 0, "no amount"
    assert amount <= free, "more than is free"
    assert receiver != empty(address), "no receiver"
    self.ledger[msg.sender][token] = free - amount
    log Withdrawn(account=msg.sender, token=token, amount=amount, receiver=receiver)
    if token == empty(address):
        raw_call(receiver, b"", value=amount)
    else:
        paid: bool = extcall Token(token).transfer(receiver, amount, default_return_value=True)
        assert paid, "token refused the payment"


# --- for the contract that uses this module ---


@internal
def permit(token: address, permit: Permit):
    ignored: bool = raw_call(
        token,
        abi_encode(
            msg.sender,
            self,
            permit.value,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
            method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
        ),
        revert_on_failure=False,
    )


@internal
@payable
def _deposit(token: address, amount: uint256):
    assert amount > 0, "no amount"
    self.ledger[msg.sender][token] += amount
    log Deposited(account=msg.sender, token=token, amount=amount)
    self.take(token, amount)


@internal
@payable
def take(token: address, amount: uint256):
    """
    @dev Exactly `amount` comes in from the sender, or the call reverts.
    """
    if token == empty(address):
        assert msg.value == amount, "value is not the amount"
        return
    assert msg.value == 0, "value with a token"
    before: uint256 = self._balance(token)
    taken: bool = extcall Token(token).transferFrom(msg.sender, self, amount, default_return_value=True)
    assert taken, "token refused the payment"
    self._check_arrived(token, before, amount)


@internal
def take_authorized(token: address, payer: address, amount: uint256, nonce: bytes32, authorization: Authorization):
    """
    @dev Exactly `amount` comes in from the payer by EIP-3009, or the call reverts.
    """
    before: uint256 = self._balance(token)
    extcall Token(token).receiveWithAuthorization(
        payer,
        self,
        amount,
        authorization.valid_after,
        authorization.valid_before,
        nonce,
        authorization.v,
        authorization.r,
        authorization.s,
    )
    self._check_arrived(token, before, amount)


@internal
@view
def _balance(token: address) -> uint256:
    assert token.is_contract, "no token there"
    return staticcall Token(token).balanceOf(self)


@internal
@view
def _check_arrived(token: address, before: uint256, amount: uint256):
    after: uint256 = staticcall Token(token).balanceOf(self)
    assert after >= before and after - before == amount, "token paid another amount"


@internal
def credit(account: address, token: address, amount: uint256):
    # Cannot overflow for a token whose supply fits in 256 bits. One that lies about balances may
    # wrap its own column of the ledger, but must not make an ending revert.
    self.ledger[account][token] = unsafe_add(self.ledger[account][token], amount)


@internal
def pay(token: address, receiver: address, amount: uint256) -> bool:
    """
    @dev Write state first. Reverts only where the caller offered too little gas to tell.
    @return Whether it was paid; otherwise it has been credited
    """
    gas_before: uint256 = msg.gas
    if self._try(token, receiver, amount):
        return True
    assert gas_before >= GAS_TO_CREDIT, "too little gas"
    self.credit(receiver, token, amount)
    return False


@internal
def _try(token: address, receiver: address, amount: uint256) -> bool:
    """
    @dev Tries one payment; never reverts for what token or receiver do. A token's silence counts
         as success (as with USDT), anything but silence or `true` as failure.
    """
    if token == empty(address):
        return raw_call(receiver, b"", value=amount, gas=PAYMENT_GAS, revert_on_failure=False)
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        token,
        abi_encode(receiver, amount, method_id=method_id("transfer(address,uint256)")),
        max_outsize=32,
        gas=PAYMENT_GAS,
        revert_on_failure=False,
    )
    if not success:
        return False
    if len(answer) == 0:
        return token.is_contract
    return len(answer) == 32 and convert(answer, uint256) == 1
