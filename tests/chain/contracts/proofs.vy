# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@dev Opens the modules of a complaint to the tests.
"""

import chacha
import merkle


@external
@pure
def crypt(key: bytes32, chunk: uint256, first_block: uint256, text: uint256[128]) -> uint256[128]:
    return chacha.crypt(key, chunk, first_block, text)


@external
@pure
def root_from_path(leaf: bytes32, index: uint256, size: uint256, path: DynArray[bytes32, 32]) -> bytes32:
    return merkle.root_from_path(leaf, index, size, path)
