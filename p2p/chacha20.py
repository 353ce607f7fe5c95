"""ChaCha20 of RFC 8439 §2.4 with its parameters apart.

``cryptography`` takes one 16-byte value, which is the block counter (32 bits, little-endian)
followed by the 12 nonce bytes; mixing them up is easy, so it happens in one place.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms

from p2p.buffers import Buffer

BLOCK = 64
"""Bytes of key stream for one step of the counter."""


def xor(key: bytes, nonce: bytes, counter: int, data: Buffer) -> bytes:
    """``data`` ⊕ key stream starting at block ``counter``.

    key: 32 bytes; nonce: 12 bytes; 0 ≤ counter, and the last block's counter < 2^32 (ValueError:
    beyond that the stream would repeat).
    """
    return _stream(key, nonce, counter, len(data)).update(data)


def xor_into(key: bytes, nonce: bytes, counter: int, data: Buffer, out: Buffer) -> None:
    """`xor` into ``out``, as long as ``data`` and writable; it may be the same memory."""
    if len(out) != len(data):
        raise ValueError("as many bytes go out as come in")
    _stream(key, nonce, counter, len(data)).update_into(data, out)


def _stream(key: bytes, nonce: bytes, counter: int, length: int) -> CipherContext:
    if len(key) != 32 or len(nonce) != 12:
        raise ValueError("ChaCha20 takes a key of 32 bytes and a nonce of 12")
    if counter < 0 or counter + -(-length // BLOCK) > 1 << 32:
        raise ValueError("the block counter leaves its 32 bits")
    cipher = Cipher(algorithms.ChaCha20(key, counter.to_bytes(4, "little") + nonce), mode=None)
    return cipher.encryptor()


def keystream(key: bytes, nonce: bytes, counter: int, length: int) -> bytes:
    """``length`` bytes of key stream starting at block ``counter``."""
    return xor(key, nonce, counter, bytes(length))
