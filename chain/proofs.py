"""What a block says about an account, shown by Merkle proofs instead of believed.

A block's hash is keccak256 of its header's RLP (Yellow Paper §4.4, EIP-1559, 4895, 4844, 4788,
7685), so who agrees on a hash agrees on the state root in it. `eth_getProof` (EIP-1186) answers
with the nodes of two Merkle-Patricia tries on the way from that root to an account and from there
to its storage slots. Beside the nodes an answer also claims values; these claims are not read.

The walk through the tries is py-trie's. It is given each node under the node's own hash, so that
nothing can be found in them that the root does not hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from chain import answers
from chain.address import Address, address_bytes
from chain.errors import Unreachable

MAX_NODE_BYTES = 1024
"""A branch with sixteen hashes has 532 bytes; an account's leaf is smaller."""
MAX_NODES = 65
"""Of one proof: a key has 64 nibbles."""
MAX_SLOTS = 16
MAX_EXTRA_BYTES = 32 * 1024
"""Of a header's extra data, where consortium chains keep their validators' seals."""

EMPTY_ROOT = keccak(b"\x80")
"""Root of a trie that holds nothing."""

rlp: Any = import_module("rlp")  # it ships no types

_FIELDS: tuple[tuple[str, int | None], ...] = (
    ("parentHash", 32), ("sha3Uncles", 32), ("miner", 20), ("stateRoot", 32),
    ("transactionsRoot", 32), ("receiptsRoot", 32), ("logsBloom", 256), ("difficulty", None),
    ("number", None), ("gasLimit", None), ("gasUsed", None), ("timestamp", None),
    ("extraData", 0), ("mixHash", 32), ("nonce", 8),
)  # fmt: skip
"""In the order that is hashed: bytes with their length (0: any), None for numbers."""
_LATER_FIELDS: tuple[tuple[str, int | None], ...] = (
    ("baseFeePerGas", None), ("withdrawalsRoot", 32), ("blobGasUsed", None),
    ("excessBlobGas", None), ("parentBeaconBlockRoot", 32), ("requestsHash", 32),
)  # fmt: skip
"""Each fork of the chain added some at the end; a header has the first so many of them."""
_EXTRA = 12


class BadProof(Unreachable):
    """An answer to `eth_getProof` that is malformed or does not lead from the state root."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is used of a block's header. `timestamp` in unix seconds; hash and root 32 bytes.

    `pinned`: the fields hash to `hash`. False on chains whose headers are hashed in a way of their
    own: there the state root is no better than the word of those who say it.
    """

    number: int
    hash: bytes
    timestamp: int
    state_root: bytes
    pinned: bool

    @property
    def block(self) -> answers.Block:
        return answers.Block(self.number, self.hash, self.timestamp)


def header(value: object) -> Header:
    """A block as `eth_getBlockByNumber` answers; ValueError if it is no block."""
    block = answers.block(value)
    members = value if isinstance(value, dict) else {}
    root = answers.word(members.get("stateRoot"))
    pinned = block.hash in _hashes(members)
    return Header(block.number, block.hash, block.timestamp, root, pinned)


def _hashes(members: dict[str, object]) -> tuple[bytes, ...]:
    """The hashes that a block with these members can have; none if fields are missing."""
    try:
        fields = [_field(members[name], length) for name, length in _FIELDS]
        for name, length in _LATER_FIELDS:
            if members.get(name) is None:
                break
            fields.append(_field(members[name], length))
    except (KeyError, ValueError):
        return ()
    plain = keccak(rlp.encode(fields))
    sealed = _without_seals(fields[_EXTRA])
    if sealed is None:
        return (plain,)
    fields[_EXTRA] = sealed
    return plain, keccak(rlp.encode(fields))


def _field(value: object, length: int | None) -> bytes:
    if length is None:
        number = answers.number(value)
        return number.to_bytes((number.bit_length() + 7) // 8, "big")
    if not length:
        return answers.octets(value, MAX_EXTRA_BYTES)
    field = answers.octets(value, length)
    if len(field) != length:
        raise ValueError(f"a field of a header has {len(field)} bytes, not {length}")
    return field


def _without_seals(extra: bytes) -> bytes | None:
    """Extra data as QBFT hashes it: round zero, no seals; None if it is of another form.

    vanity ‖ validators ‖ vote ‖ round ‖ seals, an RLP list (Besu's QbftExtraDataCodec).
    """
    try:
        items = rlp.decode(extra)
    except (rlp.exceptions.RLPException, RecursionError):
        return None
    if not isinstance(items, list) or len(items) != 5 or not isinstance(items[4], list):
        return None
    kept: bytes = rlp.encode([*items[:3], b"", []])
    return kept


def storage(
    value: object, state_root: bytes, address: Address, slots: Sequence[int]
) -> tuple[int, ...]:
    """The values of an account's storage slots under a state root, each from 0 to 2^256 − 1.

    `value` is the answer to `eth_getProof` for this account and these slots. A slot that was never
    written is 0, and so is every slot of an account that is not there; both are proven too.
    BadProof for every answer that does not show all of it.
    """
    try:
        account_nodes, storage_nodes = _nodes(value, len(slots))
    except ValueError as error:
        raise BadProof(f"The proof of a contract's storage is malformed: {error}.") from None
    account = _found(account_nodes, state_root, address_bytes(address))
    root = _storage_root(account) if account else EMPTY_ROOT
    return tuple(_number(_found(storage_nodes, root, slot.to_bytes(32, "big"))) for slot in slots)


def _nodes(value: object, slots: int) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    """The nodes of the account's proof and of all slots' proofs, by their hashes."""
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    proofs = value.get("storageProof")
    if not isinstance(proofs, list) or len(proofs) != slots or slots > MAX_SLOTS:
        raise ValueError(f"proofs of {slots} slots were expected")
    found: dict[bytes, bytes] = {}
    for proof in proofs:
        if not isinstance(proof, dict):
            raise ValueError("an object was expected")
        found |= _hashed(proof.get("proof"))
    return _hashed(value.get("accountProof")), found


def _hashed(value: object) -> dict[bytes, bytes]:
    if not isinstance(value, list) or len(value) > MAX_NODES:
        raise ValueError(f"a list of at most {MAX_NODES} nodes was expected")
    nodes = [answers.octets(node, MAX_NODE_BYTES) for node in value]
    return {keccak(node): node for node in nodes}


def _found(nodes: dict[bytes, bytes], root: bytes, key: bytes) -> bytes:
    """The value under keccak256 of the key; empty if the trie is shown not to have it."""
    try:
        value: object = HexaryTrie(nodes, root).get(keccak(key))
    except Exception as error:
        # Whatever py-trie meets in a stranger's nodes (missing ones, no RLP, wrong shapes).
        kind = type(error).__name__
        raise BadProof(f"The proof of a contract's storage does not hold ({kind}).") from None
    if not isinstance(value, bytes):
        raise BadProof("The proof of a contract's storage ends at what is no value.")
    return value


def _storage_root(account: bytes) -> bytes:
    """Of an account's leaf: RLP of nonce, balance, storage root, code hash."""
    fields = _decoded(account)
    if not isinstance(fields, list) or len(fields) != 4:
        raise BadProof("The proof of a contract's storage ends at what is no account.")
    root = fields[2]
    if not isinstance(root, bytes) or len(root) != 32:
        raise BadProof("The proof of a contract's storage ends at what is no account.")
    return root


def _number(leaf: bytes) -> int:
    """Of a slot's leaf: RLP of a number without leading zeros; an absent one is 0."""
    if not leaf:
        return 0
    number = _decoded(leaf)
    if not isinstance(number, bytes) or not 1 <= len(number) <= 32 or number[0] == 0:
        raise BadProof("The proof of a contract's storage ends at what is no slot.")
    return int.from_bytes(number, "big")


def _decoded(leaf: bytes) -> object:
    try:
        item: object = rlp.decode(leaf)
    except (rlp.exceptions.RLPException, RecursionError):
        raise BadProof("The proof of a contract's storage ends at what is no RLP.") from None
    return item
