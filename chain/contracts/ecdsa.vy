# pragma version 0.4.3
"""
@title Recovering an ECDSA signer
@license Apache-2.0
@dev Exactly one valid encoding per signature: 65 bytes r ‖ s ‖ v with v 27 or 28 and s in
     the lower half of the group order (EIP-2), so that nobody can turn one valid signature
     into a second one. No EIP-2098 short form.
"""

# secp256k1's n // 2
_HALF_N: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@pure
def signer(digest: bytes32, signature: Bytes[65]) -> address:
    """
    @param digest The 32 bytes that were signed
    @param signature r (32) ‖ s (32) ‖ v (1)
    @return Who signed; the zero address where the signature is no signature.
            Callers compare with an address that they know is not zero.
    """
    if len(signature) != 65:
        return empty(address)
    r: uint256 = extract32(signature, 0, output_type=uint256)
    s: uint256 = extract32(signature, 32, output_type=uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    return self.signer_of(digest, v, r, s)


@internal
@pure
def signer_of(digest: bytes32, v: uint256, r: uint256, s: uint256) -> address:
    """
    @dev As `signer`, for a signature that comes in parts (EIP-2612)
    """
    if s > _HALF_N or (v != 27 and v != 28):
        return empty(address)
    return ecrecover(digest, v, r, s)
