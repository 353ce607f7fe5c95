"""A quick way for an owner to see that a chunk, and its leaf hashes, are still what was registered.

    mark k = Poly1305 (RFC 8439 §2.5) over its leaf hashes ‖ its records, 16 bytes
    its one-time key: bytes 0 … 31 of the ChaCha20 key stream of SHA-256("lading marks" ‖ salt key)
                      with nonce k as 12 bytes big-endian, counter 0 (§2.6)

Made while the fingerprint is, kept beside the leaf hashes, told to nobody: whoever does not know
the salt key cannot make other data that fits. A mark that fits saves hashing every record once
more, which takes five times as long. One that does not, or is not there, says nothing: then the
leaf hashes decide.
"""

import hashlib
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.poly1305 import Poly1305

from p2p import chacha20
from p2p.buffers import Buffer
from p2p.sealing import chunk_nonce

MARK: Final = 16


def beside(leaves_path: Path) -> Path:
    """Where the marks lie, one of `MARK` bytes for each chunk, that belong to the leaf hashes kept
    there; zeros for a chunk that the fingerprint did not see whole: the manifest's."""
    return leaves_path.with_name(f"{leaves_path.name}.marks")


def mark(salt_key: bytes, chunk_index: int, leaves: Buffer, records: Buffer) -> bytes:
    """Of a chunk: of its leaf hashes (32 bytes each) and records (4096 bytes each)."""
    key = hashlib.sha256(b"lading marks" + salt_key).digest()
    made = Poly1305(chacha20.keystream(key, chunk_nonce(chunk_index), 0, 32))
    made.update(leaves)
    made.update(records)
    return made.finalize()
