# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@dev Opens the contracts' own modules to the tests.
"""

import ecdsa
import eip712

initializes: eip712


@deploy
def __init__():
    eip712.__init__("Lading", "1")


@external
@view
def digest(struct_hash: bytes32) -> bytes32:
    return eip712.digest(struct_hash)


@external
@pure
def signer(digest: bytes32, signature: Bytes[65]) -> address:
    return ecdsa.signer(digest, signature)
