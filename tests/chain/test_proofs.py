"""Storage proofs: tries built here, a real node, mutations."""

import contextlib
import secrets
from random import Random
from typing import Any

import pytest
import rlp
from eth_hash.auto import keccak
from eth_utils import to_hex
from hypothesis import given, settings
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from chain import proofs
from chain.address import address_bytes, address_text
from chain.errors import Unreachable
from chain.proofs import BadProof
from chain.state import slot_of
from tests.chain.conftest import Account, Chain

CONTRACT = address_text(b"\x11" * 20)


# Storage


class World:
    """A state trie with one contract among other accounts, and proofs as a node answers them."""

    def __init__(self, stored: dict[int, int], others: int = 20) -> None:
        chance = Random(7)
        self.storage = HexaryTrie({})
        for slot, value in stored.items():
            self.storage[self.key(slot)] = rlp.encode(value)
        self.accounts = HexaryTrie({})
        for _ in range(others):
            fields = [b"\x01", b"", chance.randbytes(32), chance.randbytes(32)]
            self.accounts[chance.randbytes(32)] = rlp.encode(fields)
        code = chance.randbytes(32)
        fields = [b"\x01", b"", self.storage.root_hash, code]
        self.accounts[keccak(address_bytes(CONTRACT))] = rlp.encode(fields)
        self.root = self.accounts.root_hash

    @staticmethod
    def key(slot: int) -> bytes:
        return keccak(slot.to_bytes(32, "big"))

    def answer(self, *slots: int, account: str = CONTRACT) -> dict[str, Any]:
        def nodes(trie: HexaryTrie, key: bytes) -> list[str]:
            return [to_hex(rlp.encode(node)) for node in trie.get_proof(key)]

        return {
            "accountProof": nodes(self.accounts, keccak(address_bytes(account))),
            "storageProof": [
                {"key": hex(slot), "value": "0x0", "proof": nodes(self.storage, self.key(slot))}
                for slot in slots
            ],
        }


STORED = {slot: slot * 2**200 + 7 for slot in range(40)} | {99: 2**256 - 1, 100: 1}


@pytest.fixture(scope="module")
def world() -> World:
    return World(STORED)


def test_stored_and_absent_slots_are_proven(world: World) -> None:
    slots = (3, 99, 100, 12345)
    answer = world.answer(*slots)
    assert proofs.storage(answer, world.root, CONTRACT, slots) == (STORED[3], 2**256 - 1, 1, 0)


def test_an_account_that_is_not_there_has_nothing_stored(world: World) -> None:
    nobody = address_text(b"\x12" * 20)
    answer = world.answer(3, account=nobody)
    assert proofs.storage(answer, world.root, nobody, (3,)) == (0,)


def test_an_empty_storage_is_all_zero() -> None:
    empty = World({})
    answer = empty.answer(3)
    assert proofs.storage(answer, empty.root, CONTRACT, (3,)) == (0,)
    answer["storageProof"][0]["proof"] = ["0x80"]  # as anvil says it
    assert proofs.storage(answer, empty.root, CONTRACT, (3,)) == (0,)


def test_a_proof_of_something_else_does_not_hold(world: World) -> None:
    answer = world.answer(3)
    for root, account, slots in (
        (secrets.token_bytes(32), CONTRACT, (3,)),
        (world.root, address_text(b"\x12" * 20), (3,)),
        (world.root, CONTRACT, (4,)),
    ):
        # Its nodes may happen to show that another key is absent; never that it holds a value.
        try:
            assert proofs.storage(answer, root, account, slots) == (0,)
            assert account != CONTRACT
        except BadProof:
            pass


def test_nothing_is_proven_by_leaving_nodes_out(world: World) -> None:
    answer = world.answer(3)
    for place in (answer["accountProof"], answer["storageProof"][0]["proof"]):
        for at in range(len(place)):
            node = place.pop(at)
            with pytest.raises(BadProof, match="does not hold"):
                proofs.storage(answer, world.root, CONTRACT, (3,))
            place.insert(at, node)


def test_what_a_proof_claims_beside_its_nodes_is_not_read(world: World) -> None:
    answer = world.answer(3) | {"balance": "0xff", "storageHash": "0x00"}
    answer["storageProof"][0] |= {"value": "0x5", "key": None}
    assert proofs.storage(answer, world.root, CONTRACT, (3,)) == (STORED[3],)


MALFORMED: list[object] = [
    None, 7, "", [], {}, {"accountProof": []}, {"accountProof": [], "storageProof": [None]},
    {"accountProof": [], "storageProof": [{"proof": None}]},
    {"accountProof": [], "storageProof": []},
    {"accountProof": None, "storageProof": [{"proof": []}]},
    {"accountProof": ["0x"] * 66, "storageProof": [{"proof": []}]},
    {"accountProof": ["0x" + "00" * 1025], "storageProof": [{"proof": []}]},
    {"accountProof": ["0x0"], "storageProof": [{"proof": []}]},
    {"accountProof": ["0xzz"], "storageProof": [{"proof": []}]},
    {"accountProof": [7], "storageProof": [{"proof": []}]},
    {"accountProof": [], "storageProof": [{"proof": ["0x"]}]},
]  # fmt: skip


@pytest.mark.parametrize("answer", MALFORMED, ids=lambda answer: repr(answer)[:40])
def test_a_malformed_proof_is_a_bad_proof(world: World, answer: object) -> None:
    with pytest.raises(BadProof):
        proofs.storage(answer, world.root, CONTRACT, (3,))


def test_an_answer_is_as_long_as_it_may_be_and_no_longer(world: World) -> None:
    def shown(answer: dict[str, Any], *slots: int) -> tuple[int, ...]:
        return proofs.storage(answer, world.root, CONTRACT, slots)

    answer = world.answer(3)
    nodes = answer["accountProof"]
    nodes += [nodes[0]] * (65 - len(nodes))
    assert shown(answer, 3) == (STORED[3],)
    nodes[-1] = to_hex(bytes(1024))
    assert shown(answer, 3) == (STORED[3],)
    nodes[-1] = to_hex(bytes(1025))
    with pytest.raises(BadProof, match="malformed"):
        shown(answer, 3)
    nodes[-1] = nodes[0]
    nodes.append(nodes[0])
    with pytest.raises(BadProof, match="at most 65 nodes"):
        shown(answer, 3)

    most = tuple(range(16))
    assert shown(world.answer(*most), *most) == tuple(STORED[slot] for slot in most)
    with pytest.raises(BadProof, match="proofs of 17 slots"):
        shown(world.answer(*most, 16), *most, 16)
    with pytest.raises(BadProof, match="proofs of 1 slots"):
        shown(world.answer(3, 4), 3)


def at_the_end(leaf: Any) -> tuple[dict[str, Any], bytes]:
    """An answer whose state trie is this leaf alone, at the contract's place, and its root."""
    node = rlp.encode([b"\x20" + keccak(address_bytes(CONTRACT)), leaf])
    return {"accountProof": [to_hex(node)], "storageProof": [{"proof": []}]}, keccak(node)


NO_ACCOUNTS = {
    "a list": ([b"x"], "no value"),
    "four bytes": (rlp.encode(b"four"), "no account"),
    "three fields": (rlp.encode([b"", b"", bytes(32)]), "no account"),
    "five fields": (rlp.encode([b"", b"", bytes(32), b"", b""]), "no account"),
    "a root of 31 bytes": (rlp.encode([b"", b"", bytes(31), b""]), "no account"),
    "a root of 32 pieces": (rlp.encode([b"", b"", [b""] * 32, b""]), "no account"),
}


@pytest.mark.parametrize("name", NO_ACCOUNTS)
def test_what_stands_in_an_accounts_place_is_called_what_it_is(name: str) -> None:
    leaf, reason = NO_ACCOUNTS[name]
    answer, root = at_the_end(leaf)
    with pytest.raises(BadProof, match=reason):
        proofs.storage(answer, root, CONTRACT, (3,))


LEAVES = [
    b"", b"\x80", b"\x00", b"\xc0", b"\xff", b"\x82\x00\x01", b"\xa1" + b"\x01" * 33,
    b"\xb8\x01\x05", b"\x81\x05", b"\x05\x05", rlp.encode([b"", b"", b"\x01" * 32, b""]),
    rlp.encode([b"", b"", [b"\x01"] * 3, b""]), rlp.encode([b"", b"", b"\x01" * 31, b""]),
    rlp.encode([b"", b"", b"\x01" * 32]), b"\xf7" + b"\xc1" * 55, b"\xf8\xff" + b"\xf8" * 255,
]  # fmt: skip


@pytest.mark.parametrize("leaf", LEAVES, ids=repr)
def test_a_leaf_that_is_no_account_or_no_slot_is_a_bad_proof(leaf: bytes) -> None:
    """By an endpoint that made up the state root as well."""
    stored = HexaryTrie({})
    stored[World.key(1)] = b"\x01" * 40  # so that one more leaf is below a branch
    if leaf:
        stored[World.key(3)] = leaf
    world = World({})
    fields = [b"", b"", stored.root_hash, bytes(32)]
    world.accounts[keccak(address_bytes(CONTRACT))] = rlp.encode(fields)
    world.storage, world.root = stored, world.accounts.root_hash
    if leaf:
        with pytest.raises(BadProof, match=r"no slot|no RLP"):
            proofs.storage(world.answer(3), world.root, CONTRACT, (3,))
        world.accounts[keccak(address_bytes(CONTRACT))] = leaf
        with pytest.raises(BadProof, match=r"no account|no RLP|does not hold"):
            proofs.storage(world.answer(3), world.accounts.root_hash, CONTRACT, (3,))
    else:
        assert proofs.storage(world.answer(3), world.root, CONTRACT, (3,)) == (0,)


def test_nodes_that_are_no_nodes_are_a_bad_proof() -> None:
    """Whatever they are: they hash to the root, so they are looked into."""
    shapes: list[Any] = [
        [[b""] * 3] * 17, [b"\x00", b""], [b"", b"x"], [b"\x99", b"x"], [[b"\x20"], b"x"],
        [b"\x00\x11", [b"\x20", b"x"]],
    ]  # fmt: skip
    raw = [
        b"", b"\x00", b"\xc0", b"\xc1\x80", b"\xc3\x80\x80\x80", b"\xf8\xff" * 100,
        b"\xc1" * 1000, b"\xd1" + b"\xc0" * 17,
    ]  # fmt: skip
    for node in [*raw, *(rlp.encode(shape) for shape in shapes)]:
        answer = {"accountProof": [to_hex(node)], "storageProof": [{"proof": []}]}
        with contextlib.suppress(BadProof):
            assert proofs.storage(answer, keccak(node), CONTRACT, (3,)) == (0,)


@settings(max_examples=400)
@given(st.data())
def test_a_mutated_proof_shows_the_same_or_nothing(data: st.DataObject) -> None:
    world, slots = SHARED, (3, 12345)
    answer = world.answer(*slots)
    lists = [answer["accountProof"], *(one["proof"] for one in answer["storageProof"])]
    for _ in range(data.draw(st.integers(1, 3))):
        nodes = data.draw(st.sampled_from([some for some in lists if some]))
        at = data.draw(st.integers(0, len(nodes) - 1))
        raw = bytearray.fromhex(nodes[at][2:])
        byte = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        match data.draw(st.sampled_from(["byte", "cut", "more", "gone", "twice", "swapped"])):
            case "byte" if raw:
                raw[byte] ^= data.draw(st.integers(1, 255))
                nodes[at] = to_hex(bytes(raw))
            case "cut":
                nodes[at] = to_hex(bytes(raw[:byte]))
            case "more":
                nodes[at] = to_hex(bytes(raw) + data.draw(st.binary(min_size=1, max_size=9)))
            case "gone":
                del nodes[at]
                if not nodes:
                    break
            case "twice":
                nodes.insert(at, nodes[at])
            case "swapped":
                other = data.draw(st.integers(0, len(nodes) - 1))
                nodes[at], nodes[other] = nodes[other], nodes[at]
    with contextlib.suppress(BadProof):
        assert proofs.storage(answer, world.root, CONTRACT, slots) == (STORED[3], 0)


SHARED = World(STORED)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.binary(max_size=40).map(to_hex),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(["accountProof", "storageProof", "proof"]), inside)
    ),
    max_leaves=20,
)


@settings(max_examples=200)
@given(JSON)
def test_any_answer_at_all_is_a_chain_error_or_no_error(answer: object) -> None:
    with pytest.raises(Unreachable):
        proofs.storage(answer, SHARED.root, CONTRACT, (3,))


# A real node


def test_a_real_nodes_proof_holds(chain: Chain, owner: Account) -> None:
    registration = chain.register(owner)
    assert registration.records == 3
    header = chain.gateway.newest()
    assert header.pinned
    slot = slot_of("Exchange", "orders", bytes(32))
    place = chain.network.exchange
    answer = chain.rpc("eth_getProof", place, [f"0x{slot:064x}"], hex(header.number))
    assert proofs.storage(answer, header.state_root, place, (slot,)) == (0,)
    with pytest.raises(BadProof):
        proofs.storage(answer, secrets.token_bytes(32), place, (slot,))
