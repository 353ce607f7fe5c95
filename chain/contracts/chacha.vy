# pragma version 0.4.3
"""
@title ChaCha20 over one record
@license Apache-2.0
@dev RFC 8439, 4096 bytes at once. A row of the state is one word of eight 32-bit lanes, in which
     two blocks run side by side: w0 w0' w1 w1' w2 w2' w3 w3' from the left, w the words of the
     first block's row and w' those of the next. So rotating a word by 64 bits is the RFC's step
     between columns and diagonals, for both blocks at once.
"""

WORDS: constant(uint256) = 128  # 32-byte words in a record
PAIRS: constant(uint256) = 32  # of 64-byte blocks in a record

# The number 1 in each lane; in each second lane, counted from the right
EACH: constant(uint256) = max_value(uint256) // (2**32 - 1)
SECOND: constant(uint256) = max_value(uint256) // (2**64 - 1)

# Each lane's lowest bits, as many as the name says; its highest bit
LOW_7: constant(uint256) = EACH * (2**7 - 1)
LOW_8: constant(uint256) = EACH * (2**8 - 1)
LOW_12: constant(uint256) = EACH * (2**12 - 1)
LOW_16: constant(uint256) = EACH * (2**16 - 1)
LOW_20: constant(uint256) = EACH * (2**20 - 1)
LOW_24: constant(uint256) = EACH * (2**24 - 1)
LOW_25: constant(uint256) = EACH * (2**25 - 1)
LOW_31: constant(uint256) = EACH * (2**31 - 1)
HIGHEST: constant(uint256) = EACH * 2**31

# The lanes of the first block and of the second
FIRST_BLOCK: constant(uint256) = SECOND * (2**32 - 1) * 2**32
SECOND_BLOCK: constant(uint256) = SECOND * (2**32 - 1)

# What moves to the right when lanes are sorted: the third lane of each four, the third quarter
THIRD_LANES: constant(uint256) = (max_value(uint256) // (2**128 - 1)) * (2**32 - 1) * 2**32
THIRD_QUARTER: constant(uint256) = (2**64 - 1) * 2**64
# Each second byte
SECOND_BYTES: constant(uint256) = (max_value(uint256) // (2**16 - 1)) * (2**8 - 1)

# "expand 32-byte k" as four little-endian words, each in two lanes
CONSTANTS: constant(uint256) = (
    1634760805 * (2**32 + 1) * 2**192
    + 857760878 * (2**32 + 1) * 2**128
    + 2036477234 * (2**32 + 1) * 2**64
    + 1797285236 * (2**32 + 1)
)


@internal
@pure
def crypt(key: bytes32, chunk: uint256, first_block: uint256, text: uint256[WORDS]) -> uint256[WORDS]:
    """
    @dev Encrypt or decrypt one record: the same xor both ways.
    @param chunk The nonce as a number: 12 bytes big-endian, below 2**32
    @param first_block The block counter of the first 64 bytes; all 64 counters below 2**32
    @param text The record in big-endian words
    """
    result: uint256[WORDS] = empty(uint256[WORDS])
    words: uint256 = self._swapped(convert(key, uint256))
    b0: uint256 = self._spread(words >> 128)
    c0: uint256 = self._spread(words & (2**128 - 1))
    # Counter, two zero words of the nonce, its last word; the second block's counter is one more.
    d0: uint256 = self._spread((first_block << 96) | self._swapped(chunk)) + (1 << 192)
    a: uint256 = 0
    b: uint256 = 0
    c: uint256 = 0
    d: uint256 = 0
    x: uint256 = 0
    for pair: uint256 in range(PAIRS):
        a = CONSTANTS
        b = b0
        c = c0
        d = d0
        for double_round: uint256 in range(10):
            # Lanes add without carries between them: 31 bits as numbers, the highest by xor.
            a = unsafe_add(a & LOW_31, b & LOW_31) ^ ((a ^ b) & HIGHEST)
            x = d ^ a
            d = ((x & LOW_16) << 16) | ((x >> 16) & LOW_16)
            c = unsafe_add(c & LOW_31, d & LOW_31) ^ ((c ^ d) & HIGHEST)
            x = b ^ c
            b = ((x & LOW_20) << 12) | ((x >> 20) & LOW_12)
            a = unsafe_add(a & LOW_31, b & LOW_31) ^ ((a ^ b) & HIGHEST)
            x = d ^ a
            d = ((x & LOW_24) << 8) | ((x >> 24) & LOW_8)
            c = unsafe_add(c & LOW_31, d & LOW_31) ^ ((c ^ d) & HIGHEST)
            x = b ^ c
            b = ((x & LOW_25) << 7) | ((x >> 25) & LOW_7)
            b = (b << 64) | (b >> 192)
            c = (c << 128) | (c >> 128)
            d = (d << 192) | (d >> 64)
            a = unsafe_add(a & LOW_31, b & LOW_31) ^ ((a ^ b) & HIGHEST)
            x = d ^ a
            d = ((x & LOW_16) << 16) | ((x >> 16) & LOW_16)
            c = unsafe_add(c & LOW_31, d & LOW_31) ^ ((c ^ d) & HIGHEST)
            x = b ^ c
            b = ((x & LOW_20) << 12) | ((x >> 20) & LOW_12)
            a = unsafe_add(a & LOW_31, b & LOW_31) ^ ((a ^ b) & HIGHEST)
            x = d ^ a
            d = ((x & LOW_24) << 8) | ((x >> 24) & LOW_8)
            c = unsafe_add(c & LOW_31, d & LOW_31) ^ ((c ^ d) & HIGHEST)
            x = b ^ c
            b = ((x & LOW_25) << 7) | ((x >> 25) & LOW_7)
            b = (b << 192) | (b >> 64)
            c = (c << 128) | (c >> 128)
            d = (d << 64) | (d >> 192)
        a = unsafe_add(a & LOW_31, CONSTANTS & LOW_31) ^ ((a ^ CONSTANTS) & HIGHEST)
        b = unsafe_add(b & LOW_31, b0 & LOW_31) ^ ((b ^ b0) & HIGHEST)
        c = unsafe_add(c & LOW_31, c0 & LOW_31) ^ ((c ^ c0) & HIGHEST)
        d = unsafe_add(d & LOW_31, d0 & LOW_31) ^ ((d ^ d0) & HIGHEST)
        at: uint256 = unsafe_mul(pair, 4)
        x = self._sorted((a & FIRST_BLOCK) | ((b >> 32) & SECOND_BLOCK))
        result[at] = text[at] ^ x
        at = unsafe_add(at, 1)
        x = self._sorted((c & FIRST_BLOCK) | ((d >> 32) & SECOND_BLOCK))
        result[at] = text[at] ^ x
        at = unsafe_add(at, 1)
        x = self._sorted(((a << 32) & FIRST_BLOCK) | (b & SECOND_BLOCK))
        result[at] = text[at] ^ x
        at = unsafe_add(at, 1)
        x = self._sorted(((c << 32) & FIRST_BLOCK) | (d & SECOND_BLOCK))
        result[at] = text[at] ^ x
        # The counters are the first two lanes, and neither passes 2**32.
        d0 = unsafe_add(d0, 2 * (2**224 + 2**192))
    return result


@internal
@pure
def _swapped(lanes: uint256) -> uint256:
    """
    @dev The bytes of each lane in the other order
    """
    halves: uint256 = ((lanes & SECOND_BYTES) << 8) | ((lanes >> 8) & SECOND_BYTES)
    return ((halves & LOW_16) << 16) | ((halves >> 16) & LOW_16)


@internal
@pure
def _spread(row: uint256) -> uint256:
    """
    @dev w0 w1 w2 w3 in 128 bits -> w0 w0 w1 w1 w2 w2 w3 w3
    """
    wide: uint256 = (row | (row << 64)) & ((2**64 - 1) * (2**128 + 1))
    wide = (wide | (wide << 32)) & SECOND_BLOCK
    return wide | (wide << 32)


@internal
@pure
def _sorted(lanes: uint256) -> uint256:
    """
    @dev w0 v0 w1 v1 w2 v2 w3 v3 -> w0 w1 w2 w3 v0 v1 v2 v3 as little-endian bytes
    """
    x: uint256 = ((lanes & SECOND_BYTES) << 8) | ((lanes >> 8) & SECOND_BYTES)
    x = ((x & LOW_16) << 16) | ((x >> 16) & LOW_16)
    moving: uint256 = ((x >> 32) ^ x) & THIRD_LANES
    x = x ^ moving ^ (moving << 32)
    moving = ((x >> 64) ^ x) & THIRD_QUARTER
    return x ^ moving ^ (moving << 64)
