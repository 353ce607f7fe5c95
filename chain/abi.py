"""Calldata and event topics of the contracts, from the committed artifacts (Solidity ABI).

Encoding is `eth_abi`'s. Event data is read by hand, with the few functions below: an index reads
hundreds of thousands of events, and a log's layout is fixed.
https://docs.soliditylang.org/en/latest/abi-spec.html
"""

from functools import cache, lru_cache
from typing import Any

from eth_abi.abi import decode as decode_abi
from eth_abi.abi import encode as encode_abi
from eth_abi.exceptions import DecodingError, EncodingError
from eth_hash.auto import keccak

from chain.address import Address, address_text
from chain.contracts import artifact

WORD = 32


def type_text(parameter: dict[str, Any]) -> str:
    """The canonical type of a JSON ABI parameter; a tuple as its components in brackets."""
    kind: str = parameter["type"]
    if "components" not in parameter:
        return kind
    inside = ",".join(type_text(component) for component in parameter["components"])
    return kind.replace("tuple", f"({inside})", 1)


class Interface:
    """What one contract can be asked and what it logs."""

    def __init__(self, name: str) -> None:
        """KeyError unless `name` is one of our contracts."""
        compiled = artifact(name)
        self.bytecode = compiled.bytecode
        self._functions: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._topics: dict[str, bytes] = {}
        self._constructor: tuple[str, ...] = ()
        for entry in compiled.abi:
            kinds = tuple(type_text(parameter) for parameter in entry["inputs"])
            if entry["type"] == "constructor":
                self._constructor = kinds
                continue
            signature = keccak(f"{entry['name']}({','.join(kinds)})".encode())
            if entry["type"] == "function":
                self._functions[entry["name"]] = signature[:4], kinds
            elif entry["type"] == "event":
                self._topics[entry["name"]] = signature

    def calldata(self, function: str, *arguments: Any) -> bytes:
        """Selector and encoded arguments; ValueError if they do not fit the function."""
        selector, kinds = self._functions[function]
        return selector + encode(kinds, arguments)

    def arguments(self, function: str, calldata: bytes) -> tuple[Any, ...]:
        """What `calldata` called the function with; ValueError if it is no such call."""
        selector, kinds = self._functions[function]
        if calldata[:4] != selector:
            raise ValueError(f"this is no call of {function}")
        try:
            return decode_abi(kinds, calldata[4:])
        except (DecodingError, OverflowError, UnicodeDecodeError) as error:
            raise ValueError(f"the call cannot be decoded: {error}") from None

    def topic(self, event: str) -> bytes:
        """keccak256 of the event's signature, the first topic of each of its logs."""
        return self._topics[event]

    def creation_code(self, *arguments: Any) -> bytes:
        """What a deployment runs: the bytecode and the constructor's arguments."""
        return self.bytecode + encode(self._constructor, arguments)


@cache
def interface(name: str) -> Interface:
    """The interface of `Registry`, `Exchange` or `PracticeDollar`."""
    return Interface(name)


def encode(kinds: tuple[str, ...], arguments: tuple[Any, ...]) -> bytes:
    """abi.encode of the arguments; ValueError if one does not fit its type."""
    try:
        return encode_abi(kinds, arguments)
    except (EncodingError, TypeError, OverflowError) as error:
        raise ValueError(f"the call cannot be encoded: {error}") from None


# Reading. `data` is a log's data or a call's return value: anything at all, sent by a stranger.


def exactly(data: bytes, words: int) -> None:
    """ValueError unless the data has this many words."""
    if len(data) != words * WORD:
        raise ValueError(f"{words} words were expected, not {len(data)} bytes")


def number(data: bytes, word: int, bits: int = 256) -> int:
    """The unsigned integer in the word at this index; ValueError if it is wider than `bits`."""
    value = int.from_bytes(data[word * WORD : word * WORD + WORD], "big")
    if value >> bits:
        raise ValueError(f"a number is wider than {bits} bits")
    return value


def flag(data: bytes, word: int) -> bool:
    """The boolean in the word at this index."""
    return bool(number(data, word, 1))


@lru_cache(maxsize=65536)
def address(word: bytes) -> Address:
    """The account in a word. Cached: the checksum costs far more than finding it again."""
    if word[:12] != bytes(12) or len(word) != WORD:
        raise ValueError("a word holds no address")
    return address_text(word[12:])


def word_at(data: bytes, word: int) -> bytes:
    """The 32 bytes at this index; ValueError if the data ends before."""
    value = data[word * WORD : word * WORD + WORD]
    if len(value) != WORD:
        raise ValueError("the data ends early")
    return value


def blob(data: bytes, word: int, longest: int) -> bytes:
    """The `bytes` or `string` whose offset is in the word at this index, at most `longest`."""
    return blob_at(data, number(data, word, 32), longest)


def blob_at(data: bytes, start: int, longest: int) -> bytes:
    """The `bytes` or `string` whose length is at byte `start`."""
    content = start + WORD
    size = int.from_bytes(data[start:content], "big")
    if size > longest or content + size > len(data):
        raise ValueError("bytes are longer than allowed or than the data")
    return data[content : content + size]


def text(raw: bytes) -> str:
    """A contract's string. Contracts take any bytes; those that are no UTF-8 are left out."""
    return raw.decode("utf-8", "ignore")
