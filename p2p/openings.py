"""Records opened under a registered root: what a buyer checks before funding.

The escrow enforces the root only. Manifest, length and content id are the owner's statements, so
the buyer gets all manifest records with their inclusion paths and compares every statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from p2p import merkle, records
from p2p.buffers import Buffer
from p2p.errors import PeerError
from p2p.manifest import MAX_BYTES, Manifest
from p2p.records import LENGTH_PREFIX, PAYLOAD, RECORD, SALT, Fingerprint


@dataclass(frozen=True, slots=True)
class Opening:
    """Record ``index`` in plain (4096 bytes) with its path under the root, sibling first."""

    index: int
    record: bytes
    path: tuple[bytes, ...]


def manifest_records(first: bytes) -> int:
    """How many records the manifest fills, told by record 0; PeerError if that is impossible."""
    return preamble_size(first[SALT:]) // PAYLOAD


def preamble_size(payload: Buffer) -> int:
    """Content bytes before the files' bytes, told by the first four; PeerError if impossible."""
    return records.preamble_records(_manifest_length(payload)) * PAYLOAD


def preamble_bytes(manifest: Manifest) -> int:
    """Content bytes before the files' bytes."""
    return records.preamble_records(len(manifest.encode())) * PAYLOAD


def check_manifest(openings: Iterable[Opening], fingerprint: Fingerprint) -> Manifest:
    """The manifest from the openings of all its records, in order, nothing else.

    PeerError: a record is not under the root, one is missing or too many, or a statement (length,
    number of records, content id) does not fit the manifest. Stops at the first lie.
    """
    parts: list[bytes] = []
    expected = 1
    for index, opening in enumerate(openings):
        if index >= expected:
            raise PeerError("The owner opened more records than the manifest has.")
        if opening.index != index or len(opening.record) != RECORD:
            raise PeerError("The owner opened other records than those of the manifest.")
        if not merkle.verify(
            merkle.leaf_hash(opening.record),
            index,
            fingerprint.records,
            opening.path,
            fingerprint.root,
        ):
            raise PeerError(f"Record {index} of the manifest is not the one that was registered.")
        if index == 0:
            expected = manifest_records(opening.record)
        parts.append(opening.record[SALT:])
    if len(parts) != expected:
        raise PeerError("The owner did not open all records of the manifest.")
    manifest = read_preamble(b"".join(parts))
    check_statements(manifest, fingerprint)
    return manifest


def read_preamble(payload: bytes) -> Manifest:
    """The manifest from the content before the files' bytes; PeerError if it is malformed."""
    end = LENGTH_PREFIX + _manifest_length(payload)
    if len(payload) != preamble_size(payload):
        raise PeerError("The manifest has another length than it says.")
    if any(payload[end:]):
        raise PeerError("The padding after the manifest is not zero.")
    return Manifest.decode(payload[LENGTH_PREFIX:end])


def check_statements(manifest: Manifest, fingerprint: Fingerprint) -> None:
    """PeerError unless what was registered beside the root fits the manifest.

    In a confidential registration the content id is withheld, so there is nothing to compare.
    """
    length = preamble_bytes(manifest) + manifest.total_size
    if length != fingerprint.length:
        raise PeerError(
            f"The files listed make {length:,} bytes, {fingerprint.length:,} were registered."
        )
    if records.record_count(length) != fingerprint.records:
        raise PeerError("The registered number of records does not fit the registered length.")
    withheld = records.confidential_id(fingerprint.root)
    if fingerprint.content_id not in (withheld, manifest.content_id):
        raise PeerError("The registered content id is not that of the files listed.")


def _manifest_length(payload: Buffer) -> int:
    length = int.from_bytes(payload[:LENGTH_PREFIX], "big")
    if length > MAX_BYTES:
        raise PeerError("The manifest says it is larger than 16 MiB.")
    return length
