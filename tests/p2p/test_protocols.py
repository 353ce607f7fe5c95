"""A host speaks Noise, Yamux and its own protocols, and nothing else that libp2p knows."""

from __future__ import annotations

import pytest
import trio
from libp2p.custom_types import TProtocol
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.peer.id import ID
from libp2p.protocol_muxer.exceptions import MultiselectClientError
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE

from p2p import delivery, negotiation, yamux
from p2p.carriers import Upgrader, _Socket, ask_for
from p2p.connections import Connection
from p2p.errors import Unreachable
from p2p.strangers import IDENTIFY, PING
from tests.p2p.people import Person, on_line
from tests.p2p.test_host import dial, unused


async def choose(communicator: MultiselectCommunicator, wrong: str, right: str) -> None:
    """The other side has not heard of the one protocol, and takes the other."""
    client = MultiselectClient()
    with pytest.raises(MultiselectClientError):
        await client.select_one_of([TProtocol(wrong)], communicator)
    assert await client.try_select(communicator, TProtocol(right)) == right


@pytest.mark.trio
@pytest.mark.parametrize("other", ["/tls/1.0.0", "/secio/1.0.0", "/plaintext/2.0.0"])
async def test_a_connection_is_secured_by_noise_or_not_made(other: str) -> None:
    ben = Person("ben")
    async with on_line(ben), await dial(ben) as stream:
        with trio.fail_after(30):
            await choose(MultiselectCommunicator(_Socket(stream)), other, NOISE)


@pytest.mark.trio
@pytest.mark.parametrize("other", ["/mplex/6.7.0", "/yamux/2.0.0"])
async def test_a_connection_is_shared_by_yamux_or_not_at_all(other: str) -> None:
    ben = Person("ben")
    async with on_line(ben), await dial(ben) as stream:
        with trio.fail_after(30):
            secured = await Upgrader(bytes(32))._security.upgrade_security(
                RawConnection(_Socket(stream), True), True, ID.from_base58(ben.peer_id)
            )
            await choose(MultiselectCommunicator(secured), other, yamux.PROTOCOL)


@pytest.mark.trio
async def test_no_table_of_peers_and_no_gossip() -> None:
    ben = Person("ben")
    async with on_line(ben), trio.open_nursery() as nursery:
        _, session = await Upgrader(bytes(32)).upgrade(await dial(ben), ben.peer_id)
        known = Connection(session, ben.peer_id, True, unused)
        nursery.start_soon(known.muxer.run)
        for right in (IDENTIFY, PING, negotiation.PROTOCOL, delivery.PROTOCOL):
            await ask_for(await known.muxer.open(), right)
        for wrong in (
            "/ipfs/kad/1.0.0",
            "/meshsub/1.1.0",
            "/floodsub/1.0.0",
            "/ipfs/id/push/1.0.0",
        ):
            with pytest.raises(Unreachable):
                await ask_for(await known.muxer.open(), wrong)
        nursery.cancel_scope.cancel()
