"""Who a peer is: a libp2p peer id on the connection, a chain identity inside every stream.

The peer id is the ed25519 key that Noise proves. The *binding* (PROTOCOL §3) ties it to a chain
identity; it is opaque bytes here and judged by a function the host is given. Each stream opens
with both sides' bindings, so no message or chunk ever goes to a peer that has not shown whom it
acts for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nacl.signing import SigningKey

from p2p.errors import PeerError
from p2p.limits import BINDING_BYTES, HELLO_BYTES, HELLO_SECONDS
from p2p.wire import Wire

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer whose binding was accepted: chain address, libp2p peer id, X25519 public key."""

    identity: str
    peer_id: str
    seal_key: bytes


Judge = Callable[[bytes, str], Peer]
"""(binding bytes, the peer id Noise proved) → the peer; raises PeerError."""


def peer_id_of(seed: bytes) -> str:
    """The base58 peer id of an ed25519 seed of 32 bytes.

    Source: libp2p "Peer Ids and Keys": the identity multihash of the protobuf public key.
    """
    public = bytes(SigningKey(seed).verify_key)
    number = int.from_bytes(b"\x00\x24\x08\x01\x12\x20" + public, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" + digits  # the leading zero byte


async def say_hello(wire: Wire, binding: bytes, peer_id: str, judge: Judge) -> Peer:
    """Open a stream we opened: our binding, then the peer's. Raises PeerError, Unreachable."""
    await wire.write_object("hello", binding=binding.hex())
    return await _read_hello(wire, peer_id, judge)


async def answer_hello(wire: Wire, binding: bytes, peer_id: str, judge: Judge) -> Peer:
    """Open a stream the peer opened; one that is refused is told why before this raises."""
    try:
        peer = await _read_hello(wire, peer_id, judge)
    except PeerError as error:
        await wire.refuse(error)
        raise
    await wire.write_object("hello", binding=binding.hex())
    return peer


async def _read_hello(wire: Wire, peer_id: str, judge: Judge) -> Peer:
    hello = await wire.read_object(HELLO_BYTES, wait=HELLO_SECONDS)
    binding = hello.get("binding")
    if hello.keys() != {"v", "type", "binding"} or hello["type"] != "hello":
        raise PeerError("The peer does not introduce itself.")
    try:
        raw = bytes.fromhex(binding) if isinstance(binding, str) else b""
    except ValueError:
        raw = b""
    if not 0 < len(raw) <= BINDING_BYTES or raw.hex() != binding:
        raise PeerError("The peer's binding is not a binding.")
    peer = judge(raw, peer_id)
    if peer.peer_id != peer_id:
        raise PeerError("The peer shows a binding of another peer.")
    return peer
