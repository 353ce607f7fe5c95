"""Content cut into salted records of 4096 bytes, and the fingerprint they add up to.

    content = u32 manifest length ‖ manifest ‖ zero bytes to a multiple of 4064 ‖ the files' bytes
    record i = salt_i (32 bytes) ‖ payload_i (4064 bytes of content, the last one zero-padded)
    salt_i = bytes 32i … 32i+31 of the ChaCha20 key stream of the salt key (nonce 0, counter 0)

Salts keep a stranger who sees leaf hashes from testing guesses about rows. Pure: bytes in, bytes
out; any run of records can be made without the ones before it.
"""

import hashlib
from dataclasses import dataclass

from p2p import chacha20, merkle
from p2p.buffers import Buffer

SALT = 32
PAYLOAD = 4064
RECORD = SALT + PAYLOAD
CHUNK_RECORDS = 256
CHUNK = CHUNK_RECORDS * RECORD
MAX_RECORDS = 1 << 32
LEAF = 32
LENGTH_PREFIX = 4

_SALT_NONCE = bytes(12)
_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is registered about a dataset.

    content_id: B, 32 bytes; root: R, 32 bytes; records: n, 1 … 2^32; length: content bytes.
    Only ranges are checked here (ValueError): a stranger's statement may still be inconsistent,
    which `p2p.openings` finds.
    """

    content_id: bytes
    root: bytes
    records: int
    length: int

    def __post_init__(self) -> None:
        if len(self.content_id) != 32 or len(self.root) != 32:
            raise ValueError("content id and root are 32 bytes")
        if not 1 <= self.records <= MAX_RECORDS:
            raise ValueError("a dataset has 1 to 2^32 records")
        if not 0 <= self.length < 1 << 64:
            raise ValueError("the length must fit 64 bits")


def confidential_id(root: bytes) -> bytes:
    """What stands for B in a confidential registration: SHA-256(0x03 ‖ R)."""
    return _sha256(b"\x03" + root).digest()


def record_count(length: int) -> int:
    """Records that ``length`` bytes of content fill: ⌈length/4064⌉."""
    return -(-length // PAYLOAD)


def chunk_count(records: int) -> int:
    """Chunks that ``records`` records fill: ⌈records/256⌉."""
    return -(-records // CHUNK_RECORDS)


def chunk_records(chunk_index: int, records: int) -> int:
    """Records in that chunk of a dataset of ``records``; IndexError if there is no such chunk."""
    if not 0 <= chunk_index < chunk_count(records):
        raise IndexError("no such chunk")
    return min(CHUNK_RECORDS, records - chunk_index * CHUNK_RECORDS)


def preamble_records(manifest_length: int) -> int:
    """Records that the manifest fills; the files' bytes start with the record after them."""
    return record_count(LENGTH_PREFIX + manifest_length)


def preamble(manifest: bytes) -> bytes:
    """The content before the files' bytes: u32 length ‖ manifest ‖ zeros to a multiple of 4064."""
    size = preamble_records(len(manifest)) * PAYLOAD
    return (len(manifest).to_bytes(LENGTH_PREFIX, "big") + manifest).ljust(size, b"\0")


def salts(salt_key: bytes, first: int, count: int) -> bytes:
    """Salts of records ``first`` … ``first + count − 1`` (32 bytes each) under a 32-byte key."""
    # Two salts to a block of key stream.
    skip = first % 2 * SALT
    stream = chacha20.keystream(salt_key, _SALT_NONCE, first // 2, skip + count * SALT)
    return stream[skip:]


def join(salts: Buffer, payload: Buffer) -> bytes:
    """Records from their salts (32m bytes) and ≤ 4064m bytes of content, zero-padded to m."""
    count = len(salts) // SALT
    if not (count - 1) * PAYLOAD < len(payload) <= count * PAYLOAD:
        raise ValueError("salts and payload do not make the same number of records")
    salt, data = memoryview(salts), memoryview(payload)
    parts: list[Buffer] = []
    for index in range(count):
        parts.append(salt[index * SALT : (index + 1) * SALT])
        parts.append(data[index * PAYLOAD : (index + 1) * PAYLOAD])
    parts.append(bytes(count * PAYLOAD - len(payload)))
    return b"".join(parts)


def payload(records: Buffer) -> bytes:
    """The content inside whole records: the salts cut out."""
    return b"".join([record[SALT:] for record in cut(records, RECORD)])


def cut(memory: Buffer, width: int) -> list[memoryview]:
    """Its pieces of ``width`` bytes each; ValueError if it is not so many whole ones."""
    view = memoryview(memory)
    if len(view) % width:
        raise ValueError(f"these are pieces of {width} bytes each")
    return [view[at : at + width] for at in range(0, len(view), width)]


def put_salts(salts: Buffer, records: memoryview) -> None:
    """Into the beginning of each of as many records, whose payloads stay."""
    words, into = memoryview(salts).cast("Q"), records.cast("Q")
    step, width = SALT // 8, RECORD // 8
    for word in range(step):
        into[word::width] = words[word::step]


def leaf_hashes(records: Buffer) -> bytes:
    """h_i = SHA-256(0x00 ‖ record_i) of whole records, 32 bytes each."""
    return merkle.leaf_hashes(records, RECORD)


def salted_leaf_hashes(salts: bytes, content: Buffer) -> bytes:
    """`leaf_hashes` of `join`, without putting the records together; ``content``: 4064 bytes for
    each salt (ValueError)."""
    if len(salts) // SALT * PAYLOAD != len(content):
        raise ValueError("salts and payload do not make the same number of records")
    return merkle.leaf_hashes(content, PAYLOAD, salts)
