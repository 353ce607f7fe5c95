"""Rendezvous: people whose addresses on record are stale find each other at relays; what relays
and peers may say instead."""

import hashlib
from contextlib import suppress
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.keys import PrivateKey
from libp2p.discovery.rendezvous.pb.rendezvous_pb2 import Message
from libp2p.peer.envelope import seal_record
from libp2p.peer.id import ID
from libp2p.peer.peer_record import PeerRecord
from multiaddr import Multiaddr

from p2p import protobuf, rendezvous
from p2p.carriers import usable_addresses
from p2p.circuit import usable_circuits
from p2p.errors import PeerError, Unreachable
from p2p.identity import peer_id_of
from p2p.limits import ADDRESSES, RENDEZVOUS_BYTES, RENDEZVOUS_SECONDS
from p2p.protobuf import field, fields, varint
from p2p.relay import Bounds, Relay
from p2p.rendezvous import Record, Registrations, read_record, sign_record
from p2p.yamux import Stream
from tests.p2p.people import Person, on_line, text
from tests.p2p.relayed import Post, apart, relays, until
from tests.p2p.seeds import seeds
from tests.p2p.streams import Pieces
from tests.p2p.test_relay import asking, stranger

STALE = "/ip4/127.0.0.1/tcp/1"
HERE = "192.0.2.1"


def seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def key(name: str) -> PrivateKey:
    return create_new_key_pair(seed(name)).private_key


def peer(name: str) -> str:
    return peer_id_of(seed(name))


def signed(name: str = "ben", seq: int = 1, *addresses: str) -> Record:
    return sign_record(key(name), addresses or ("/ip4/192.0.2.7/tcp/4001",), seq)


# Finding each other


@pytest.mark.trio
async def test_a_peer_whose_address_changed_is_found_through_a_relay_both_use() -> None:
    anna, ben, post = Person("anna"), Person("ben"), Post()
    async with relays(post), apart(anna, ben, at=(post,)):
        ben.host.tell(ben.addresses)
        await until(lambda: post.relay.doing.records == 2)
        await until(lambda: kept(post, ben)[0] == ben.addresses[0])
        await anna.host.send(ben.peer_id, (STALE,), [text()])
        assert post.relay.doing.circuits == 0  # directly, at the address that was told
        anna.host.disconnect(ben.peer_id)
        await until(lambda: not anna.host.peers)
        post.die()  # what was learnt is known the next time
        await anna.host.send(ben.peer_id, (STALE,), [text()])
    assert len(ben.inbox) == 2


def kept(post: Post, person: Person) -> tuple[str, ...]:
    record = post.relay._records.get(person.peer_id)
    return ("",) if record is None else record.addresses


@pytest.mark.trio
async def test_whoever_says_nothing_of_its_addresses_is_found_at_its_relays_only() -> None:
    """Of an app that may not tell where it is, a relay knows what it is told on record anyway."""
    anna, ben = Person("anna"), Person("ben")
    one, two = Post("one"), Post("two")
    async with relays(one, two), on_line(anna), apart(ben, at=(one, two)):
        anna.host.use_relays([two.address])
        await until(lambda: anna.host.circuits and len(kept(two, ben)) == 2)
        assert set(kept(two, ben)) == set(ben.host.circuits)
        await anna.host.send(ben.peer_id, (), [text()])
        assert one.relay.doing.circuits + two.relay.doing.circuits == 1
        ben.host.tell(ben.addresses)
        await until(lambda: len(kept(two, ben)) == 3)
        ben.host.tell(())
        await until(lambda: len(kept(two, ben)) == 2)
        ben.host.use_relays([two.address])
        await until(lambda: kept(two, ben) == ben.host.circuits)
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_the_relay_on_record_is_asked_by_somebody_who_uses_none() -> None:
    anna, ben, post = Person("anna"), Person("ben"), Post(bounds=Bounds(circuits=0))
    async with relays(post), on_line(anna), apart(ben, at=(post,)):
        ben.host.tell(ben.addresses)
        await until(lambda: len(kept(post, ben)) == 2)
        await anna.host.send(ben.peer_id, ben.host.circuits, [text()])
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_without_a_relay_both_know_nobody_is_found() -> None:
    anna, ben = Person("anna"), Person("ben")
    one, two = Post("one"), Post("two")
    async with relays(one, two), apart(anna, at=(one,)), apart(ben, at=(two,)):
        ben.host.tell(ben.addresses)
        await until(lambda: len(kept(two, ben)) == 2)
        with pytest.raises(Unreachable):
            await anna.host.send(ben.peer_id, (STALE,), [text()])
        assert not one.relay._records.get(ben.peer_id)
    assert not ben.inbox


@pytest.mark.trio
async def test_a_relay_that_was_started_again_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2p.reservations.RELAY_AGAIN_SECONDS", 0.1)
    ben, post = Person("ben"), Post()
    async with relays(post) as nursery, apart(ben, at=(post,)):
        await until(lambda: post.relay.doing.records == 1)
        listen = post.address.partition("/p2p/")[0]
        post.die()
        await until(lambda: not ben.host.circuits)
        again = Post(listen=(listen,))
        await nursery.start(again.run)
        await until(lambda: again.relay.doing.records == 1)


@pytest.mark.trio
async def test_a_record_is_told_again_before_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2p.rendezvous.RENDEZVOUS_SECONDS", 1)
    monkeypatch.setattr("p2p.whereabouts.RENDEZVOUS_AGAIN_SECONDS", 0.1)
    put: list[str] = []
    real = Registrations.put

    def noted(self: Registrations, peer_id: str, *what: Any) -> int:
        put.append(peer_id)
        return real(self, peer_id, *what)

    monkeypatch.setattr(Registrations, "put", noted)
    ben, post = Person("ben"), Post()
    async with relays(post), apart(ben, at=(post,)):
        await until(lambda: len(put) > 3)
        assert post.relay.doing.records == 1


# Relays that lie


class Lying(Relay):
    """Answers who asks for a peer with what it likes."""

    says: Record | None = None

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._records.get = lambda peer_id: self.says  # type: ignore[method-assign]


@pytest.mark.trio
@pytest.mark.parametrize("lie", ["forged", "another's", "nonsense", "old", "nothing"])
async def test_nothing_is_believed_that_the_peer_did_not_sign_or_that_is_old(lie: str) -> None:
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    post = Post(kind=Lying)
    async with relays(post), on_line(ben, carl), apart(anna, at=(post,)):
        assert isinstance(post.relay, Lying)
        where = ben.addresses
        if lie == "old":
            post.relay.says = signed("ben", 7, where[0])
            await anna.host.send(ben.peer_id, (STALE,), [text()])
            anna.host.disconnect(ben.peer_id)
            await until(lambda: not anna.host.peers)
            post.relay.says = signed("ben", 6, STALE)
            assert await anna.host._whereabouts.find(ben.peer_id, ()) == where
            post.relay.says = signed("ben", 8, STALE)
            assert await anna.host._whereabouts.find(ben.peer_id, ()) == (
                f"{STALE}/p2p/{ben.peer_id}",
            )
            return
        mallory = create_new_key_pair(seed("mallory"))
        forged = PeerRecord(ID.from_base58(ben.peer_id), [Multiaddr(where[0])], 9)
        post.relay.says = {
            "forged": Record(9, (), seal_record(forged, mallory.private_key).marshal_envelope()),
            "another's": signed("carl", 9, *carl.addresses),
            "nonsense": Record(9, (), b"nonsense"),
        }.get(lie)
        with pytest.raises(Unreachable):
            await anna.host.send(ben.peer_id, (STALE,), [text()])
        assert anna.host._whereabouts.known(ben.peer_id) == ()
        post.relay.says = signed("ben", 9, where[0])
        await anna.host.send(ben.peer_id, (STALE,), [text()])
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_a_relay_that_sends_to_somebody_else_gets_nobody_to_talk() -> None:
    """The peer itself may sign any address; who answers there is proved by Noise all the same."""
    anna, carl, post = Person("anna"), Person("carl"), Post(kind=Lying)
    async with relays(post), on_line(carl), apart(anna, at=(post,)):
        assert isinstance(post.relay, Lying)
        post.relay.says = signed("ben", 1, carl.addresses[0].partition("/p2p/")[0])
        with pytest.raises(Unreachable):
            await anna.host.send(peer("ben"), (STALE,), [text()])
    assert not carl.met


# Peers that lie, and floods


async def say(stream: Stream, message: bytes) -> protobuf.Fields:
    await protobuf.write(stream, message)
    return fields(await protobuf.read(stream, RENDEZVOUS_BYTES))


def registering(ns: str, record: bytes, ttl: int = 60) -> bytes:
    body = field(1, ns.encode()) + field(2, record) + field(3, ttl)
    return field(1, rendezvous.REGISTER) + field(2, body)


@pytest.mark.trio
@pytest.mark.parametrize(
    ("ns", "record", "status"),
    [
        ("stranger", signed("stranger").signed, rendezvous.OK),
        ("ben", signed("ben").signed, rendezvous.INVALID_NAMESPACE),
        ("stranger", signed("ben").signed, rendezvous.INVALID_RECORD),
        ("stranger", b"nonsense", rendezvous.INVALID_RECORD),
        ("stranger", b"", rendezvous.INVALID_RECORD),
    ],
)
async def test_a_peer_registers_itself_and_nobody_else(ns: str, record: bytes, status: int) -> None:
    post = Post()
    async with relays(post), stranger(post.address) as rude:
        stream = await asking(rude, rendezvous.PROTOCOL)
        said = await say(stream, registering(rendezvous.namespace(peer(ns)), record))
        answered = fields(protobuf.bytes_of(said, 3))
        assert protobuf.number_of(answered, 1) == status
        assert post.relay.doing.records == (status == rendezvous.OK)


@pytest.mark.trio
@pytest.mark.parametrize("ns", ["", "lading", "rendezvous", "lading/", "lading/nobody"])
async def test_a_relay_lists_nobody(ns: str) -> None:
    ben, post = Person("ben"), Post()
    async with relays(post), apart(ben, at=(post,)), stranger(post.address) as rude:
        await until(lambda: post.relay.doing.records == 1)
        stream = await asking(rude, rendezvous.PROTOCOL)
        asked = field(1, rendezvous.DISCOVER) + field(5, field(1, ns.encode()) if ns else b"")
        said = await say(stream, asked)
        assert 1 not in fields(protobuf.bytes_of(said, 6))
        assert (
            await rendezvous.discover(await asking(rude, rendezvous.PROTOCOL), ben.peer_id)
        ) == (post.relay._records.get(ben.peer_id))


@pytest.mark.trio
@pytest.mark.parametrize("said", [b"\x05\xff\xff\xff\xff\xff", b"\xff\xff\xff\xff\x7f", b"", b"\0"])
async def test_nonsense_costs_its_sender_a_stream(said: bytes) -> None:
    post = Post()
    async with relays(post), stranger(post.address) as rude:
        for _ in range(20):
            stream = await asking(rude, rendezvous.PROTOCOL)
            await stream.write(said)
            stream.finish()
            with suppress(Unreachable):
                while await stream.read(100):
                    pass
        stream = await asking(rude, rendezvous.PROTOCOL)
        record = signed("stranger")
        assert await rendezvous.register(stream, peer("stranger"), record) == RENDEZVOUS_SECONDS


@pytest.mark.trio
async def test_a_newer_record_takes_the_place_of_an_older_one_and_never_the_other_way() -> None:
    registrations = Registrations(9, 9, lambda peer_id: True)
    old, new, other = signed(seq=1), signed(seq=2), signed("ben", 2, "/ip4/192.0.2.8/tcp/1")
    assert registrations.put("ben", old, 60, HERE) == rendezvous.OK
    assert registrations.put("ben", new, 60, HERE) == rendezvous.OK
    for replayed in (old, other):
        assert registrations.put("ben", replayed, 60, HERE) == rendezvous.INVALID_RECORD
    assert registrations.put("ben", new, 60, HERE) == rendezvous.OK  # the same once more
    assert registrations.get("ben") == new


@pytest.mark.trio
async def test_records_are_bounded_and_whoever_is_there_is_not_displaced(
    autojump_clock: trio.testing.MockClock,
) -> None:
    here = {"ben"}
    registrations = Registrations(2, 2, lambda peer_id: peer_id in here)
    assert registrations.put("ben", signed(), 60, HERE) == rendezvous.OK
    for number in range(5):
        assert registrations.put(f"mallory {number}", signed(), 60, HERE) == rendezvous.OK
    assert (len(registrations), registrations.get("ben")) == (2, signed())
    here.add("mallory 4")
    assert registrations.put("carl", signed(), 60, HERE) == rendezvous.UNAVAILABLE
    assert registrations.put("ben", signed(seq=2), 90, HERE) == rendezvous.OK
    await trio.sleep(61)
    assert len(registrations) == 1
    await trio.sleep(30)
    assert not len(registrations)


@pytest.mark.trio
async def test_who_comes_with_many_keys_displaces_its_own_records_only() -> None:
    here: set[str] = set()
    registrations = Registrations(5, 2, lambda peer_id: peer_id in here)
    for name in ("ben", "carl"):
        assert registrations.put(name, signed(), 60, "192.0.2.2") == rendezvous.OK
    for number in range(9):
        assert registrations.put(f"mallory {number}", signed(), 60, HERE) == rendezvous.OK
    assert len(registrations) == 4
    assert registrations.get("ben") == registrations.get("carl") == signed()
    here |= {"mallory 7", "mallory 8"}
    assert registrations.put("mallory 9", signed(), 60, HERE) == rendezvous.UNAVAILABLE
    assert registrations.put("dora", signed(), 60, "192.0.2.3") == rendezvous.OK


@pytest.mark.trio
@pytest.mark.parametrize(("most", "per_address"), [(0, 9), (9, 0), (0, 0)])
async def test_where_no_record_may_be_kept_none_is(most: int, per_address: int) -> None:
    registrations = Registrations(most, per_address, lambda peer_id: False)
    for name in ("ben", "carl"):
        assert registrations.put(name, signed(), 60, HERE) == rendezvous.UNAVAILABLE
    assert not len(registrations)


@pytest.mark.trio
async def test_a_relay_counts_records_by_the_address_they_come_from() -> None:
    post = Post(bounds=Bounds(records_per_address=1))
    async with relays(post), stranger(post.address, "anna") as anna:
        register = rendezvous.register
        await register(await asking(anna, rendezvous.PROTOCOL), peer("anna"), signed("anna"))
        async with stranger(post.address, "ben") as ben:
            with pytest.raises(Unreachable, match=str(rendezvous.UNAVAILABLE)):
                await register(await asking(ben, rendezvous.PROTOCOL), peer("ben"), signed())
        async with stranger(post.address, "ben", source="127.0.0.2") as ben:
            await register(await asking(ben, rendezvous.PROTOCOL), peer("ben"), signed())


@pytest.mark.trio
async def test_no_record_is_kept_for_longer_than_two_hours() -> None:
    post = Post()
    async with relays(post), stranger(post.address) as rude:
        stream = await asking(rude, rendezvous.PROTOCOL)
        record = signed("stranger").signed
        ns = rendezvous.namespace(peer("stranger"))
        said = fields(protobuf.bytes_of(await say(stream, registering(ns, record, 2**63)), 3))
        assert protobuf.number_of(said, 3) == RENDEZVOUS_SECONDS


# Bytes


def test_a_record_is_the_librarys_and_what_is_read_is_what_was_signed() -> None:
    through = f"/ip4/192.0.2.7/tcp/4001/p2p/{peer('relay')}/p2p-circuit/p2p/{peer('ben')}"
    told = (f"/ip6/2001:db8::1/tcp/9/p2p/{peer('ben')}", through, "/dns/host.example/tcp/1")
    record = sign_record(key("ben"), (*told, "nonsense", "/ip4/192.0.2.7/udp/1"), 77)
    read = read_record(record.signed, peer("ben"))
    assert (read.seq, read.addresses[:2]) == (77, told[:2])
    assert read.addresses[2] == f"{told[2]}/p2p/{peer('ben')}"
    many = sign_record(key("ben"), [f"/ip4/192.0.2.7/tcp/{n}" for n in range(1, 50)], 1)
    assert len(read_record(many.signed, peer("ben")).addresses) == ADDRESSES
    library = PeerRecord(ID.from_base58(peer("ben")), [Multiaddr(a) for a in read.addresses], 77)
    assert seal_record(library, key("ben")).marshal_envelope() == record.signed


@seeds((0, 1), (2, 0x80), (36, 1), (40, 0xFF), (-1, 1), (-64, 0x80))
@given(st.integers(0, 400), st.integers(1, 255))
def test_a_record_of_which_one_byte_is_another_is_no_record(place: int, byte: int) -> None:
    good = signed()
    at = place % len(good.signed)
    bad = bytearray(good.signed)
    bad[at] ^= byte
    try:
        read = read_record(bytes(bad), peer("ben"))
    except PeerError:
        return
    assert (read.seq, read.addresses) == (good.seq, read_record(good.signed, peer("ben")).addresses)


@seeds(
    (b"",),
    (signed().signed[:-1],),
    (signed().signed + b"\0",),
    (signed("carl").signed,),  # another's
    (signed().signed.replace(b"\x12\x02\x03\x01", b"\x12\x02\x03\x02"),),  # another kind
    (field(1, b""),),
    (b"\x0a\xff\xff\xff\xff\x0f",),  # a field of 4 GiB
)
@given(st.binary(max_size=300))
def test_any_bytes_are_no_record(data: bytes) -> None:
    with pytest.raises(PeerError):
        read_record(data, peer("ben"))


BEN_ID = field(1, ID.from_base58(peer("ben")).to_bytes())


def under_bens_name(payload: bytes) -> bytes:
    """An envelope that ben has signed, whatever is in it."""

    class Said(PeerRecord):
        def marshal_record(self) -> bytes:
            return payload

    return seal_record(Said(), key("ben")).marshal_envelope()


@seeds(
    (b"",),
    (BEN_ID,),
    (BEN_ID + field(2, 2**64 - 1),),
    (BEN_ID + field(3, b""),),
    (BEN_ID + field(3, field(1, b"\x04\xc0")),),  # an address that ends early,
    (BEN_ID + field(3, field(1, b"\x04\xc0\0\2\7\x06\x0f\xa1")) * 50,),  # too many of them,
    (BEN_ID + field(3, field(1, b"\x35\x03\xff\xfe\xfd\x06\0\1")),),  # a name that is no text
    (field(1, b"ben"),),
    (field(1, b""),),
    (BEN_ID[:-1],),
)
@given(
    st.binary(max_size=200)
    | st.lists(st.binary(max_size=40), max_size=20).map(
        lambda told: BEN_ID + b"".join(field(3, field(1, raw)) for raw in told)
    )
)
def test_whatever_a_peer_signs_is_its_record_or_a_peer_error(payload: bytes) -> None:
    try:
        record = read_record(under_bens_name(payload), peer("ben"))
    except PeerError:
        return
    assert 0 <= record.seq < 2**64
    assert len(record.addresses) <= ADDRESSES
    usable_addresses(record.addresses, peer("ben"))  # what it names is dialled, or left out
    usable_circuits(record.addresses, peer("ben"), peer("anna"))


_VALUES = st.integers(0, 2**64 - 1) | st.binary(max_size=200)


@seeds(
    ([],),
    ([(1, 0), (1, 127), (1, 128), (1, 2**63), (1, 2**64 - 1)],),
    ([(15, b""), (2, bytes(127)), (2, bytes(128)), (15, 0)],),
)
@given(st.lists(st.tuples(st.integers(1, 15), _VALUES), max_size=8))
def test_fields_are_written_and_read(said: list[tuple[int, int | bytes]]) -> None:
    read = fields(b"".join(field(number, value) for number, value in said))
    for number in range(1, 16):
        assert list(read.get(number, ())) == [value for n, value in said if n == number]


@seeds(
    ("", 0, b""),
    (rendezvous.namespace(peer("ben")), 1, b""),
    ("\0", 2**63 - 1, bytes(30)),
)
@given(st.text(max_size=30), st.integers(0, 2**63 - 1), st.binary(max_size=30))
def test_messages_are_those_of_the_librarys_classes(ns: str, limit: int, cookie: bytes) -> None:
    """The parts of the older version that are the same in the newer one."""
    discover = Message.Discover(ns=ns, limit=limit, cookie=cookie)
    said = Message(type=Message.DISCOVER, discover=discover).SerializeToString()
    read = fields(said)
    assert protobuf.number_of(read, 1) == rendezvous.DISCOVER
    body = fields(protobuf.bytes_of(read, 5))
    assert protobuf.bytes_of(body, 1).decode() == ns
    assert (protobuf.number_of(body, 2), protobuf.bytes_of(body, 3)) == (limit, cookie)


def asking_for(ns: str) -> bytes:
    return field(1, rendezvous.DISCOVER) + field(5, field(1, ns.encode()) + field(2, 1))


BENS = rendezvous.namespace(peer("ben"))
CARLS = rendezvous.namespace(peer("carl"))
FOUND = field(1, BENS.encode()) + field(2, signed().signed)


@seeds(
    (b"",),
    (registering(BENS, signed().signed),),
    (asking_for(BENS),),
    (b"\x08" + b"\xff" * 9 + b"\x01",),  # the largest number,
    (b"\x08" + b"\xff" * 9 + b"\x02",),  # and one more
    (b"\x08\x80\x00",),  # a longer way to write 0
    (b"\x08",),
    (b"\x0a\x02x",),  # longer than it is
    (b"\x00\x00",),  # no such number of a field
    (b"\x0b\x0c",),  # groups
    (b"\x0d" + bytes(4) + b"\x09" + bytes(8),),  # fixed lengths
)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused_as_the_library_refuses_them(data: bytes) -> None:
    try:
        read = fields(data)
    except PeerError:
        return
    for values in read.values():
        for value in values:
            assert isinstance(value, bytes) or 0 <= value < 2**64


def answered(status: int, *, ttl: int = 60) -> bytes:
    return field(1, rendezvous.REGISTER_RESPONSE) + field(3, field(1, status) + field(3, ttl))


def found(*registrations: bytes) -> bytes:
    said = b"".join(field(1, each) for each in registrations) + field(3, rendezvous.OK)
    return field(1, rendezvous.DISCOVER_RESPONSE) + field(6, said)


@seeds(
    (answered(rendezvous.OK), True),
    (answered(rendezvous.OK, ttl=0), True),
    (answered(rendezvous.OK, ttl=2**64 - 1), True),
    (answered(rendezvous.UNAVAILABLE), True),
    (found(), True),
    (found(FOUND), True),
    (found(FOUND, b""), True),
    (found(field(2, signed("carl").signed)), True),
    (found(FOUND)[:-1], True),
    (varint(2**32), False),
    (varint(RENDEZVOUS_BYTES + 1), False),
    (b"\x80" * 10, False),
    (b"", False),
)
@given(st.binary(max_size=200), st.booleans())
def test_whatever_a_relay_answers_is_a_record_or_an_error(data: bytes, framed: bool) -> None:
    said = varint(len(data)) + data if framed else data

    async def ask() -> None:
        for work in (
            lambda: rendezvous.discover(Pieces(said, 100), peer("ben")),
            lambda: rendezvous.register(Pieces(said, 100), peer("ben"), signed()),
        ):
            try:
                answer = await work()
                assert answer is None or isinstance(answer, float | Record)
            except (PeerError, Unreachable):
                pass

    trio.run(ask)


@seeds(
    (asking_for(BENS), True),
    (asking_for(""), True),
    (registering(CARLS, signed("carl").signed), True),  # somebody else
    (registering(BENS, signed("carl").signed), True),
    (registering(BENS, signed().signed[:-1]), True),
    (registering(BENS, b""), True),
    (registering(BENS, signed().signed)[:-1], True),
    (field(1, 2) + field(4, field(1, BENS.encode())), True),  # to be forgotten: not served
    (varint(RENDEZVOUS_BYTES + 1), False),
    (b"\x80" * 10, False),
)
@given(st.binary(max_size=200), st.booleans())
def test_whatever_is_asked_of_a_relay_leaves_nothing_there(data: bytes, framed: bool) -> None:
    said = varint(len(data)) + data if framed else data

    async def ask() -> None:
        registrations = Registrations(9, 9, lambda peer_id: True)
        with suppress(PeerError, Unreachable):
            await rendezvous.answer(Pieces(said, 100), peer("ben"), HERE, registrations)
        assert not len(registrations)

    trio.run(ask)
