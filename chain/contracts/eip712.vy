# pragma version 0.4.3
"""
@title EIP-712 digests for one contract
@license Apache-2.0
@dev Domain: name, version, chain id and this contract's address, no salt (EIP-712).
     The separator is computed once and again only if a fork has changed the chain id,
     so that a signature for one side of a fork says nothing on the other.
"""

_DOMAIN_TYPEHASH: constant(bytes32) = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")

_NAME_HASH: immutable(bytes32)
_VERSION_HASH: immutable(bytes32)
_CHAIN_ID: immutable(uint256)
_SEPARATOR: immutable(bytes32)


@deploy
def __init__(name: String[32], version: String[8]):
    _NAME_HASH = keccak256(name)
    _VERSION_HASH = keccak256(version)
    _CHAIN_ID = chain.id
    _SEPARATOR = keccak256(abi_encode(_DOMAIN_TYPEHASH, _NAME_HASH, _VERSION_HASH, chain.id, self))


@internal
@view
def separator() -> bytes32:
    """
    @return The domain separator of this contract on the present chain
    """
    if chain.id == _CHAIN_ID:
        return _SEPARATOR
    return keccak256(abi_encode(_DOMAIN_TYPEHASH, _NAME_HASH, _VERSION_HASH, chain.id, self))


@internal
@view
def digest(struct_hash: bytes32) -> bytes32:
    """
    @param struct_hash keccak256(typeHash ‖ encodeData) of the message
    @return keccak256(0x19 0x01 ‖ separator ‖ struct_hash): what is signed
    """
    separator: bytes32 = self.separator()
    return keccak256(concat(x"1901", separator, struct_hash))
