"""Peer ids, and the hello that opens every stream."""

from functools import partial

import pytest
import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.id import ID

from p2p.errors import PeerError
from p2p.identity import Peer, answer_hello, peer_id_of, say_hello
from p2p.limits import BINDING_BYTES
from tests.p2p.streams import wire_pair


@pytest.mark.parametrize("byte", range(16))
def test_the_peer_id_is_the_one_libp2p_gives(byte: int) -> None:
    seed = bytes([byte]) * 32
    assert peer_id_of(seed) == ID.from_pubkey(create_new_key_pair(seed).public_key).to_base58()


def test_the_seed_is_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        peer_id_of(bytes(31))


def judge(binding: bytes, peer_id: str) -> Peer:
    if binding == b"forged":
        raise PeerError("The signature is wrong.")
    return Peer(binding.decode(), "other" if binding == b"stolen" else peer_id, bytes(32))


@pytest.mark.trio
async def test_both_learn_who_the_other_is() -> None:
    one, other = wire_pair()
    known: list[Peer] = []

    async def answer() -> None:
        known.append(await answer_hello(other, b"ben", "peer a", judge))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        assert (await say_hello(one, b"anna", "peer b", judge)).identity == "ben"
    assert known == [Peer("anna", "peer a", bytes(32))]


@pytest.mark.trio
@pytest.mark.parametrize("binding", [b"forged", b"stolen"])
async def test_a_wrong_binding_is_refused_and_ours_is_not_told(binding: bytes) -> None:
    one, other = wire_pair()
    refused: list[PeerError] = []

    async def answer() -> None:
        try:
            await answer_hello(other, b"ben", "peer a", judge)
        except PeerError as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        with pytest.raises(PeerError) as told:
            await say_hello(one, binding, "peer b", judge)
    assert told.value.reason == refused[0].reason


@pytest.mark.trio
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"binding": ""},
        {"binding": "0g"},
        {"binding": "AA"},
        {"binding": "aa "},
        {"binding": 7},
        {"binding": "aa" * (BINDING_BYTES + 1)},
        {"binding": "aa", "more": 1},
    ],
)
async def test_something_else_than_a_hello_is_refused(fields: dict[str, object]) -> None:
    one, other = wire_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(one.write_object, "hello", **fields))
        with pytest.raises(PeerError):
            await answer_hello(other, b"ben", "peer a", judge)
