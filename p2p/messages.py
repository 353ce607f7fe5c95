"""What two peers say to each other while they trade: ten messages and their only encoding.

A message is RFC 8785 JSON ``{"v":1,"type":…,"id":…,"thread":…,…}`` of at most 64 KiB. Bytes are
lower-case hex without 0x, money is a decimal string, other integers are numbers. Exactly the keys
of the type are present, and the received bytes equal their own re-encoding, so a message has one
form only. ``decode`` raises ``PeerError`` and nothing else, whatever the bytes.

Offers, subscriptions, terms and reviews are opaque documents here: what they mean and whether
their signatures hold is judged by the caller.
"""

import dataclasses
import json
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

import rfc8785

from p2p.errors import PeerError
from p2p.limits import DOCUMENT_DEPTH, MESSAGE_BYTES, ROUNDS, TEXT_BYTES

VERSION = 1
_SECONDS = 2**40 - 1  # what one storage slot of the escrow keeps of a time
_MONEY = 2**256 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one field is checked and written; both directions raise ValueError."""

    def write(self, value: Any) -> Any:
        self.check(value)
        return value

    def read(self, value: Any) -> Any:
        self.check(value)
        return value

    def check(self, value: Any) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Raw(_Kind):
    least: int
    most: int

    def check(self, value: Any) -> None:
        if not isinstance(value, bytes) or not self.least <= len(value) <= self.most:
            raise ValueError(f"needs {self.least} to {self.most} bytes")

    def write(self, value: Any) -> str:
        self.check(value)
        return bytes(value).hex()

    def read(self, value: Any) -> bytes:
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            raise ValueError("is not lower-case hex")
        raw = bytes.fromhex(value)
        self.check(raw)
        return raw


@dataclass(frozen=True, slots=True)
class _Number(_Kind):
    least: int
    most: int

    def check(self, value: Any) -> None:
        if type(value) is not int or not self.least <= value <= self.most:
            raise ValueError(f"is not a whole number from {self.least} to {self.most}")


class _Money(_Kind):
    def check(self, value: Any) -> None:
        if type(value) is not int or not 0 <= value <= _MONEY:
            raise ValueError("is not an amount")

    def write(self, value: Any) -> str:
        self.check(value)
        return str(value)

    def read(self, value: Any) -> int:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise ValueError("is not an amount in decimal digits")
        amount = int(value)
        self.check(amount)
        return amount


@dataclass(frozen=True, slots=True)
class _Pattern(_Kind):
    pattern: re.Pattern[str]
    what: str

    def check(self, value: Any) -> None:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise ValueError(f"is not {self.what}")


class _Words(_Kind):
    """Plain text: any script, line breaks and tabs, no other control characters."""

    def check(self, value: Any) -> None:
        if not isinstance(value, str) or _CONTROL.search(value):
            raise ValueError("is not plain text")
        if len(value.encode()) > TEXT_BYTES:
            raise ValueError(f"is longer than {TEXT_BYTES} bytes")


class _Document(_Kind):
    """A JSON object that RFC 8785 can write, at most DOCUMENT_DEPTH deep."""

    def check(self, value: Any) -> None:
        check_document(value)


@dataclass(frozen=True, slots=True)
class _Optional(_Kind):
    kind: _Kind

    def check(self, value: Any) -> None:
        if value is not None:
            self.kind.check(value)

    def write(self, value: Any) -> Any:
        return None if value is None else self.kind.write(value)

    def read(self, value: Any) -> Any:
        return None if value is None else self.kind.read(value)


def check_document(value: Any) -> None:
    """ValueError (or RecursionError) unless it is a JSON object at most DOCUMENT_DEPTH deep."""
    if not isinstance(value, dict):
        raise ValueError("is not a document")
    _check_depth(value, DOCUMENT_DEPTH)


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise ValueError("is nested too deeply")
    if isinstance(value, dict):
        for inner in value.values():
            _check_depth(inner, left - 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_depth(inner, left - 1)


def _is(kind: _Kind) -> dict[str, _Kind]:
    return {"kind": kind}


_ID = _is(_Pattern(re.compile(r"[0-9a-f]{32}"), "32 hex digits"))
_TOKEN = _is(_Pattern(re.compile(r"0x[0-9a-fA-F]{40}"), "a token address"))
_HASH = _is(_Raw(32, 32))
_SIGNATURE = _is(_Raw(65, 65))
_AMOUNT = _is(_Money())
_DURATION = _is(_Number(1, 2**32 - 1))
_TIME = _is(_Number(0, _SECONDS))
_TEXT = _is(_Words())
_PAPER = _is(_Document())


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What every message has: its own ``id`` (for duplicates) and the negotiation ``thread``.

    Both are 32 lower-case hex digits drawn by the sender. Constructing a message with a field out
    of bounds raises ValueError naming the field.
    """

    TYPE: ClassVar[str]

    id: str = field(metadata=_ID)
    thread: str = field(metadata=_ID)

    def __post_init__(self) -> None:
        for name, kind in _kinds(type(self)).items():
            try:
                kind.check(getattr(self, name))
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{self.TYPE}: {name} {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """Buyer → owner: these terms at this price, with m sealed to the owner's X25519 key."""

    TYPE = "request"

    dataset: bytes = field(metadata=_HASH)
    token: str = field(metadata=_TOKEN)
    price: int = field(metadata=_AMOUNT)
    bond: int = field(metadata=_AMOUNT)
    window: int = field(metadata=_DURATION)
    reveal_within: int = field(metadata=_DURATION)
    expires: int = field(metadata=_TIME)
    terms: dict[str, Any] = field(metadata=_PAPER)
    mask_commit: bytes = field(metadata=_HASH)
    sealed_mask: bytes = field(metadata=_is(_Raw(80, 80)))  # 32 bytes in a NaCl sealed box
    note: str = field(metadata=_TEXT, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter(Message):
    """Either way, unsigned: these numbers instead. ``round`` counts from 1 within the thread."""

    TYPE = "counter"

    round: int = field(metadata=_is(_Number(1, ROUNDS)))
    price: int = field(metadata=_AMOUNT)
    bond: int = field(metadata=_AMOUNT)
    window: int = field(metadata=_DURATION)
    reveal_within: int = field(metadata=_DURATION)
    expires: int = field(metadata=_TIME)
    terms: dict[str, Any] = field(metadata=_PAPER)
    note: str = field(metadata=_TEXT, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOffer(Message):
    """Owner → buyer: the Offer as JSON and the owner's 65-byte signature of it."""

    TYPE = "offer"

    offer: dict[str, Any] = field(metadata=_PAPER)
    signature: bytes = field(metadata=_SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Message):
    """Either way: this negotiation is over."""

    TYPE = "decline"

    note: str = field(metadata=_TEXT, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Message):
    """Either way, at any time: words about a dataset or the thread's order."""

    TYPE = "text"

    dataset: bytes | None = field(metadata=_is(_Optional(_Raw(32, 32))), default=None)
    text: str = field(metadata=_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReceipt(Message):
    """Buyer → owner: everything under this delivery root is on my disk (EIP-712 Receipt)."""

    TYPE = "receipt"

    order: bytes = field(metadata=_HASH)
    root: bytes = field(metadata=_HASH)
    signature: bytes = field(metadata=_SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Message):
    """Owner → buyer, only after the receipt: the owner's secret s."""

    TYPE = "key"

    order: bytes = field(metadata=_HASH)
    secret: bytes = field(metadata=_HASH, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedConfirmation(Message):
    """Buyer → owner: the rating and review, for the owner to carry the transaction's fee."""

    TYPE = "confirmation"

    order: bytes = field(metadata=_HASH)
    root: bytes = field(metadata=_HASH)
    scores: bytes = field(metadata=_is(_Raw(6, 6)))
    review: dict[str, Any] = field(metadata=_PAPER)
    signature: bytes = field(metadata=_SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSubscription(Message):
    """Either way: a Subscription as JSON and the sender's 65-byte signature of it. The same one
    that came from the other side accepts it, another one is a counter-offer."""

    TYPE = "subscription"

    subscription: dict[str, Any] = field(metadata=_PAPER)
    terms: dict[str, Any] = field(metadata=_PAPER)
    signature: bytes = field(metadata=_SIGNATURE)
    note: str = field(metadata=_TEXT, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEnding(Message):
    """Either way: this subscription, or what was proposed, is over (EIP-712 SubscriptionEnd)."""

    TYPE = "ending"

    subscription: bytes = field(metadata=_HASH)
    at: int = field(metadata=_TIME)
    signature: bytes = field(metadata=_SIGNATURE)
    note: str = field(metadata=_TEXT, default="")


def _kinds(message: type[Message]) -> dict[str, _Kind]:
    return {f.name: f.metadata["kind"] for f in dataclasses.fields(message)}


_TYPES: dict[str, type[Message]] = {
    cls.TYPE: cls
    for cls in (
        Request,
        Counter,
        SignedOffer,
        Decline,
        Text,
        DeliveryReceipt,
        Key,
        SignedConfirmation,
        SignedSubscription,
        SubscriptionEnding,
    )
}


def encode(message: Message) -> bytes:
    """The message's only encoding. Raises ValueError if it would exceed 64 KiB."""
    fields = {
        name: kind.write(getattr(message, name)) for name, kind in _kinds(type(message)).items()
    }
    encoded = rfc8785.dumps({"v": VERSION, "type": message.TYPE, **fields})
    if len(encoded) > MESSAGE_BYTES:
        raise ValueError(f"The message is longer than {MESSAGE_BYTES} bytes: shorten the terms.")
    return encoded


def decode(data: bytes) -> Message:
    """The message ``data`` encodes. Raises PeerError for anything else."""
    document = read_object(data, MESSAGE_BYTES)
    version = document.pop("v", None)
    if type(version) is not int or version != VERSION:  # True equals 1 but is another encoding
        raise PeerError("The message is of another version: one of the two needs an update.")
    kind_name = document.pop("type", None)
    cls = _TYPES.get(kind_name) if isinstance(kind_name, str) else None
    if cls is None:
        raise PeerError("The message is of an unknown type: one of the two needs an update.")
    kinds = _kinds(cls)
    if document.keys() != kinds.keys():
        raise PeerError(f"The {cls.TYPE} message has missing or unknown fields.")
    values: dict[str, Any] = {}
    for name, kind in kinds.items():
        try:
            values[name] = kind.read(document[name])
        except (ValueError, RecursionError) as error:
            raise PeerError(f"The {cls.TYPE} message is wrong: {name} {error}.") from None
    return cls(**values)


def read_object(data: bytes, limit: int) -> dict[str, Any]:
    """Foreign bytes as a JSON object in RFC 8785 form. Raises PeerError for anything else."""
    if len(data) > limit:
        raise PeerError(f"The peer's message is longer than {limit} bytes.")
    try:
        value = json.loads(bytes(data).decode(), parse_constant=_refuse_constant)
        canonical = isinstance(value, dict) and rfc8785.dumps(value) == data
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        raise PeerError("The peer's message is not canonical JSON.")
    result: dict[str, Any] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
