"""Peers that nobody can dial, a relay between them; its limits; rude relays and rude peers."""

import dataclasses
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
import trio
from libp2p.relay.circuit_v2.pb.circuit_pb2 import Status

from p2p import circuit
from p2p.carriers import Upgrader, ask_for, offer, read_address
from p2p.connections import Connection
from p2p.errors import Unreachable
from p2p.limits import CIRCUIT_LEAST_BYTES, STREAMS_PER_CONNECTION
from p2p.pace import Pace
from p2p.relay import Bounds, Relay
from p2p.yamux import Stream
from tests.p2p.people import Person, on_line, text
from tests.p2p.relayed import Post, apart, hidden, relays, until
from tests.p2p.test_host import unused

WORDS = "nobody between us reads this"


async def say(one: Person, other: Person, words: str = "hello") -> None:
    """Through a relay, by the addresses the other one is announced at."""
    await one.host.send(other.peer_id, other.host.circuits, [text(words)])


@pytest.mark.trio
async def test_two_whom_nobody_can_dial_talk_both_ways() -> None:
    anna, ben, post = hidden("anna"), hidden("ben"), Post()
    async with relays(post), apart(anna, ben, at=(post,)):
        assert anna.addresses == ben.addresses == ()
        await say(anna, ben)
        await say(ben, anna)
        assert [peer.identity for peer, _ in ben.inbox] == ["anna"]
        assert [peer.identity for peer, _ in anna.inbox] == ["ben"]
        assert (anna.met, ben.met) == ([anna.host.peers[0]], [ben.host.peers[0]])
        assert post.relay.doing.circuits == 1  # the second one talks over what is there


@pytest.mark.trio
async def test_only_one_of_them_needs_a_relay_and_knows_it() -> None:
    anna, ben, post = hidden("anna"), hidden("ben"), Post()
    async with relays(post), on_line(anna), apart(ben, at=(post,)):
        await say(anna, ben)
        assert anna.host.relays == ()
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_without_a_place_at_the_relay_nobody_is_reached() -> None:
    anna, ben, post = hidden("anna"), hidden("ben"), Post()
    async with relays(post), apart(anna, at=(post,)), on_line(ben):
        through = anna.host.circuits[0].replace(anna.peer_id, ben.peer_id)
        for addresses in ((through,), ()):
            with pytest.raises(Unreachable):
                await anna.host.send(ben.peer_id, addresses, [text()])
    assert not ben.inbox


@pytest.mark.trio
@pytest.mark.parametrize("peer_id", ["", "nobody", "0OIl", "é" * 20])
async def test_a_peer_id_that_is_none_is_unreachable(peer_id: str) -> None:
    anna, post = hidden("anna"), Post()
    async with relays(post), on_line(anna):
        with pytest.raises(Unreachable):
            await anna.host.send(peer_id, (f"{post.address}/p2p-circuit",), [text()])


@pytest.mark.trio
async def test_the_direct_way_is_taken_where_it_works_and_the_relay_where_not() -> None:
    anna, ben, post = hidden("anna"), Person("ben"), Post()
    async with relays(post), on_line(anna), apart(ben, at=(post,)):
        both = (*ben.host.circuits, *ben.addresses)
        await anna.host.send(ben.peer_id, both, [text()])
        assert post.relay.doing.circuits == 0
        assert ben.host.reached
        anna.host.disconnect(ben.peer_id)
        await until(lambda: not anna.host.peers and not ben.host.peers)
        dead = ("/ip4/127.0.0.1/tcp/1", *ben.host.circuits)
        await anna.host.send(ben.peer_id, dead, [text()])
        assert post.relay.doing.circuits == 1
    assert len(ben.inbox) == 2


class Ears(Relay):
    """Keeps what passes."""

    heard = b""

    async def _pass_on(self, near: Stream, far: Stream) -> None:
        for stream in (near, far):
            stream.arrived = partial(self._hear, stream.arrived)  # type: ignore[method-assign]
        await super()._pass_on(near, far)

    def _hear(self, arrived: object, piece: bytes) -> None:
        self.heard += piece
        arrived(piece)  # type: ignore[operator]


@pytest.mark.trio
async def test_the_relay_understands_nothing() -> None:
    anna, ben = hidden("anna"), hidden("ben")
    post = Post(kind=Ears)
    async with relays(post), apart(anna, ben, at=(post,)):
        await say(anna, ben, WORDS)
        assert [m.text for _, m in ben.inbox if hasattr(m, "text")] == [WORDS]
        assert isinstance(post.relay, Ears)
        heard = post.relay.heard
    assert len(heard) > 1000
    for secret in (WORDS.encode(), anna.binding, ben.binding, b"/lading/talk/1"):
        assert secret not in heard


class Misleading(Relay):
    """Connects everybody with somebody else."""

    wrong = ""

    def _place_of(self, peer_id: str) -> list[Connection]:
        return super()._place_of(self.wrong)


@pytest.mark.trio
async def test_a_relay_that_connects_somebody_else_gets_nobody_to_talk() -> None:
    anna, ben, carl = hidden("anna"), hidden("ben"), hidden("carl")
    post = Post(kind=Misleading)
    async with relays(post), apart(anna, ben, carl, at=(post,)):
        assert isinstance(post.relay, Misleading)
        post.relay.wrong = carl.peer_id
        with pytest.raises(Unreachable):
            await say(anna, ben)
        post.relay.wrong = ben.peer_id
        await say(anna, ben)
    assert not carl.met
    assert len(ben.inbox) == 1


class Renaming(Relay):
    """Says that somebody else is calling."""

    name = ""

    async def _connect(self, connection: Connection, near: Stream, called: Connection) -> None:
        real, connection.peer_id = connection.peer_id, self.name or connection.peer_id
        try:
            await super()._connect(connection, near, called)
        finally:
            connection.peer_id = real


@pytest.mark.trio
async def test_a_relay_that_names_somebody_else_as_the_caller_is_not_believed() -> None:
    anna, ben = hidden("anna"), hidden("ben")
    post = Post(kind=Renaming)
    async with relays(post), apart(anna, ben, at=(post,)):
        assert isinstance(post.relay, Renaming)
        post.relay.name = Person("carl").peer_id
        with pytest.raises(Unreachable):
            await say(anna, ben)
        assert not ben.met
        post.relay.name = ""
        await say(anna, ben)
    assert len(ben.inbox) == 1


@asynccontextmanager
async def stranger(
    address: str,
    name: str = "stranger",
    accepted: Callable[[Connection, Stream], Awaitable[None]] = unused,
    source: str = "127.0.0.1",
) -> AsyncIterator[Connection]:
    """A peer that keeps to the handshake and to nothing else."""
    place = read_address(address)
    assert place is not None
    other = address.rpartition("/")[2]
    stream = await trio.open_tcp_stream(place.host, place.port, local_address=source)
    upgrader = Upgrader(hashlib.sha256(name.encode()).digest())
    _, session = await upgrader.upgrade(stream, other)
    connection = Connection(session, other, True, accepted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.muxer.run)
        yield connection
        nursery.cancel_scope.cancel()


async def asking(connection: Connection, protocol: str = circuit.HOP) -> Stream:
    stream = await connection.muxer.open()
    await ask_for(stream, protocol)
    return stream


@pytest.mark.trio
async def test_who_gave_us_no_place_passes_no_calls_on() -> None:
    ben, post = Person("ben"), Post()
    async with relays(post), apart(ben, at=(post,)), stranger(ben.addresses[0]) as rude:
        with pytest.raises(Unreachable):
            await asking(rude, circuit.STOP)
        assert not ben.met


@pytest.mark.trio
async def test_hosts_relay_for_nobody_and_a_relay_can_not_be_called() -> None:
    ben, post = Person("ben"), Post()
    async with relays(post), on_line(ben):
        for address, protocol in ((ben.addresses[0], circuit.HOP), (post.address, circuit.STOP)):
            async with stranger(address) as rude:
                with pytest.raises(Unreachable):
                    await asking(rude, protocol)


# Its limits.


@asynccontextmanager
async def limited(**bounds: int) -> AsyncIterator[Post]:
    post = Post(bounds=dataclasses.replace(Bounds(), **bounds))
    async with relays(post):
        yield post


@pytest.mark.trio
async def test_places_run_out_and_become_free_when_somebody_leaves() -> None:
    anna, ben = hidden("anna"), hidden("ben")
    async with limited(reservations=1) as post, on_line(ben):
        async with apart(anna, at=(post,)):
            anna.host.use_relays([post.address])  # again is not a second place
            ben.host.use_relays([post.address])
            await until(lambda: ben.host.relays[0].state == "refused")
            assert "no free place" in ben.host.relays[0].reason
            assert not ben.host.circuits
        await until(lambda: ben.host.circuits)


@pytest.mark.trio
async def test_circuits_of_one_peer_are_counted_at_both_ends() -> None:
    people = [hidden(name) for name in ("anna", "ben", "carl", "dora")]
    anna, ben, carl, dora = people
    async with limited(circuits_per_peer=1) as post, apart(*people, at=(post,)):
        await say(anna, ben)
        for one, other in ((anna, carl), (carl, anna), (carl, ben)):
            with pytest.raises(Unreachable):
                await say(one, other)
        await say(carl, dora)
        anna.host.disconnect(ben.peer_id)
        await until(lambda: post.relay.doing.circuits == 1)
        await say(anna, ben)
    assert len(ben.inbox) == 2


@pytest.mark.trio
async def test_circuits_of_all_together_are_counted() -> None:
    people = [hidden(name) for name in ("anna", "ben", "carl", "dora")]
    anna, ben, carl, dora = people
    async with limited(circuits=1) as post, apart(*people, at=(post,)):
        await say(anna, ben)
        with pytest.raises(Unreachable):
            await say(carl, dora)
    assert not dora.inbox


@pytest.mark.trio
async def test_a_circuit_ends_when_it_has_carried_enough_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2p.circuit.CIRCUIT_LEAST_BYTES", 0)
    anna, ben = hidden("anna"), hidden("ben")
    async with limited(circuit_bytes=20_000) as post, apart(anna, ben, at=(post,)):
        with pytest.raises(Unreachable):
            await anna.host.send(ben.peer_id, ben.host.circuits, [text("x" * 4000)] * 100)
        sent = len(ben.inbox)
        assert 2 <= sent <= 5
        await say(anna, ben)
    assert len(ben.inbox) == sent + 1


@pytest.mark.trio
async def test_a_circuit_ends_when_its_time_is_over() -> None:
    anna, ben = hidden("anna"), hidden("ben")
    async with limited(circuit_seconds=3) as post, apart(anna, ben, at=(post,)):
        await say(anna, ben)
        await until(lambda: not anna.host.peers and not ben.host.peers)
        assert len(anna.host.circuits) == len(ben.host.circuits) == 1


@pytest.mark.trio
async def test_a_silent_circuit_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2p.relay.CIRCUIT_IDLE_SECONDS", 2.0)
    anna, ben = hidden("anna"), hidden("ben")
    async with limited(circuit_seconds=0) as post, apart(anna, ben, at=(post,)):
        await say(anna, ben)
        await until(lambda: not post.relay.doing.circuits)


@pytest.mark.trio
async def test_connections_of_one_address_are_counted() -> None:
    async with limited(per_address=2) as post:
        async with stranger(post.address, "1"), stranger(post.address, "2"):
            with pytest.raises(Unreachable):
                async with stranger(post.address, "3"):
                    pass
        await until(lambda: not post.relay.doing.connections)
        async with stranger(post.address, "3") as again:
            await circuit.reserve(await asking(again))


@pytest.mark.trio
async def test_bandwidth_is_shared_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    class Noted(Pace):
        async def wait(self, cost: float = 1) -> None:
            waited.append(cost)
            await super().wait(cost)

    monkeypatch.setattr("p2p.relay.Pace", Noted)
    people = [hidden(name) for name in ("anna", "ben", "carl")]
    anna, ben, carl = people
    async with limited(bytes_per_second=10**6) as post, apart(*people, at=(post,)):
        await say(anna, ben)
        await say(carl, ben)
        await until(lambda: sum(waited) == post.relay.doing.passed_bytes > 2000)
    async with limited(bytes_per_second=0) as post, apart(anna, ben, at=(post,)):
        waited.clear()
        await say(anna, ben)
        assert not waited


@pytest.mark.trio
async def test_a_relay_that_carries_too_little_is_not_used() -> None:
    anna, ben = hidden("anna"), hidden("ben")
    async with limited(circuit_bytes=CIRCUIT_LEAST_BYTES - 1) as post, on_line(anna, ben):
        ben.host.use_relays([post.address])
        await until(lambda: ben.host.relays[0].state == "refused")
        assert "too little" in ben.host.relays[0].reason
        through = f"{post.address}/p2p-circuit/p2p/{ben.peer_id}"
        with pytest.raises(Unreachable):
            await anna.host.send(ben.peer_id, (through,), [text()])
    async with limited(circuit_bytes=CIRCUIT_LEAST_BYTES) as post, apart(ben, at=(post,)):
        assert ben.host.circuits


# Rude peers.


@pytest.mark.trio
async def test_who_has_no_place_and_asks_for_nobody_is_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna, post = hidden("anna"), Post()
    async with relays(post), apart(anna, at=(post,)):
        monkeypatch.setattr("p2p.connections.HELLO_SECONDS", 1.0)
        async with stranger(post.address) as mute:
            await until(lambda: not mute.muxer.usable)
        await until(lambda: post.relay.doing.connections == 1)
        assert post.relay.doing.reservations == 1


@pytest.mark.trio
@pytest.mark.parametrize("said", [b"\x05\xff\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b""])
async def test_nonsense_costs_its_sender_a_stream_and_nobody_else_anything(said: bytes) -> None:
    anna, ben, post = hidden("anna"), hidden("ben"), Post()
    async with relays(post), apart(anna, ben, at=(post,)), stranger(post.address) as rude:
        for _ in range(STREAMS_PER_CONNECTION + 3):
            stream = await asking(rude)
            await stream.write(said)
            stream.finish()
            with suppress(Unreachable):
                while await stream.read(100):
                    pass
        await say(anna, ben)
        with pytest.raises(Unreachable, match="not at this relay"):
            await circuit.connect(await asking(rude), Person("carl").peer_id)
        await circuit.reserve(await asking(rude))
    assert len(ben.inbox) == 1


@pytest.mark.trio
@pytest.mark.parametrize("answer", ["silence", "refusal", "nonsense", "reset"])
async def test_who_does_not_take_the_call_is_not_reached(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("p2p.relay.HELLO_SECONDS", 0.5)
    anna, post = hidden("anna"), Post()

    async def called(connection: Connection, stream: Stream) -> None:
        await offer(stream, (circuit.STOP,))
        assert await circuit.called_by(stream) == anna.peer_id
        if answer == "refusal":
            await circuit.answer_call(stream, Status.PERMISSION_DENIED)
        elif answer == "nonsense":
            await stream.write(b"\x05\xff\xff\xff\xff\xff")
        elif answer == "reset":
            stream.reset()

    async with (
        relays(post),
        apart(anna, at=(post,)),
        stranger(post.address, accepted=called) as rude,
    ):
        await circuit.reserve(await asking(rude))
        rude_id = Upgrader(hashlib.sha256(b"stranger").digest()).peer_id
        through = anna.host.circuits[0].replace(anna.peer_id, rude_id)
        with pytest.raises(Unreachable):
            await anna.host.send(rude_id, (through,), [text()])
        await until(lambda: not post.relay.doing.circuits)
        assert post.relay.doing.reservations == 2


# Places are kept.


@pytest.mark.trio
async def test_a_relay_that_comes_back_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2p.reservations.RELAY_AGAIN_SECONDS", 0.1)
    anna, ben, post = hidden("anna"), hidden("ben"), Post()
    async with relays(post) as nursery, apart(anna, ben, at=(post,)):
        listen = post.address.partition("/p2p/")[0]
        post.die()
        await until(lambda: not anna.host.circuits and not ben.host.circuits)
        assert {state.state for state in ben.host.relays} == {"unreachable"}
        with pytest.raises(Unreachable):
            await say(anna, ben)
        await nursery.start(Post(listen=(listen,)).run)
        await until(lambda: anna.host.circuits and ben.host.circuits)
        await say(anna, ben)
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_a_place_is_asked_for_again_before_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2p.circuit.RESERVATION_LEAST_SECONDS", 0.1)
    monkeypatch.setattr("p2p.relay.RESERVATION_SECONDS", 1)
    anna, post, given = hidden("anna"), Post(), []
    async with relays(post):
        monkeypatch.setattr(post.relay, "_changed", lambda: given.append(trio.current_time()))
        async with apart(anna, at=(post,)):
            await until(lambda: len(given) > 4)
            assert anna.host.relays[0].state == "reserved"
            assert post.relay.doing.connections == 1


@pytest.mark.trio
async def test_a_relay_that_is_not_used_any_more_is_left() -> None:
    anna, post = hidden("anna"), Post()
    async with relays(post), apart(anna, at=(post,)):
        anna.host.use_relays([])
        assert anna.host.relays == anna.host.circuits == ()
        await until(lambda: not post.relay.doing.connections)


@pytest.mark.trio
async def test_what_is_known_of_each_relay_is_told() -> None:
    post, told = Post(), []
    anna = hidden("anna")
    anna.relays = lambda: told.append([(s.state, bool(s.reason)) for s in anna.host.relays])
    gone = f"/ip4/127.0.0.1/tcp/1/p2p/{Person('gone').peer_id}"
    async with relays(post), on_line(anna):
        anna.host.use_relays([post.address, gone, "nonsense", post.address])
        await until(
            lambda: told[-1] == [("reserved", False), ("unreachable", True), ("unreachable", True)]
        )
        assert [state.address for state in anna.host.relays] == [post.address, gone, "nonsense"]
        assert told[0] == [("asking", False)] * 3
