"""The registry as Python sees it: calls to make, answers and events to read (PROTOCOL §3).

Calls are values; only the `read_…` functions talk to a chain, through the gateway they are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_hash.auto import keccak

from chain import abi
from chain.address import ZERO_ADDRESS, Address
from chain.agreement import MAX_RECORDS
from chain.errors import Unreachable
from chain.gateway import Call, Gateway
from chain.listing import decode_listing, encode_listing
from chain.network import Network
from chain.registry_events import (
    MAX_LISTING_BYTES,
    MAX_WANT_BYTES,
    Committed,
    ListingUpdated,
    Profile,
    ProfileSet,
    Registered,
    RegistryEvent,
    TitleTransferred,
    Unwanted,
    Wanted,
    Withdrawn,
    decoders,
    registered,
)

__all__ = [
    "Committed", "DatasetRow", "ListingUpdated", "Profile", "ProfileSet", "Registered",
    "Registration", "RegistryEvent", "TitleTransferred", "Unwanted", "Wanted", "Withdrawn",
    "arguments_hash", "batch_hash", "commit_call", "commitment", "decode_listing", "decoders",
    "encode_listing", "read_dataset", "read_first", "register_call", "register_many_call",
    "set_profile_call", "transfer_title_call", "unwant_call", "update_listing_call", "want_call",
    "want_id", "withdraw_call",
]  # fmt: skip

PAYLOAD = 4064
"""Bytes of content in a record."""
MAX_BATCH = 32
MAX_BATCH_LISTING_BYTES = 16384
NO_DATASET = bytes(32)


@dataclass(frozen=True, slots=True)
class Registration:
    """One dataset to register: its fingerprint and its compressed listing.

    Hashes, salt nonce and parent are 32 bytes, `length` is in bytes; `parent` is the dataset this
    is a new version of, or `NO_DATASET`.
    """

    content_id: bytes
    root: bytes
    records: int
    length: int
    salt_nonce: bytes
    parent: bytes
    listing: bytes

    def __post_init__(self) -> None:
        for name in ("content_id", "root", "salt_nonce", "parent"):
            _bytes32(name, getattr(self, name))
        if not 1 <= self.records <= MAX_RECORDS:
            raise ValueError("records must be from 1 to 2^32")
        if -(-self.length // PAYLOAD) != self.records:
            raise ValueError(f"length must fill the records, each with {PAYLOAD} bytes")
        if len(self.listing) > MAX_LISTING_BYTES:
            raise ValueError(f"a listing has at most {MAX_LISTING_BYTES} bytes")

    def as_tuple(self) -> tuple[Any, ...]:
        """The contract's struct, in its order; the listing goes beside it."""
        return (
            self.content_id, self.root, self.records, self.length, self.salt_nonce, self.parent,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """What the contract keeps of a dataset. `committed_at` in unix seconds."""

    title: Address
    committed_at: int
    withdrawn: bool


# Calls


def arguments_hash(registration: Registration) -> bytes:
    """What a commitment to one registration hides: `args` of `commitment`."""
    kinds = (_REGISTRATION, "bytes32")
    return keccak(abi.encode(kinds, (registration.as_tuple(), keccak(registration.listing))))


def batch_hash(registrations: Sequence[Registration]) -> bytes:
    """What a commitment to a batch hides."""
    rows, sizes, listings = _batch(registrations)
    kinds = (f"{_REGISTRATION}[]", "uint16[]", "bytes32")
    return keccak(abi.encode(kinds, (rows, sizes, keccak(listings))))


def commitment(network: Network, sender: Address, args: bytes, salt: bytes) -> bytes:
    """What to commit to, 32 bytes. `args`: `arguments_hash` or `batch_hash`; `salt`: 32 random
    bytes, kept until the registration is in the chain."""
    kinds = ("uint256", "address", "address", "bytes32", "bytes32")
    values = (network.chain_id, network.registry, sender, _bytes32("args", args), salt)
    return keccak(abi.encode(kinds, values))


def commit_call(network: Network, commitment: bytes) -> Call:
    return _call(network, "commit", _bytes32("commitment", commitment))


def register_call(network: Network, registration: Registration, salt: bytes) -> Call:
    """Opens a commitment, in a later block and within 24 hours."""
    return _call(network, "register", registration.as_tuple(), registration.listing, salt)


def register_many_call(
    network: Network, registrations: Sequence[Registration], salt: bytes
) -> Call:
    """Opens one commitment that covers up to 32 registrations; all of them or none."""
    return _call(network, "register_many", *_batch(registrations), salt)


def update_listing_call(network: Network, dataset: bytes, listing: bytes) -> Call:
    if len(listing) > MAX_LISTING_BYTES:
        raise ValueError(f"a listing has at most {MAX_LISTING_BYTES} bytes")
    return _call(network, "update_listing", dataset, listing)


def withdraw_call(network: Network, dataset: bytes) -> Call:
    """No longer on offer; running orders go on."""
    return _call(network, "withdraw", dataset)


def transfer_title_call(network: Network, dataset: bytes, to: Address) -> Call:
    """Offers of the present holder can no longer be funded after it."""
    if to == ZERO_ADDRESS:
        raise ValueError("a title needs somebody to hold it")
    return _call(network, "transfer_title", dataset, to)


def want_call(network: Network, content: bytes, expires: int) -> Call:
    """Says publicly what the sender looks for, until `expires` (unix seconds)."""
    if len(content) > MAX_WANT_BYTES:
        raise ValueError(f"a want has at most {MAX_WANT_BYTES} bytes")
    return _call(network, "want", content, expires)


def want_id(network: Network, account: Address, content: bytes, expires: int) -> bytes:
    """The id under which a want can be taken back."""
    kinds = ("address", "address", "bytes32", "uint64")
    return keccak(abi.encode(kinds, (network.registry, account, keccak(content), expires)))


def unwant_call(network: Network, want: bytes) -> Call:
    return _call(network, "unwant", want)


def set_profile_call(network: Network, profile: Profile) -> Call:
    return _call(
        network,
        "set_profile",
        profile.name,
        profile.peer_id,
        profile.seal_key,
        list(profile.addresses),
    )


# Reading


def read_dataset(gateway: Gateway, network: Network, dataset: bytes) -> DatasetRow | None:
    """The dataset as the chain keeps it now; None if it is not registered."""
    answer = gateway.call(network.registry, abi.interface("Registry").calldata("dataset", dataset))
    try:
        abi.exactly(answer, 3)
        row = DatasetRow(abi.address(answer[:32]), abi.number(answer, 1, 40), abi.flag(answer, 2))
    except ValueError as error:
        raise Unreachable(f"The registry's answer makes no sense: {error}.") from None
    return None if row.title == ZERO_ADDRESS else row


def read_first(gateway: Gateway, network: Network, content_id: bytes) -> bytes | None:
    """The dataset whose commitment to this content id is the earliest. A claim, not a proof.

    The contract does not keep it; it is read from the events of all registrations of this content,
    whose number nobody bounds: who has an index of the chain asks that.
    """
    topics = (abi.interface("Registry").topic("Registered"), None, None, content_id)
    newest = gateway.head().number
    logs = gateway.logs(network.start_block, newest, (network.registry,), topics)
    try:
        events = [registered(log) for log in logs]
    except ValueError as error:
        raise Unreachable(f"The registry's events make no sense: {error}.") from None
    # Of those committed in the same second the one registered first.
    earliest = min(events, key=lambda event: event.committed_at, default=None)
    return None if earliest is None else earliest.dataset


_REGISTRATION = "(bytes32,bytes32,uint64,uint64,bytes32,bytes32)"


def _call(network: Network, function: str, *arguments: Any) -> Call:
    return Call(network.registry, abi.interface("Registry").calldata(function, *arguments))


def _batch(
    registrations: Sequence[Registration],
) -> tuple[list[tuple[Any, ...]], list[int], bytes]:
    if not 1 <= len(registrations) <= MAX_BATCH:
        raise ValueError(f"a batch has 1 to {MAX_BATCH} registrations")
    listings = b"".join(registration.listing for registration in registrations)
    if len(listings) > MAX_BATCH_LISTING_BYTES:
        raise ValueError(f"the listings of a batch have at most {MAX_BATCH_LISTING_BYTES} bytes")
    rows = [registration.as_tuple() for registration in registrations]
    return rows, [len(registration.listing) for registration in registrations], listings


def _bytes32(name: str, value: bytes) -> bytes:
    # eth_abi would pad what is shorter.
    if len(value) != 32:
        raise ValueError(f"{name} must be 32 bytes")
    return value
