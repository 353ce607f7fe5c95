"""What an endpoint answered, checked: JSON values in, our own types out, ValueError for the rest.

The Ethereum JSON-RPC writes numbers as 0x-hex without bounds and bytes as 0x-hex of any length
(https://ethereum.github.io/execution-apis/). Here both have bounds.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from chain.address import Address
from chain.errors import ChainError, Unreachable

MAX_LOGS = 200_000
MAX_LOG_BYTES = 64 * 1024
MAX_TIME = 2**40
MAX_MESSAGE_LENGTH = 300

_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,64}")


class RpcError(ChainError):
    """An endpoint understood the question and answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Declined(Unreachable):
    """The endpoint would not answer this question; a smaller one may be answered."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's place in the chain. `timestamp` in unix seconds."""

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class TxReceipt:
    """What became of a mined transaction. `ok` is false if it reverted; the fee is paid anyway."""

    hash: bytes
    block_number: int
    block_hash: bytes
    gas_used: int
    ok: bool
    fee_wei: int


@dataclass(frozen=True, slots=True)
class RawLog:
    """One event as logged. `block_time` is None where the endpoint does not tell it."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    block_time: int | None
    tx_hash: bytes
    index: int


def number(value: object, most: int = 2**256 - 1) -> int:
    """A quantity from 0 to `most`."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError("a number was expected")
    result = int(value, 16)
    if result > most:
        raise ValueError("a number is impossibly large")
    return result


def octets(value: object, longest: int) -> bytes:
    """Bytes, at most `longest`."""
    if not isinstance(value, str) or value[:2] != "0x" or len(value) > 2 + 2 * longest:
        raise ValueError(f"at most {longest} bytes were expected")
    result = bytes.fromhex(value[2:])
    if 2 + 2 * len(result) != len(value):  # Python reads over spaces
        raise ValueError("bytes have spaces in them")
    return result


def word(value: object) -> bytes:
    """Exactly 32 bytes."""
    if not isinstance(value, str) or len(value) != 66:
        raise ValueError("32 bytes were expected")
    return _word(value)


@lru_cache(maxsize=8192)
def _word(text: str) -> bytes:
    # Cached: every log repeats its event's topic, and often its accounts, block and transaction.
    result = bytes.fromhex(text[2:])
    if text[:2] != "0x" or len(result) != 32:
        raise ValueError("32 bytes were expected")
    return result


def block(value: object) -> Block:
    """A block's header."""
    header = _members(value)
    return Block(
        number(header.get("number"), 2**53),
        word(header.get("hash")),
        number(header.get("timestamp"), MAX_TIME),
    )


def base_fee_wei(value: object) -> int | None:
    """A block's base fee per gas; None on chains from before EIP-1559."""
    fee = _members(value).get("baseFeePerGas")
    return None if fee is None else number(fee, 2**128)


def receipt(value: object) -> TxReceipt:
    """A transaction's receipt."""
    entry = _members(value)
    gas_used = number(entry.get("gasUsed"), 2**64)
    return TxReceipt(
        hash=word(entry.get("transactionHash")),
        block_number=number(entry.get("blockNumber"), 2**53),
        block_hash=word(entry.get("blockHash")),
        gas_used=gas_used,
        ok=number(entry.get("status"), 1) == 1,
        fee_wei=gas_used * number(entry.get("effectiveGasPrice"), 2**128),
    )


def logs(
    value: object, from_block: int, to_block: int, addresses: dict[str, Address]
) -> list[RawLog]:
    """The logs of the asked range and contracts, in the chain's order, each once.

    `addresses` maps lower-case text to the address as we write it.
    """
    if not isinstance(value, list) or len(value) > MAX_LOGS:
        raise ValueError(f"a list of at most {MAX_LOGS} logs was expected")
    found = [_log(entry, addresses) for entry in value]
    found.sort(key=lambda log: (log.block_number, log.index))
    hashes: dict[int, bytes] = {}
    previous = (-1, -1)
    for log in found:
        place = log.block_number, log.index
        if not from_block <= log.block_number <= to_block or place == previous:
            raise ValueError("logs are outside the range asked for, or twice in it")
        previous = place
        if hashes.setdefault(log.block_number, log.block_hash) != log.block_hash:
            raise ValueError("logs of one block name two blocks")
    return found


def _log(value: object, addresses: dict[str, Address]) -> RawLog:
    entry = _members(value)
    source, topics, time = entry.get("address"), entry.get("topics"), entry.get("blockTimestamp")
    if not isinstance(source, str) or source.lower() not in addresses or entry.get("removed"):
        raise ValueError("a log is of another contract, or was removed")
    if not isinstance(topics, list) or len(topics) > 4:
        raise ValueError("a log has at most four topics")
    return RawLog(
        addresses[source.lower()],
        tuple([word(topic) for topic in topics]),
        octets(entry.get("data"), MAX_LOG_BYTES),
        number(entry.get("blockNumber"), 2**53),
        word(entry.get("blockHash")),
        None if time is None else number(time, MAX_TIME),
        word(entry.get("transactionHash")),
        number(entry.get("logIndex"), 2**32),
    )


def _members(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


_ERROR = bytes.fromhex("08c379a0")
"""Selector of Error(string)."""
_PANIC = bytes.fromhex("4e487b71")
"""Selector of Panic(uint256)."""


def revert_reason(error: RpcError) -> str | None:
    """Why a contract reverted: its words, "" if it gave none. None if it is not a revert."""
    data = error.data
    if isinstance(data, dict):  # some nodes wrap the bytes once more
        data = data.get("data")
    try:
        raw = octets(data, 8192)
    except ValueError:
        return "" if "revert" in error.message.lower() else None
    if raw[:4] == _ERROR and len(raw) >= 68:
        size = int.from_bytes(raw[36:68], "big")
        return plain(raw[68 : 68 + min(size, MAX_MESSAGE_LENGTH)].decode("utf-8", "replace"))
    return "a number does not fit" if raw[:4] == _PANIC else ""


def plain(text: str) -> str:
    """A stranger's text, fit for one line on a screen."""
    kept = "".join(c if c.isprintable() else " " for c in text[:MAX_MESSAGE_LENGTH])
    return " ".join(kept.split())


def hex_text(raw: bytes) -> str:
    """Bytes as the JSON-RPC writes them."""
    return "0x" + raw.hex()
