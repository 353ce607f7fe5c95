"""Whatever was sold and sent: the bad records can be complained about, and nothing else can be.

The same key streams and trees four times: Vyper, the product's Python, `deliveries` (a recursion
word for word from RFC 9162), and pycryptodome's ChaCha20. On a real node, where a complaint takes
milliseconds, with every index and every argument changed; in titanoboa, where it takes a third of a
second, with a few.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boa
import pytest
from Crypto.Cipher import ChaCha20
from eth_abi import decode, encode
from eth_utils import keccak
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.contracts import SOURCES
from p2p import merkle, records, sealing
from tests.chain.contracts import deliveries
from tests.chain.contracts.deliveries import (
    Delivery,
    delivery,
    delivery_key,
    entry_leaf,
    grown,
    record_leaf,
    sealed,
)
from tests.chain.contracts.escrow_world import NATIVE, Complaint, World, chain_restored, fields
from tests.chain.contracts.gas_bench import MASK, SECRET, Bench
from tests.chain.contracts.node import Node, running_node
from tests.counts import PROVE

pytestmark = pytest.mark.timeout(3600)  # twenty times as many examples, where all are tried
MANY = 20 if PROVE else 1
RECORD = 4096
MOST = 2**32
STREAM = keccak(b"what records are made of")

sizes = st.integers(0, 32).flatmap(lambda bits: st.integers(max(1, 2**bits // 2), 2**bits))
hashes = st.binary(min_size=32, max_size=32)


def content(seed: int) -> bytes:
    """A record that no other seed has."""
    cipher = ChaCha20.new(key=STREAM, nonce=seed.to_bytes(12, "big"))
    return cipher.encrypt(bytes(RECORD))


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """(size, index) of a tree of 1 to 2^32 records; often an edge."""
    size = draw(sizes)
    return size, draw(st.one_of(st.just(0), st.just(size - 1), st.integers(0, size - 1)))


@st.composite
def deliveries_made(draw: st.DrawFn) -> tuple[int, dict[int, bytes]]:
    """(records, what was sent in the place of some of them); sometimes one bit is wrong."""
    count = draw(st.integers(1, 9))
    sent = {}
    for index in draw(st.sets(st.integers(0, count - 1))):
        spoilt = bytearray(content(index))
        spoilt[draw(st.integers(0, RECORD - 1))] ^= 1 << draw(st.integers(0, 7))
        sent[index] = draw(st.sampled_from([bytes(spoilt), bytes(RECORD), content(index + 1)]))
    return count, sent


def changes(good: Complaint) -> Iterator[tuple[str, Complaint]]:
    """A complaint with each argument changed in each way, one at a time."""
    path, index = good["path"], good["index"]
    for name in ("secret", "mask", "leaf", "delivery_root"):
        for bit in (0, 100, 255):
            value = bytearray(good[name])
            value[bit // 8] ^= 1 << bit % 8
            yield f"{name} bit {bit}", good | {name: bytes(value)}
    for other in {index - 1, index + 1, index ^ 1, index + 2**32, 0, 2**64 - 1} - {index, -1}:
        yield f"index {other}", good | {"index": other}
    for at in (0, 2047, RECORD - 1):
        value = bytearray(good["ciphertext"])
        value[at] ^= 1
        yield f"ciphertext {at}", good | {"ciphertext": bytes(value)}
    for cut in (0, 32, RECORD - 1):
        yield f"ciphertext of {cut}", good | {"ciphertext": good["ciphertext"][:cut]}
    for level in range(len(path)):
        value = bytearray(path[level])
        value[level % 32] ^= 1
        yield f"path {level}", good | {"path": [*path[:level], bytes(value), *path[level + 1 :]]}
        yield f"path without {level}", good | {"path": [*path[:level], *path[level + 1 :]]}
    if len(path) < 32:
        for more in (path[-1:] or [bytes(32)], [good["delivery_root"]]):
            yield "path longer at the top", good | {"path": [*path, *more]}
            yield "path longer at the bottom", good | {"path": [*more, *path]}
    if path != path[::-1]:
        yield "path reversed", good | {"path": path[::-1]}
    for field, name in enumerate(("owner", "buyer")):
        offer = list(good["offer"])
        offer[field] = "0x" + "77" * 20
        yield f"another {name}", good | {"offer": tuple(offer)}
    offer = list(good["offer"])
    offer[3] += 1
    yield "one record more", good | {"offer": tuple(offer)}


# --- the exchange on a real node ---


class OnNode:
    """An exchange on anvil, with orders that wait for a complaint."""

    def __init__(self, node: Node) -> None:
        self.bench = Bench(node)
        self.bench.register(0, b"")

    def revealed(self, count: int, root_of: Callable[[bytes], bytes]) -> tuple[Any, bytes]:
        """An order of `count` records, revealed under the root of its delivery key."""
        offer, _ = self.bench.fund(NATIVE, records=count)
        key = delivery_key(SECRET, MASK, self.bench.order_id(offer))
        root = root_of(key)
        message = {"orderId": self.bench.order_id(offer), "deliveryRoot": root}
        receipt = self.bench.signed(self.bench.buyer, "Receipt", message)
        self.bench.call(self.bench.owner, "reveal", fields(offer), root, receipt, SECRET)
        return offer, key

    def why_not(self, complaint: Complaint) -> str:
        """Empty where the complaint succeeds; nothing is changed."""
        node, exchange = self.bench.node, self.bench.exchange
        entry = next(e for e in node.contracts[exchange].abi if e.get("name") == "complain")
        data = function_abi_to_4byte_selector(entry)
        data += encode(get_abi_input_types(entry), list(complaint.values()))
        try:
            node.rpc("eth_call", {"to": exchange, "data": "0x" + data.hex()}, "latest")
        except AssertionError as error:
            return str(error)
        return ""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node(boa.env.evm.patch.chain_id) as started:
        yield started


@pytest.fixture(scope="module")
def on_node(node: Node) -> OnNode:
    return OnNode(node)


def complaint_of(offer: Any, made: Delivery, index: int) -> Complaint:
    return {
        "offer": fields(offer),
        "delivery_root": made.root,
        "secret": SECRET,
        "mask": MASK,
        "index": index,
        "ciphertext": made.ciphertexts[index],
        "leaf": made.leaves[index],
        "path": made.path(index),
    }


@settings(max_examples=30 * MANY)
@given(parts=deliveries_made())
def test_exactly_the_bad_records(on_node: OnNode, parts: tuple[int, dict[int, bytes]]) -> None:
    count, sent = parts
    made: list[Delivery] = []

    def root_of(key: bytes) -> bytes:
        made.append(delivery(key, [content(i) for i in range(count)], sent))
        return made[0].root

    offer, _ = on_node.revealed(count, root_of)
    bad = {i for i in range(count) if not on_node.why_not(complaint_of(offer, made[0], i))}
    assert bad == {i for i, record in sent.items() if record != content(i)}
    for index in set(range(count)) - bad:
        assert "registered one" in on_node.why_not(complaint_of(offer, made[0], index))


@settings(max_examples=25 * MANY)
@given(place=places(), honest=st.booleans(), spoilt=st.integers(0, RECORD * 8 - 1))
def test_one_record_among_up_to_2_32(
    on_node: OnNode, place: tuple[int, int], honest: bool, spoilt: int
) -> None:
    """And with any argument changed the complaint fails, whether it was true or not."""
    size, index = place
    record = bytearray(content(index))
    if not honest:
        record[spoilt // 8] ^= 1 << spoilt % 8
    leaf = record_leaf(content(index))
    complaint: Complaint = {}

    def root_of(key: bytes) -> bytes:
        ciphertext = sealed(key, index, bytes(record))
        entry = entry_leaf(leaf, ciphertext)
        root, path = grown(entry, index, size, lambda level: keccak(key + bytes([level])))
        assert merkle.root_from_path(entry, index, size, path) == root
        complaint.update(
            offer=(), delivery_root=root, secret=SECRET, mask=MASK, index=index,
            ciphertext=ciphertext, leaf=leaf, path=path,
        )  # fmt: skip
        return root

    offer, _ = on_node.revealed(size, root_of)
    complaint["offer"] = fields(offer)
    assert ("registered one" in on_node.why_not(complaint)) == honest
    assert honest or on_node.why_not(complaint) == ""
    for name, changed in changes(complaint):
        assert "revert" in on_node.why_not(changed), name


# --- the exchange in titanoboa ---


@settings(max_examples=8 * MANY)
@given(parts=deliveries_made(), pick=st.integers(0, 8))
def test_exactly_the_bad_records_in_titanoboa(
    deployed: World, parts: tuple[int, dict[int, bytes]], pick: int
) -> None:
    count, sent = parts
    index = pick % count
    with chain_restored():
        offer = deployed.funded(records=count)
        key = deployed.delivery_key(offer)
        made = delivery(key, [content(i) for i in range(count)], sent)
        deployed.reveal(offer, made.root)
        complaint = deployed.complaint(offer, made, index)
        if sent.get(index, content(index)) != content(index):
            deployed.complain(complaint)
        else:
            with boa.reverts("the record is the registered one"):
                deployed.complain(complaint)


# --- the same bytes from four programs ---


@pytest.fixture(scope="module")
def opened() -> Any:
    """The contract's own modules, open to calls."""
    boa.interpret.set_search_paths([str(SOURCES)])
    try:
        return boa.load(Path(__file__).with_name("proofs.vy"))
    finally:
        boa.interpret.set_search_paths([])


@pytest.fixture(scope="module")
def ask(node: Node, opened: Any) -> Callable[..., bytes | None]:
    """A call of the same code on the node; None where it reverts."""
    sender = "0x" + "11" * 20
    node.admit(sender)
    code = opened.compiler_data.bytecode.hex()
    sent = node.rpc("eth_sendTransaction", {"from": sender, "data": "0x" + code})
    node.rpc("evm_mine")
    address = node.rpc("eth_getTransactionReceipt", sent)["contractAddress"]

    def call(name: str, *values: Any) -> bytes | None:
        data = getattr(opened, name).prepare_calldata(*values)
        try:
            answer = node.rpc("eth_call", {"to": address, "data": "0x" + data.hex()}, "latest")
        except AssertionError as error:
            if "revert" not in str(error):
                raise
            return None
        return bytes.fromhex(answer[2:])

    return call


def pycryptodome(key: bytes, index: int, data: bytes) -> bytes:
    cipher = ChaCha20.new(key=key, nonce=(index // 256).to_bytes(12, "big"))
    cipher.seek(index % 256 * RECORD)
    return cipher.encrypt(data)


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)]


@settings(max_examples=100 * MANY)
@given(
    key=hashes, index=st.one_of(st.sampled_from([0, 255, 256, MOST - 1]), st.integers(0, MOST - 1))
)
def test_four_key_streams(ask: Callable[..., bytes | None], key: bytes, index: int) -> None:
    data = content(index)
    chunk = bytes(index % 256 * RECORD) + data
    expected = pycryptodome(key, index, data)
    assert sealing.seal_chunk(key, index // 256, chunk)[-RECORD:] == expected
    assert sealed(key, index, data) == expected
    assert ask("crypt", key, index // 256, index % 256 * 64, words(data)) == expected


@settings(max_examples=4 * MANY)
@given(key=hashes, index=st.integers(0, MOST - 1))
def test_a_key_stream_in_titanoboa(opened: Any, key: bytes, index: int) -> None:
    found = opened.crypt(key, index // 256, index % 256 * 64, words(bytes(RECORD)))
    stream = b"".join(word.to_bytes(32, "big") for word in found)
    assert stream == pycryptodome(key, index, bytes(RECORD))


def root_or_none(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    try:
        return merkle.root_from_path(leaf, index, size, path)
    except ValueError:
        return None


@settings(max_examples=150 * MANY)
@given(
    place=places(),
    leaf=hashes,
    index=st.one_of(st.none(), st.integers(0, 2**40)),
    length=st.one_of(st.none(), st.integers(0, 32)),
)
def test_three_trees(
    ask: Callable[..., bytes | None],
    opened: Any,
    place: tuple[int, int],
    leaf: bytes,
    index: int | None,
    length: int | None,
) -> None:
    """The right path, and paths of other lengths for other places: all say the same."""
    size, right = place
    root, path = grown(leaf, right, size, lambda level: keccak(leaf + bytes([level])))
    assert ask("root_from_path", leaf, right, size, path) == root
    assert root_or_none(leaf, right, size, path) == root
    claimed = right if index is None else index
    if length is not None:
        path = [keccak(leaf + bytes([level])) for level in range(length)]
    expected = root_or_none(leaf, claimed, size, path)
    assert ask("root_from_path", leaf, claimed, size, path) == expected
    if expected is None:
        with boa.reverts():
            opened.root_from_path(leaf, claimed, size, path)
    else:
        assert opened.root_from_path(leaf, claimed, size, path) == expected


@settings(max_examples=40 * MANY)
@given(count=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_three_whole_deliveries(ask: Callable[..., bytes | None], count: int, seed: int) -> None:
    """Leaves, root and paths of a whole delivery from the product and from the reference."""
    key = keccak(b"%d" % seed)
    plain = [content(seed + i) for i in range(count)]
    made = delivery(key, plain)
    leaves = records.leaf_hashes(b"".join(plain))
    assert leaves == b"".join(made.leaves)
    ciphertext = sealing.seal_chunk(key, 0, b"".join(plain))
    assert ciphertext == b"".join(made.ciphertexts)
    entries = sealing.delivery_leaves(leaves, ciphertext)
    assert merkle.root(entries) == made.root == deliveries.root(made.entries)
    index = seed % count
    assert merkle.path(entries, index) == made.path(index)
    proven = ask("root_from_path", made.entries[index], index, count, made.path(index))
    assert proven == made.root
    assert decode(["bytes32"], proven)[0] == made.root
