# pragma version 0.4.3
"""
@title Inclusion in an RFC 9162 Merkle tree
@license Apache-2.0
@dev SHA-256; leaves are hashed behind a zero byte, nodes behind a one (RFC 9162 section 2.1.1).
     Index and size decide the shape of the path, so a path proves one place in one tree.
"""

MAX_PATH: constant(uint256) = 32  # levels above a leaf, enough for 2**32 leaves


@internal
@pure
def root_from_path(leaf: bytes32, index: uint256, size: uint256, path: DynArray[bytes32, MAX_PATH]) -> bytes32:
    """
    @dev RFC 9162 section 2.1.3.2. Reverts unless index < size and the path has exactly the length
         of that place; size is at most 2**32.
    @param leaf The leaf's hash
    @param path Hashes of the siblings, from the leaf upwards; empty where size is 1
    @return The root that the path leads to
    """
    assert index < size, "no such record"
    place: uint256 = index
    last: uint256 = unsafe_sub(size, 1)
    node: bytes32 = leaf
    for sibling: bytes32 in path:
        assert last != 0, "path too long"
        if place & 1 == 1 or place == last:
            node = sha256(concat(x"01", sibling, node))
            # A last node without a sibling rose as it was: skip those levels.
            for level: uint256 in range(MAX_PATH):
                if place & 1 == 1 or place == 0:
                    break
                place = place >> 1
                last = last >> 1
        else:
            node = sha256(concat(x"01", node, sibling))
        place = place >> 1
        last = last >> 1
    assert last == 0, "path too short"
    return node
