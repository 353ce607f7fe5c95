"""Sealing records for one order, and the delivery tree over what was sent.

    c_i = record_i ⊕ ChaCha20(DK, nonce = ⌊i/256⌋ as 12 bytes big-endian, counter 64·(i mod 256))

A record is 64 blocks, so a chunk of 256 records is one key stream from counter 0. The delivery
tree R_x is RFC 9162 over the entries h_i ‖ c_i: it pins the ciphertext to the record it claims to
be. DK is used for one order only; it never meets other data.
"""

import hashlib

from p2p import chacha20, merkle
from p2p.buffers import Buffer
from p2p.records import CHUNK, LEAF, RECORD

_sha256 = hashlib.sha256


def seal_chunk(dk: bytes, chunk_index: int, data: Buffer) -> bytes:
    """Seal the records of a chunk, or unseal them: the same xor both ways.

    dk: 32 bytes; data: 1 … 256 whole records (ValueError).
    """
    if not 0 < len(data) <= CHUNK or len(data) % RECORD:
        raise ValueError("a chunk is 1 to 256 whole records")
    return chacha20.xor(dk, chunk_nonce(chunk_index), 0, data)


def chunk_nonce(chunk_index: int) -> bytes:
    """The 12 bytes that a chunk's key stream starts from."""
    return chunk_index.to_bytes(12, "big")


def delivery_leaf(leaf: Buffer, ciphertext: Buffer) -> bytes:
    """Leaf of the delivery tree: SHA-256(0x00 ‖ h_i ‖ c_i), from h_i (32 B) and c_i (4096 B)."""
    if len(leaf) != LEAF or len(ciphertext) != RECORD:
        raise ValueError("an entry is a leaf hash of 32 bytes and 4096 bytes of ciphertext")
    return merkle.leaf_hash(b"".join((leaf, ciphertext)))


def delivery_leaves(leaves: bytes, ciphertext: Buffer) -> bytes:
    """`delivery_leaf` of m records at once: 32m and 4096m bytes → 32m bytes."""
    if len(leaves) * RECORD != len(ciphertext) * LEAF:
        raise ValueError("as many leaf hashes as sealed records are needed")
    return merkle.leaf_hashes(ciphertext, RECORD, leaves)


def chunk_name(entries: bytes) -> bytes:
    """What names a sealed chunk over a session: SHA-256 of its `delivery_leaves`."""
    return _sha256(entries).digest()
