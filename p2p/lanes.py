"""SHA-256 (FIPS 180-4) of many messages of one length: side by side where this processor can and
`_lanes.c` was compiled, one after another by `hashlib` where not. The bytes are the same.

A message is *prefix* ‖ *head* ‖ *body*: one byte, nothing or 32 bytes, and `LEAST` bytes or more.
"""

import hashlib

from p2p.buffers import Buffer

try:
    from p2p import _lanes
except ImportError:  # no compiler where this was installed
    LANES = 0
else:
    LANES = _lanes.lanes()
"""Messages hashed at once: 16, 2, or 0 where `hashlib` does it."""

HASH = 32
LEAST = 63
"""The shortest body, so that a message fills its first block."""

_sha256 = hashlib.sha256


def hashes(
    prefix: int, bodies: Buffer, size: int, heads: Buffer = b"", lanes: int = LANES
) -> bytes:
    """SHA-256 of prefix ‖ head_i ‖ body_i, 32 bytes each.

    bodies: of ``size`` bytes each, one after another, as heads are, if there are any; lanes: 0,
    `LANES`, or 2 where that is 16. ValueError if the sizes do not agree, or there are no such
    lanes. Other threads run meanwhile where it is done in lanes.
    """
    if lanes:
        return _lanes.hashes(lanes, prefix, heads, bodies, size)
    whole, above = memoryview(bodies).cast("B"), memoryview(heads).cast("B")
    if size < LEAST or len(whole) % size:
        raise ValueError(f"these are not bodies of {size} bytes each, {LEAST} or more")
    if above and len(above) != len(whole) // size * HASH:
        raise ValueError("there is a head of 32 bytes for each body, or none")
    first = bytes((prefix,))
    # Copied behind their prefix for one call of the library: two calls cost more than that. Of no
    # heads each is empty.
    return b"".join(
        [
            _sha256(first + above[HASH * n :][:HASH] + whole[size * n :][:size]).digest()
            for n in range(len(whole) // size)
        ]
    )
