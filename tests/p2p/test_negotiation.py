"""Talk: stored before it is answered, refused with a reason, again without harm."""

import pytest
import trio
import trio.testing

from p2p.errors import PeerError, Unreachable
from p2p.host import Peer
from p2p.limits import MESSAGE_BYTES, TALK_BURST, TALK_BYTES, TALK_PER_SECOND
from p2p.messages import Message, encode
from p2p.negotiation import listen, say
from p2p.pace import Pace
from p2p.wire import Wire
from tests.p2p.people import Person, on_line, text
from tests.p2p.streams import Pieces, wire_pair

ANNA = Peer("anna", "peer a", bytes(32))


@pytest.mark.trio
async def test_messages_are_stored_and_acknowledged_in_order() -> None:
    anna, ben = Person("anna"), Person("ben")
    messages = [text(f"number {i}") for i in range(5)]
    async with on_line(anna, ben):
        await anna.say(ben, *messages)
    assert [message for _, message in ben.inbox] == messages
    assert {peer.identity for peer, _ in ben.inbox} == {"anna"}


@pytest.mark.trio
async def test_nothing_is_acknowledged_before_it_is_stored() -> None:
    one, other = wire_pair()
    stored = trio.Event()

    async def received(peer: Peer, message: Message) -> None:
        await stored.wait()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen, other, ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))
        with trio.move_on_after(0.05) as early:
            await say(one, [text()])
        assert early.cancelled_caught
        stored.set()
        assert await one.read_object()
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_a_refusal_carries_its_reason_and_the_peer_stays() -> None:
    anna, ben = Person("anna"), Person("ben")

    def refuse(message: Message) -> None:
        raise PeerError("That negotiation is over.")

    async with on_line(anna, ben):
        ben.store = refuse
        with pytest.raises(PeerError, match="That negotiation is over"):
            await anna.say(ben, text())
        ben.store = lambda message: None
        await anna.say(ben, text())
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_not_now_means_again_later() -> None:
    anna, ben = Person("anna"), Person("ben")

    def busy(message: Message) -> None:
        raise Unreachable("The chain cannot be reached just now.")

    async with on_line(anna, ben):
        ben.store = busy
        with pytest.raises(Unreachable, match="chain"):
            await anna.say(ben, text())


@pytest.mark.trio
async def test_a_duplicate_is_acknowledged_like_the_first() -> None:
    anna, ben = Person("anna"), Person("ben")
    message = text()
    async with on_line(anna, ben):
        await anna.say(ben, message)
        await anna.say(ben, message, message)
    assert [received for _, received in ben.inbox] == [message] * 3


@pytest.mark.trio
async def test_a_receiver_that_fails_does_not_acknowledge(
    caplog: pytest.LogCaptureFixture,
) -> None:
    anna, ben = Person("anna"), Person("ben")

    def fail(message: Message) -> None:
        raise RuntimeError("a bug")

    async with on_line(anna, ben):
        ben.store = fail
        with pytest.raises(Unreachable):
            await anna.say(ben, text())
        ben.store = lambda message: None
        await anna.say(ben, text())
    assert "a bug" in caplog.text


@pytest.mark.trio
@pytest.mark.parametrize("answer", ["stored", "refused"])
async def test_an_answer_to_something_else_is_a_lie(answer: str) -> None:
    one, other = wire_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: other.write_object(answer, id="0" * 32))
        with pytest.raises(PeerError):
            await say(one, [text()])


@pytest.mark.trio
@pytest.mark.parametrize("body", [b"garbage", b"{}", b"\x03" + bytes(40)])
async def test_garbage_is_refused_and_not_handed_on(body: bytes) -> None:
    one, other = wire_pair()
    inbox: list[Message] = []

    async def received(peer: Peer, message: Message) -> None:
        inbox.append(message)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen, other, ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))
        await one.write(body)
        with pytest.raises(PeerError):
            await one.read_object()
        await say(one, [text()])
        nursery.cancel_scope.cancel()
    assert len(inbox) == 1


@pytest.mark.trio
async def test_a_frame_too_long_for_a_message_ends_the_stream() -> None:
    async def received(peer: Peer, message: Message) -> None: ...

    frame = (MESSAGE_BYTES + 1).to_bytes(4, "big") + bytes(MESSAGE_BYTES + 1)
    with pytest.raises(PeerError):
        await listen(Wire(Pieces(frame, 4096)), ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))


@pytest.mark.trio
async def test_a_flooding_peer_is_slowed_down(autojump_clock: trio.testing.MockClock) -> None:
    flood = TALK_BURST + 50
    body = encode(text())
    frames = (len(body).to_bytes(4, "big") + body) * flood
    inbox: list[Message] = []

    async def received(peer: Peer, message: Message) -> None:
        inbox.append(message)

    start = trio.current_time()
    await listen(Wire(Pieces(frames, 1 << 20)), ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))
    assert len(inbox) == flood
    assert trio.current_time() - start == pytest.approx(50 / TALK_PER_SECOND, rel=0.1)


@pytest.mark.trio
async def test_long_messages_count_as_several(autojump_clock: trio.testing.MockClock) -> None:
    body = b'{"a":"' + b"x" * (4 * TALK_BYTES - 8) + b'"}'  # as long as four; refused, and counted
    assert len(body) == 4 * TALK_BYTES
    frames = (len(body).to_bytes(4, "big") + body) * TALK_BURST

    async def received(peer: Peer, message: Message) -> None:
        raise AssertionError("not a message")

    await listen(Wire(Pieces(frames, 1 << 20)), ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))
    assert trio.current_time() == pytest.approx(3 * TALK_BURST / TALK_PER_SECOND, rel=0.1)
