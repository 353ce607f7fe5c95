"""What the registry logs, and how to read it by hand.

The contract bounds what strangers can put into an event, so a log that does not fit is not the
contract's: a ValueError, and the endpoint's fault. Text in events is any bytes at all; what is not
UTF-8 is left out, because nobody may stop others from reading with a bad name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from chain import abi
from chain.address import Address
from chain.answers import RawLog

MAX_LISTING_BYTES = 8192
MAX_WANT_BYTES = 4096
MAX_NAME_BYTES = 64
MAX_PEER_ID_BYTES = 128
MAX_ADDRESS_BYTES = 256
MAX_ADDRESSES = 8
NEVER = 2**40
"""Unix seconds so late that later ones are all the same."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How an account can be reached. Public for ever; an empty peer id: not any more."""

    name: str
    peer_id: str
    seal_key: bytes
    addresses: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.seal_key) != 32:
            raise ValueError("a seal key has 32 bytes")
        _short("the name", self.name, MAX_NAME_BYTES)
        _short("the peer id", self.peer_id, MAX_PEER_ID_BYTES)
        if len(self.addresses) > MAX_ADDRESSES:
            raise ValueError(f"a profile has at most {MAX_ADDRESSES} addresses")
        for each in self.addresses:
            _short("an address", each, MAX_ADDRESS_BYTES)


@dataclass(frozen=True, slots=True)
class Committed:
    account: Address
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Registered:
    """A dataset came to be; `committed_at` (unix seconds) is the time that counts."""

    dataset: bytes
    registrant: Address
    committed_at: int
    content_id: bytes
    root: bytes
    records: int
    length: int
    salt_nonce: bytes
    parent: bytes
    listing: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListingUpdated:
    """Also puts a withdrawn dataset on offer again."""

    dataset: bytes
    title: Address
    listing: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    dataset: bytes
    title: Address


@dataclass(frozen=True, slots=True)
class TitleTransferred:
    dataset: bytes
    sender: Address
    receiver: Address


@dataclass(frozen=True, slots=True)
class ProfileSet:
    account: Address
    profile: Profile


@dataclass(frozen=True, slots=True)
class Wanted:
    want: bytes
    account: Address
    expires: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unwanted:
    want: bytes
    account: Address


RegistryEvent: TypeAlias = (
    Committed
    | Registered
    | ListingUpdated
    | Withdrawn
    | TitleTransferred
    | ProfileSet
    | Wanted
    | Unwanted
)


def decoders() -> dict[bytes, Callable[[RawLog], RegistryEvent]]:
    """First topic → how to read such a log. Each raises ValueError for a log that does not fit."""
    interface = abi.interface("Registry")
    readers: dict[str, Callable[[RawLog], RegistryEvent]] = {
        "Committed": _committed,
        "Registered": registered,
        "ListingUpdated": _listing_updated,
        "Withdrawn": _withdrawn,
        "TitleTransferred": _title_transferred,
        "ProfileSet": _profile_set,
        "Wanted": _wanted,
        "Unwanted": _unwanted,
    }
    return {interface.topic(name): reader for name, reader in readers.items()}


def _committed(log: RawLog) -> Committed:
    _, account, commitment = log.topics
    return Committed(abi.address(account), commitment)


def registered(log: RawLog) -> Registered:
    """The registration that a `Registered` log tells; ValueError for a log that does not fit."""
    _, dataset, registrant, content_id = log.topics
    data = log.data
    if len(data) < 8 * abi.WORD:
        raise ValueError("the data ends early")
    return Registered(
        dataset=dataset,
        registrant=abi.address(registrant),
        committed_at=abi.number(data, 0, 40),
        content_id=content_id,
        root=data[32:64],
        records=abi.number(data, 2, 33),
        length=abi.number(data, 3, 53),
        salt_nonce=data[128:160],
        parent=data[160:192],
        listing=abi.blob(data, 6, MAX_LISTING_BYTES),
    )


def _listing_updated(log: RawLog) -> ListingUpdated:
    _, dataset, title = log.topics
    return ListingUpdated(dataset, abi.address(title), abi.blob(log.data, 0, MAX_LISTING_BYTES))


def _withdrawn(log: RawLog) -> Withdrawn:
    _, dataset, title = log.topics
    return Withdrawn(dataset, abi.address(title))


def _title_transferred(log: RawLog) -> TitleTransferred:
    _, dataset, sender, receiver = log.topics
    return TitleTransferred(dataset, abi.address(sender), abi.address(receiver))


def _profile_set(log: RawLog) -> ProfileSet:
    _, account = log.topics
    data = log.data
    start = abi.number(data, 3, 32)
    count = abi.number(data[start:], 0, 32)
    if count > MAX_ADDRESSES:
        raise ValueError("a profile has too many addresses")
    # Offsets inside an array count from behind its length.
    array = data[start + abi.WORD :]
    addresses = tuple(abi.text(abi.blob(array, index, MAX_ADDRESS_BYTES)) for index in range(count))
    return ProfileSet(
        abi.address(account),
        Profile(
            abi.text(abi.blob(data, 0, MAX_NAME_BYTES)),
            abi.text(abi.blob(data, 1, MAX_PEER_ID_BYTES)),
            abi.word_at(data, 2),
            addresses,
        ),
    )


def _wanted(log: RawLog) -> Wanted:
    _, want, account = log.topics
    return Wanted(
        want,
        abi.address(account),
        min(abi.number(log.data, 0, 64), NEVER),
        abi.blob(log.data, 1, MAX_WANT_BYTES),
    )


def _unwanted(log: RawLog) -> Unwanted:
    _, want, account = log.topics
    return Unwanted(want, abi.address(account))


def _short(what: str, text: str, longest: int) -> None:
    if len(text.encode()) > longest:
        raise ValueError(f"{what} has at most {longest} bytes")
