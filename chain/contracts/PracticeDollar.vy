# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Practice dollar
@license Apache-2.0
@notice Play money for trying Lading. IT IS WORTH NOTHING: anyone can make as much as they like.
@dev Who can stop it: nobody. There is no owner, administrator, pause, fee or upgrade.
     ERC-20 with EIP-2612 permit and, of EIP-3009, payments that their receiver collects.
     It calls nobody, so it needs no lock against re-entrance.
"""

import ecdsa
import eip712

initializes: eip712


event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256


event AuthorizationUsed:
    authorizer: indexed(address)
    nonce: indexed(bytes32)


PERMIT_TYPEHASH: constant(bytes32) = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
RECEIVE_TYPEHASH: constant(bytes32) = keccak256("ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)")

name: public(constant(String[15])) = "Practice dollar"
symbol: public(constant(String[4])) = "PRAC"
version: public(constant(String[1])) = "1"
decimals: public(constant(uint8)) = 6

# Smallest units that one call of `mint` may make: 1,000,000 practice dollars.
MAX_MINT: public(constant(uint256)) = 1_000_000 * 10**6

totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])
authorizationState: public(HashMap[address, HashMap[bytes32, bool]])


@deploy
def __init__():
    eip712.__init__(name, version)


@external
def mint(receiver: address, amount: uint256):
    """
    @notice Make practice dollars out of nothing. Anyone can.
    @param amount Smallest units, at most `MAX_MINT`
    """
    assert amount <= MAX_MINT, "more than one call may mint"
    assert receiver != empty(address), "no receiver"
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    """
    @dev An allowance of 2**256 - 1 does not shrink.
    """
    allowed: uint256 = self.allowance[sender][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance too small"
        self.allowance[sender][msg.sender] = allowed - amount
    self._transfer(sender, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self._approve(msg.sender, spender, amount)
    return True


@external
def permit(owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32):
    """
    @notice Approve by the owner's signature (EIP-2612).
    """
    assert block.timestamp <= deadline, "permit expired"
    nonce: uint256 = self.nonces[owner]
    struct_hash: bytes32 = keccak256(abi_encode(PERMIT_TYPEHASH, owner, spender, amount, nonce, deadline))
    digest: bytes32 = eip712.digest(struct_hash)
    signer: address = ecdsa.signer_of(
        digest, convert(v, uint256), convert(r, uint256), convert(s, uint256)
    )
    assert signer != empty(address) and signer == owner, "not signed by the owner"
    self.nonces[owner] = nonce + 1
    self._approve(owner, spender, amount)


@external
def receiveWithAuthorization(
    sender: address,
    receiver: address,
    amount: uint256,
    valid_after: uint256,
    valid_before: uint256,
    nonce: bytes32,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Collect a payment that its sender has signed (EIP-3009); only its receiver can.
    @param nonce Any 32 bytes, once for each sender
    """
    assert msg.sender == receiver, "only the receiver can collect"
    assert block.timestamp > valid_after, "authorization not yet valid"
    assert block.timestamp < valid_before, "authorization expired"
    assert not self.authorizationState[sender][nonce], "authorization used"
    struct_hash: bytes32 = keccak256(
        abi_encode(RECEIVE_TYPEHASH, sender, receiver, amount, valid_after, valid_before, nonce)
    )
    digest: bytes32 = eip712.digest(struct_hash)
    signer: address = ecdsa.signer_of(
        digest, convert(v, uint256), convert(r, uint256), convert(s, uint256)
    )
    assert signer != empty(address) and signer == sender, "not signed by the sender"
    self.authorizationState[sender][nonce] = True
    log AuthorizationUsed(authorizer=sender, nonce=nonce)
    self._transfer(sender, receiver, amount)


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    return eip712.separator()


@internal
def _transfer(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "no receiver"
    balance: uint256 = self.balanceOf[sender]
    assert balance >= amount, "balance too small"
    self.balanceOf[sender] = balance - amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, amount=amount)
