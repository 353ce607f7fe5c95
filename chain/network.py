"""A network file: which chain, which contracts, which money, and when a block counts as final.

The file is JSON with exactly the keys of `Network` plus `"lading": 1`. One person deploys and saves
it, others load it; so what is read is bounded and checked, and a mistake is named in words.
Endpoint addresses can hold an access key and are therefore left out of `repr` and of errors.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from chain.address import ZERO_ADDRESS, Address, address_bytes, parse_address
from chain.private_file import write_private

MAX_FILE_BYTES = 64 * 1024
MAX_URLS = 16
MAX_TOKENS = 64
MAX_CHAIN_ID = 2**53 - 1
MAX_WAIT_SECONDS = 30 * 24 * 3600
MAX_CONFIRMATIONS = 10_000

T = TypeVar("T")


def _text(what: str, value: object, longest: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
        raise ValueError(f"{what} must be 1 to {longest} printable characters")
    if value != value.strip():
        raise ValueError(f"{what} must not begin or end with a space")


def _whole(what: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{what} must be a whole number from {least} to {most}")


def _flag(what: str, value: object) -> None:
    if type(value) is not bool:
        raise ValueError(f"{what} must be true or false")


def check_url(value: object) -> None:
    """ValueError, in words, unless it can be an endpoint's address; the address is not repeated."""
    if not isinstance(value, str) or not 1 <= len(value) <= 2048 or not value.isprintable():
        raise ValueError("the address of an endpoint must have 1 to 2048 printable characters")
    # The address is not repeated in the sentence, and Python's own error would repeat it.
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or " " in value:
        raise ValueError(
            "the address of an endpoint must be like http://host:port or https://host/path"
        )


@dataclass(frozen=True, slots=True)
class Token:
    """A currency the network's people trade in. Address zero means the chain's own coin."""

    address: Address
    symbol: str
    name: str
    decimals: int
    permit: bool
    """Whether the token takes EIP-2612 permits, which save the buyer one transaction."""

    def __post_init__(self) -> None:
        address_bytes(self.address)
        _text("a token's symbol", self.symbol, 16)
        _text("a token's name", self.name, 64)
        _whole("a token's decimals", self.decimals, 0, 36)
        _flag("a token's permit", self.permit)
        if self.permit and self.address == ZERO_ADDRESS:
            raise ValueError("the chain's own coin has no permit")

    def to_json(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_json(cls, document: object) -> "Token":
        """ValueError, in words, for anything that is not exactly a token."""
        values = _exactly("a token", document, {item.name for item in fields(cls)})
        return cls(**{**values, "address": _address("a token's address", values["address"])})


@dataclass(frozen=True, slots=True)
class Network:
    """One chain with one deployment of both contracts. Times in seconds, all limits inclusive."""

    name: str
    chain_id: int
    rpc_urls: tuple[str, ...] = field(repr=False)
    registry: Address
    exchange: Address
    tokens: tuple[Token, ...]
    confirmations: int
    """Blocks on top of an event's block before it counts as final."""
    practice: bool
    start_block: int
    """The block of the deployment: nothing of ours is older."""
    min_reveal_within: int
    min_window: int
    fee_symbol: str
    """What fees are paid in, such as ETH."""
    free_gas: bool
    """Whether transactions offer no fee, as consortium chains allow."""

    def __post_init__(self) -> None:
        _text("the network's name", self.name, 64)
        _whole("chain_id", self.chain_id, 1, MAX_CHAIN_ID)
        if not isinstance(self.rpc_urls, tuple) or not 1 <= len(self.rpc_urls) <= MAX_URLS:
            raise ValueError(f"rpc_urls must list 1 to {MAX_URLS} endpoints")
        for url in self.rpc_urls:
            try:
                check_url(url)
            except ValueError as error:
                raise ValueError(f"rpc_urls: {error}") from None
        if len(set(self.rpc_urls)) != len(self.rpc_urls):
            raise ValueError("rpc_urls lists the same endpoint twice: its word would count twice")
        for what, address in (("registry", self.registry), ("exchange", self.exchange)):
            if address_bytes(address) == bytes(20):
                raise ValueError(f"{what} must be the address of a contract, not zero")
        if self.registry == self.exchange:
            raise ValueError("registry and exchange are two contracts; the file gives one address")
        if not isinstance(self.tokens, tuple) or len(self.tokens) > MAX_TOKENS:
            raise ValueError(f"tokens must list at most {MAX_TOKENS} tokens")
        if len({token.address for token in self.tokens}) != len(self.tokens):
            raise ValueError("tokens lists the same token twice")
        _whole("confirmations", self.confirmations, 0, MAX_CONFIRMATIONS)
        _flag("practice", self.practice)
        _whole("start_block", self.start_block, 0, 2**53 - 1)
        _whole("min_reveal_within", self.min_reveal_within, 1, MAX_WAIT_SECONDS)
        _whole("min_window", self.min_window, 1, MAX_WAIT_SECONDS)
        _text("fee_symbol", self.fee_symbol, 16)
        _flag("free_gas", self.free_gas)

    def token(self, address: Address) -> Token | None:
        """The token with this address, if people of this network trade in it."""
        return next((token for token in self.tokens if token.address == address), None)

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        return document | {
            "lading": 1,
            "rpc_urls": list(self.rpc_urls),
            "tokens": [token.to_json() for token in self.tokens],
        }

    @classmethod
    def from_json(cls, document: object) -> "Network":
        """ValueError, in words, for anything that is not exactly a network file of version 1."""
        names = {item.name for item in fields(cls)}
        values = dict(_exactly("the network file", document, names | {"lading"}))
        version = values.pop("lading")
        if type(version) is not int or version != 1:
            raise ValueError("it is of another version; update Lading or ask for a new file")
        values["rpc_urls"] = _tuple("rpc_urls", values["rpc_urls"], str)
        values["tokens"] = _tuple("tokens", values["tokens"], Token.from_json)
        for contract in ("registry", "exchange"):
            values[contract] = _address(contract, values[contract])
        return cls(**values)

    @classmethod
    def load(cls, path: Path) -> "Network":
        """Read a network file. ValueError names what is wrong; OSError if it cannot be read."""
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"{path.name} is too large for a network file")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            raise ValueError(f"{path.name} is not a network file: it is not JSON") from None
        try:
            return cls.from_json(document)
        except ValueError as error:
            raise ValueError(f"{path.name} cannot be used: {error}") from None

    def save(self, path: Path) -> None:
        """Write the file whole or not at all, for its owner's eyes: an endpoint can hold a key."""
        content = json.dumps(self.to_json(), indent=2, ensure_ascii=False).encode() + b"\n"
        write_private(path, content)


def _exactly(what: str, document: object, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise ValueError(f"{what} must be a JSON object")
    if missing := sorted(names - document.keys()):
        raise ValueError(f"{what} lacks {', '.join(missing)}")
    if unknown := sorted(str(key)[:40] for key in document.keys() - names):
        raise ValueError(f"{what} has unknown entries: {', '.join(unknown[:5])}")
    return document


def _address(what: str, value: object) -> Address:
    try:
        return parse_address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None


def _tuple(what: str, value: object, each: Callable[[Any], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{what} must be a list")
    return tuple(each(item) for item in value)
