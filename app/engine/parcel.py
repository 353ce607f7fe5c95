"""A watch parcel: what a buyer's second device needs to watch over one order, sealed to it.

One file. Nobody but the device with the watch key can read any of it, and a byte that was changed,
cut off or added is found when it is taken in:

    "LADING-W" ‖ u32 length ‖ header sealed to the device's X25519 key (libsodium sealed box)
    ‖ for each chunk: its leaf hashes h_i ‖ for each chunk: its ciphertext c_i

Of chunks that the buyer's app has opened already, and found to be right, the ciphertext is gone: in
its place are the leaves of the delivery tree, 32 bytes a record.
The header is RFC 8785 JSON: the `Mandate`, and a key for the rest, which is xored with ChaCha20
(RFC 8439), nonce 2k for the leaf hashes of chunk k and 2k + 1 for what comes of it then. No tag is
needed there: the header names the two roots that leaf hashes and ciphertext must have.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from chain import agreement
from chain.agreement import Domain, Offer
from chain.network import Network
from chain.wallet import key_address, seal_to
from p2p import chacha20, files, records
from p2p.errors import PeerError
from p2p.records import CHUNK_RECORDS, LEAF, RECORD
from p2p.spool import Spool

MAGIC = b"LADING-W"
MAX_HEADER_BYTES = 256 * 1024


class ParcelError(ValueError):
    """The parcel is not one for this device, or not whole; a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a watching device may know and do about one order: complain, and refund.

    root: R; delivery_root: R_x, which the buyer has signed for; since: the block of the payment;
    mask: the buyer's secret m of this order; fee_key: a secp256k1 key with some coins for fees and
    nothing else; opened: the first so many chunks were found to be right. There is nothing in it
    that could confirm, sign or pay in the buyer's name.
    """

    network: Network
    offer: Offer
    root: bytes
    delivery_root: bytes
    since: int
    mask: bytes = field(repr=False)
    fee_key: bytes = field(repr=False)
    opened: int = 0

    def __post_init__(self) -> None:
        for name in ("root", "delivery_root", "mask", "fee_key"):
            if len(getattr(self, name)) != 32:
                raise ValueError(f"{name} has 32 bytes")
        if type(self.since) is not int or self.since < 0:
            raise ValueError("since is a block's number")
        if type(self.opened) is not int or not 0 <= self.opened < self._chunks:
            raise ValueError("what was opened is a number of chunks, and not all of them")
        if agreement.mask_commit(self.mask) != self.offer.mask_commit:
            raise ValueError("the mask is not that of the offer")
        key_address(self.fee_key)

    @property
    def _chunks(self) -> int:
        return records.chunk_count(self.offer.records)

    @property
    def opened_records(self) -> int:
        return self.opened * CHUNK_RECORDS

    @property
    def order_id(self) -> bytes:
        domain = Domain(self.network.chain_id, self.network.exchange)
        return agreement.order_id(domain, self.offer)


# Writing


def pack(path: Path, mandate: Mandate, spool: Spool, watch_key: bytes) -> None:
    """Write the parcel of a complete delivery for the device with this public key.

    It appears when it is whole and replaces an older one. ContentError: the disk.
    """
    body_key = secrets.token_bytes(32)
    header = seal_to(watch_key, agreement.canonical(_to_json(mandate, body_key)))
    part = path.with_name(path.name + ".part")
    with files.writing(path.parent):
        part.unlink(missing_ok=True)
        try:
            with open(part, "xb", opener=_private) as file:
                file.write(MAGIC + len(header).to_bytes(4, "big") + header)
                for chunk in range(spool.chunks):
                    file.write(_xor(body_key, 2 * chunk, spool.leaves(chunk)))
                for chunk in range(spool.chunks):
                    kept = spool.entries if chunk < mandate.opened else spool.ciphertext
                    file.write(_xor(body_key, 2 * chunk + 1, kept(chunk)))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# Reading


def read_header(sealed: bytes, private: bytes) -> tuple[Mandate, bytes]:
    """The mandate and the key of the body; ParcelError if it is sealed to another device, was
    altered, or is not a mandate."""
    try:
        plain = SealedBox(PrivateKey(private)).decrypt(sealed)
    except (CryptoError, TypeError):
        raise ParcelError(
            "The parcel is for another device, or it was damaged on the way: make it again with "
            "this device's watch code."
        ) from None
    try:
        return _from_json(json.loads(plain))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ParcelError("The parcel is of another version of Lading.") from None


def needed_bytes(mandate: Mandate) -> int:
    """What a taken parcel needs on the disk: ciphertext, leaf hashes, and those of the delivery."""
    count = mandate.offer.records
    return count * 2 * LEAF + (count - mandate.opened_records) * RECORD


def read_mandate(path: Path, private: bytes) -> Mandate:
    """The mandate of a parcel that lies there, nothing else looked at. Errors as `unpack`."""
    with files.reading(path), path.open("rb") as file:
        return read_header(_sealed_header(file), private)[0]


def unpack(path: Path, private: bytes, folder: Path) -> Mandate:
    """Take a parcel in: when this returns its spool is in ``folder`` and on the disk, checked
    against both roots, and so is its mandate.

    ParcelError: it is not for this device, altered, cut short or too long. ContentError: this
    disk. Either way what is in ``folder`` is of no use then.
    """
    with files.reading(path), path.open("rb") as file:
        sealed = _sealed_header(file)
        mandate, body_key = read_header(sealed, private)
        count = mandate.offer.records
        body = os.fstat(file.fileno()).st_size - file.tell()
        if body != needed_bytes(mandate) - (count - mandate.opened_records) * LEAF:
            raise ParcelError("The parcel is not whole: copy it to this device again.")
        spool = Spool(folder, count, mandate.root)
        try:
            every = range(spool.chunks)
            opened, left = every[: mandate.opened], every[mandate.opened :]
            for leaves in _pieces(file, body_key, count, LEAF, 0, every):
                spool.put_leaves(leaves)
            for entries in _pieces(file, body_key, count, LEAF, 1, opened):
                spool.put_opened(entries)
            for ciphertext in _pieces(file, body_key, count, RECORD, 1, left):
                spool.put_chunk(spool.next_chunk, ciphertext)
        except PeerError:
            raise _altered() from None
        if spool.delivery_root() != mandate.delivery_root:
            raise _altered()
    with files.writing(folder):
        (folder / "mandate").write_bytes(sealed)
        files.force([folder / "mandate"], folder)
    return mandate


def read_unpacked(folder: Path, private: bytes) -> Mandate:
    """The mandate of a parcel that was taken into ``folder``."""
    with files.reading(folder):
        sealed = (folder / "mandate").read_bytes()
    return read_header(sealed, private)[0]


def _sealed_header(file: BinaryIO) -> bytes:
    head = file.read(len(MAGIC) + 4)
    length = int.from_bytes(head[len(MAGIC) :], "big")
    if len(head) != len(MAGIC) + 4 or head[: len(MAGIC)] != MAGIC or length > MAX_HEADER_BYTES:
        raise ParcelError("This file is not a watch parcel.")
    return file.read(length)


def _pieces(
    file: BinaryIO, key: bytes, count: int, width: int, second: int, chunks: range
) -> Iterator[bytes]:
    for chunk in chunks:
        size = records.chunk_records(chunk, count) * width
        piece = file.read(size)
        if len(piece) != size:
            raise ParcelError("The parcel is not whole: copy it to this device again.")
        yield _xor(key, 2 * chunk + second, piece)


def _altered() -> ParcelError:
    return ParcelError("The parcel was altered on the way: copy it to this device again.")


def _xor(key: bytes, nonce: int, data: bytes) -> bytes:
    return chacha20.xor(key, nonce.to_bytes(12, "big"), 0, data)


def _to_json(mandate: Mandate, body_key: bytes) -> dict[str, Any]:
    return {
        "lading": 1,
        "network": mandate.network.to_json(),
        "offer": mandate.offer.to_json(),
        "root": mandate.root.hex(),
        "delivery_root": mandate.delivery_root.hex(),
        "since": mandate.since,
        "mask": mandate.mask.hex(),
        "fee_key": mandate.fee_key.hex(),
        "body_key": body_key.hex(),
    } | ({"opened": mandate.opened} if mandate.opened else {})


def _from_json(document: object) -> tuple[Mandate, bytes]:
    if not isinstance(document, dict):
        raise ValueError("a mandate is an object")
    opened = document.pop("opened", 0)
    if document.pop("lading") != 1 or len(document) != 8:
        raise ValueError("another version")
    body_key = bytes.fromhex(document["body_key"])
    if len(body_key) != 32:
        raise ValueError("body_key has 32 bytes")
    mandate = Mandate(
        network=Network.from_json(document["network"]),
        offer=Offer.from_json(document["offer"]),
        root=bytes.fromhex(document["root"]),
        delivery_root=bytes.fromhex(document["delivery_root"]),
        since=document["since"],
        mask=bytes.fromhex(document["mask"]),
        fee_key=bytes.fromhex(document["fee_key"]),
        opened=opened,
    )
    return mandate, body_key
