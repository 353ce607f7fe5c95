"""Hosts over real sockets: who is let in, what strangers can do, what a peer's end looks like."""

import hashlib
import select
import socket
from contextlib import AsyncExitStack

import pytest
import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr import Multiaddr

from p2p import connections, host, negotiation, neighbours, strangers
from p2p.carriers import Address, Upgrader
from p2p.connections import Connection
from p2p.errors import PeerError, Unreachable
from p2p.limits import CONNECTIONS_PER_ADDRESS, HANDSHAKE_BYTES, HELLO_BYTES, WINDOW_BYTES
from p2p.messages import encode
from p2p.wire import Wire
from p2p.yamux import Stream
from tests.p2p.people import Person, on_line, text


async def dial(person: Person, local_address: str | None = None) -> trio.SocketStream:
    _, _, host, _, port, *_ = person.addresses[0].split("/")
    return await trio.open_tcp_stream(host, int(port), local_address=local_address)


@pytest.mark.trio
async def test_addresses_name_the_port_and_the_peer() -> None:
    anna = Person("anna")
    assert anna.addresses == ()
    async with on_line(anna):
        (address,) = anna.addresses
        assert address.startswith("/ip4/127.0.0.1/tcp/")
        assert address.endswith("/p2p/" + anna.peer_id)
        assert "/tcp/0/" not in address


@pytest.mark.trio
async def test_one_port_is_listened_to_by_ipv4_and_by_ipv6() -> None:
    anna = Person("anna", listen=("/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0"))
    ben = Person("ben", listen=())
    async with on_line(anna, ben):
        four, six = anna.addresses
        assert six == four.replace("/ip4/127.0.0.1/", "/ip6/::1/")
        for address in (four, six):
            await ben.host.send(anna.peer_id, [address], [text()])
            ben.host.disconnect(anna.peer_id)
    assert len(anna.inbox) == 2


@pytest.mark.trio
async def test_a_port_that_is_taken_for_one_kind_of_address_is_another_for_it() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        anna = Person("anna", listen=(f"/ip4/127.0.0.1/tcp/{port}", "/ip6/::1/tcp/0"))
        async with on_line(anna):
            four, six = anna.addresses
            assert f"/tcp/{port}/" in four
            assert f"/tcp/{port}/" not in six


@pytest.mark.trio
async def test_once_met_the_other_side_needs_no_address() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        await anna.say(ben)
        await ben.host.send(anna.peer_id, (), [text()])
        assert [p.identity for p in anna.host.peers] == ["ben"]
        assert [p.identity for p in ben.host.peers] == ["anna"]
    assert len(anna.inbox) == 1
    assert [p.identity for p in anna.met] == ["ben"]
    assert [p.identity for p in ben.met] == ["anna"]


@pytest.mark.trio
async def test_who_comes_to_say_nothing_is_met_each_time() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        for times in (1, 2, 3):
            await anna.host.send(ben.peer_id, ben.addresses, [])
            with trio.fail_after(10):
                while len(ben.met) < times:
                    await trio.sleep(0.01)
        await anna.say(ben, text())
    assert [p.identity for p in ben.met] == ["anna"] * 3  # and not for what it says
    assert [p.identity for p in anna.met] == ["ben"]


@pytest.mark.trio
async def test_a_peer_off_line_is_unreachable_until_it_is_back() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna):
        async with on_line(ben):
            await anna.say(ben, text())
            old = ben.addresses
        with pytest.raises(Unreachable):
            await anna.host.send(ben.peer_id, old, [text()])
        async with on_line(ben):
            await anna.say(ben, text())
    assert len(ben.inbox) == 2
    assert len(ben.met) == 2


@pytest.mark.trio
@pytest.mark.parametrize(
    "addresses",
    [
        (),
        ("",),
        ("nonsense", "/ip4/127.0.0.1/udp/4001", "/ip4/127.0.0.1/tcp/99999"),
        ("/ip4/999.0.0.1/tcp/1", "/dns4/a b/tcp/1", "/ip4/127.0.0.1/tcp/4001/ws"),
        ("/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWCVjB873EaVgFFfDa9jRJrsbBNeTMuE9oU4vFUsiwXmLb",),
        ("/dns4/" + "a" * 64 + "." + "b" * 70 + "/tcp/4001",),
        ("/ip4/127.0.0.1/tcp/1",),
    ],
)
async def test_useless_addresses_are_unreachable(addresses: tuple[str, ...]) -> None:
    anna, carl = Person("anna"), Person("carl")
    async with on_line(anna):
        with pytest.raises(Unreachable):
            await anna.host.send(carl.peer_id, addresses, [text()])


@pytest.mark.trio
async def test_oneself_is_not_a_peer_and_a_host_that_is_off_reaches_nobody() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna):
        with pytest.raises(Unreachable, match="your own"):
            await anna.say(anna, text())
        with pytest.raises(Unreachable, match="switched off"):
            await ben.say(anna, text())


@pytest.mark.trio
async def test_another_peer_at_the_address_is_not_talked_to() -> None:
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    async with on_line(anna, ben, carl):
        address = ben.addresses[0].rpartition("/p2p/")[0]
        with pytest.raises(Unreachable):
            await anna.host.send(carl.peer_id, (address,), [text()])
    assert not ben.inbox


@pytest.mark.trio
async def test_a_binding_of_another_peer_is_refused_both_ways() -> None:
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    async with on_line(anna, ben):
        anna.binding = carl.binding
        with pytest.raises(PeerError, match="another peer"):
            await anna.say(ben, text())
        with pytest.raises(PeerError, match="another peer"):
            await ben.say(anna, text())
    assert not ben.inbox
    assert not anna.inbox
    assert not ben.met


@pytest.mark.trio
async def test_the_peer_must_act_for_whom_it_was_called() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        with pytest.raises(PeerError, match="someone else"):
            await anna.say(ben, text(), identity="carl")
        await anna.say(ben, text(), identity="ben")
    assert len(ben.inbox) == 1


@pytest.mark.trio
@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(100),
        b"\xff\xff\xff\xff\x7f" + bytes(1000),
        b"\x13/multistream/1.0.0\n\x07/noise\n\xff\xff" + bytes(HANDSHAKE_BYTES * 8),
    ],
)
async def test_garbage_on_the_port_is_cut_off_and_changes_nothing(garbage: bytes) -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        async with await dial(ben) as stranger:
            try:
                await stranger.send_all(garbage)
                await stranger.send_eof()
                with trio.fail_after(5):
                    while await stranger.receive_some(4096):
                        pass
            except trio.BrokenResourceError:
                pass
        await anna.say(ben, text())
    assert len(ben.inbox) == 1


async def _more(stream: Stream) -> bytes:
    try:
        return await stream.read(4096)
    except Unreachable:
        return b""


async def heard(stream: trio.SocketStream) -> bytes:
    """All that comes before the other side hangs up."""
    said = b""
    try:
        while piece := await stream.receive_some(4096):
            said += piece
    except trio.BrokenResourceError:
        pass
    return said


@pytest.mark.trio
async def test_one_address_cannot_take_every_place() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben), AsyncExitStack() as closing:
        strangers = [
            await closing.enter_async_context(await dial(ben))
            for _ in range(CONNECTIONS_PER_ADDRESS + 5)
        ]
        taken = strangers[:CONNECTIONS_PER_ADDRESS]  # in the order in which they came
        turned_away = strangers[CONNECTIONS_PER_ADDRESS:]
        with trio.fail_after(30):
            for stream in taken:
                assert await stream.receive_some(1)  # a greeting
            for stream in turned_away:
                assert await heard(stream) == b""
            with pytest.raises(Unreachable):
                await anna.say(ben, text())
            for stream in taken:
                await stream.send_eof()
            for stream in taken:
                await heard(stream)
            await anna.say(ben, text())
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_who_is_turned_away_waits_for_it_and_nobody_waits_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two, until the host goes off line; who comes after them is told at once."""
    monkeypatch.setattr(connections, "HANDSHAKES_BURST", 1)
    monkeypatch.setattr(connections, "HANDSHAKES_PER_SECOND", 0.001)
    monkeypatch.setattr(connections, "REFUSED", 2)
    monkeypatch.setattr(connections, "REFUSED_SECONDS", 3600)
    anna, ben = Person("anna"), Person("ben")
    async with AsyncExitStack() as closing:
        with trio.fail_after(30):
            async with on_line(anna, ben):
                strangers = [
                    await closing.enter_async_context(await dial(ben, "127.0.0.9"))
                    for _ in range(4)
                ]
                taken, *waiting, told = strangers
                assert await taken.receive_some(1)  # a greeting
                assert await heard(told) == b""
                await anna.say(ben, text())
                assert not select.select([each.socket for each in waiting], [], [], 0)[0]
            for stream in waiting:
                assert await heard(stream) == b""
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_one_address_cannot_shake_hands_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANDSHAKES_BURST", 3)
    monkeypatch.setattr(connections, "HANDSHAKES_PER_SECOND", 0.001)
    ben = Person("ben")
    async with on_line(ben):
        met = [Person(f"peer {number}") for number in range(4)]
        async with on_line(*met):
            for peer in met[:3]:
                await peer.say(ben, text())
            with pytest.raises(Unreachable):
                await met[3].say(ben, text())
    assert len(ben.inbox) == 3


@pytest.mark.trio
@pytest.mark.parametrize("fault", ["frames", "frame on a stream", "handshake"])
async def test_where_the_protocol_was_broken_the_next_ones_have_to_wait(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The others at that address too, but nobody elsewhere."""
    monkeypatch.setattr(connections, "HANDSHAKES_BURST", 2)
    monkeypatch.setattr(connections, "HANDSHAKES_PER_SECOND", 0.001)
    ben = Person("ben")
    async with on_line(ben):
        if fault == "handshake":
            async with await dial(ben) as stream:
                await stream.send_all(b"GET / HTTP/1.1\r\n\r\n")
                await heard(stream)
        elif fault == "frames":
            async with await dial(ben) as stream:
                _, session = await Upgrader(bytes(32)).upgrade(stream, ben.peer_id)
                await session.write(b"\1" * 12)
                await heard(stream)
        else:
            carl = Person("carl")
            async with on_line(carl):
                _, said = await carl.host._open(ben.peer_id, ben.addresses, negotiation.PROTOCOL)
                await said.write(b"\xff\xff\xff\xff")
                while await _more(said):
                    pass
        anna = Person("anna")
        async with on_line(anna):
            with pytest.raises(Unreachable):
                await anna.say(ben, text())
        async with await dial(ben, "127.0.0.9") as other:
            await Upgrader(b"e" * 32).upgrade(other, ben.peer_id)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_a_household_is_one_address(host: str, address: str) -> None:
    assert connections.household(host) == address


@pytest.mark.trio
async def test_a_hello_is_no_longer_than_a_binding() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        _, stream = await anna.host._open(ben.peer_id, ben.addresses, negotiation.PROTOCOL)
        await stream.write((HELLO_BYTES + 1).to_bytes(4, "big"))
        with pytest.raises(PeerError, match="announces"):
            await Wire(stream).read_object()
        stream.reset()


@pytest.mark.trio
async def test_who_talks_on_after_the_end_is_not_listened_to() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        _, stream = await anna.host._open(ben.peer_id, ben.addresses, strangers.IDENTIFY)
        with trio.fail_after(60), pytest.raises(Unreachable):
            await stream.write(bytes(WINDOW_BYTES * 200))
        await anna.say(ben, text())
    assert len(ben.inbox) == 1


async def unused(connection: Connection, stream: Stream) -> None:
    stream.reset()


@pytest.mark.trio
async def test_a_peer_that_does_not_introduce_itself_is_shown_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "HELLO_SECONDS", 0.05)
    ben = Person("ben")
    async with on_line(ben), trio.open_nursery() as nursery:
        _, session = await Upgrader(bytes(32)).upgrade(await dial(ben), ben.peer_id)
        mute = Connection(session, ben.peer_id, True, unused)
        with trio.fail_after(60):
            await mute.muxer.run()
        assert not ben.host.peers
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_raw_frames_that_break_the_rules_end_only_their_stream() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        for frame in (
            b"\xff\xff\xff\xff",
            b"\0\0\0\0",
            b"\0\0\0\5hello",
            b"\0\0\0\2{}",
        ):
            connection, stream = await anna.host._open(
                ben.peer_id, ben.addresses, negotiation.PROTOCOL
            )
            await stream.write(frame)
            wire = Wire(stream)
            with pytest.raises((PeerError, Unreachable)):
                await wire.read_object()
            stream.reset()
            assert connection.muxer.usable
        await anna.say(ben, text())
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_many_streams_at_once_all_arrive() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben), trio.open_nursery() as nursery:
        for _ in range(40):
            nursery.start_soon(anna.say, ben, text())
    assert len(ben.inbox) == 40


@pytest.mark.trio
async def test_both_may_dial_at_the_same_moment() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben), trio.open_nursery() as nursery:
        nursery.start_soon(anna.say, ben, text())
        nursery.start_soon(ben.say, anna, text())
    assert (len(anna.inbox), len(ben.inbox)) == (1, 1)


@pytest.mark.trio
async def test_disconnect_ends_the_session_and_it_can_come_back() -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben):
        await anna.say(ben, text())
        anna.host.disconnect(ben.peer_id)
        assert not anna.host.peers
        await anna.say(ben, text())
        assert anna.host.peers
    assert len(ben.inbox) == 2


@pytest.mark.trio
async def test_an_occupied_port_is_said_to_be_occupied() -> None:
    anna = Person("anna")
    async with on_line(anna):
        taken = anna.addresses[0].rpartition("/p2p/")[0]
        ben = Person("ben", listen=(taken,))
        with pytest.raises(BaseException) as caught:  # noqa: PT011
            async with on_line(ben):
                pass
        assert caught.group_contains(Unreachable, match="port")


@pytest.mark.trio
async def test_a_stock_libp2p_host_is_understood() -> None:
    ben = Person("ben")
    seed = hashlib.sha256(b"stock").digest()
    stock = new_host(key_pair=create_new_key_pair(seed))
    async with on_line(ben), stock.run(listen_addrs=[]):
        await stock.connect(info_from_p2p_addr(Multiaddr(ben.addresses[0])))
        stream = await stock.new_stream(
            info_from_p2p_addr(Multiaddr(ben.addresses[0])).peer_id,
            [TProtocol(negotiation.PROTOCOL)],
        )
        wire = Wire(stream)
        binding = f"stock:{stock.get_id()}".encode()
        await wire.write_object("hello", binding=binding.hex())
        assert (await wire.read_object())["binding"] == ben.binding.hex()
        message = text()
        await wire.write(encode(message))
        assert (await wire.read_object())["type"] == "stored"
        await stream.close()
        await stock.disconnect(info_from_p2p_addr(Multiaddr(ben.addresses[0])).peer_id)
    assert [m for _, m in ben.inbox] == [message]


@pytest.mark.parametrize(
    ("where", "outside"),
    [("192.168.1.9", False), ("100.64.0.9", False), ("198.51.100.9", True), ("127.0.0.1", False),
     ("2001:db8:0:1::9", False), ("2001:db8:0:2::9", True), ("fe80::9%eth0", False)],
)  # fmt: skip
def test_only_who_comes_from_outside_shows_that_others_reach_us(
    where: str, outside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Person("anna")
    anna.host._connections.listening = (Address("0.0.0.0", 4001), Address("::", 4001))
    own = {4: ["192.168.1.2"], 6: ["2001:db8:0:1::2"]}
    monkeypatch.setattr(neighbours, "_interfaces", own.__getitem__)
    assert anna.host._is_outside(Address(where, 4001)) is outside


@pytest.mark.trio
async def test_it_is_reached_by_who_introduces_himself_as_long_as_it_stays_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All three listen on loopback only, so that nobody is a neighbour."""
    monkeypatch.setattr(host, "OWN_ADDRESSES_SECONDS", 0.01)
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    async with on_line(anna, ben, carl):
        await anna.say(ben, text())
        assert ben.host.reached
        assert not anna.host.reached  # she went out herself
        carl.binding = b"nobody:at all"
        with pytest.raises(PeerError):
            await carl.say(anna, text())
        assert not anna.host.reached
        ben.host._connections.listening = (Address("127.0.0.1", 1),)
        while ben.host.reached:
            await trio.sleep(0.01)
