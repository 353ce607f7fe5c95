"""``/lading/talk/1``: messages one way, an answer to each the other way.

After both hellos the peer that opened the stream sends messages (`p2p.messages`) one at a time.
Each is answered ``stored`` or ``refused`` with a reason, after the receiver has it on disk and
not before; ``later`` asks to try again. What was not answered is sent again on another stream, so
duplicates are normal and told apart by ``id``.
"""

from collections.abc import Awaitable, Callable, Sequence

from p2p.errors import PeerError, Unreachable
from p2p.identity import Peer
from p2p.limits import MESSAGE_BYTES, SILENCE_SECONDS, TALK_BYTES
from p2p.messages import Message, decode, encode
from p2p.pace import Pace
from p2p.wire import Wire

PROTOCOL = "/lading/talk/1"


async def say(wire: Wire, messages: Sequence[Message]) -> None:
    """Send messages and wait until each is stored.

    Raises PeerError with the peer's reason if one is refused, Unreachable if it is to be sent
    again later.
    """
    for message in messages:
        await wire.write(encode(message))
        answer = await wire.read_object()
        if answer != {"v": 1, "type": "stored", "id": message.id}:
            raise PeerError("The peer answered something else than was said.")


async def listen(
    wire: Wire,
    peer: Peer,
    received: Callable[[Peer, Message], Awaitable[None]],
    pace: Pace,
) -> int:
    """Take messages until the peer has no more; how many came. Raises what ends the stream early.

    ``received`` returns once the message is stored; a PeerError or Unreachable it raises is told
    to the peer, and the next message is awaited.
    """
    count = 0
    while (body := await wire.read(MESSAGE_BYTES, wait=SILENCE_SECONDS)) is not None:
        count += 1
        await pace.wait(-(-len(body) // TALK_BYTES))
        try:
            message = decode(body)
            await received(peer, message)
        except (PeerError, Unreachable) as error:
            await wire.refuse(error)
        else:
            await wire.write_object("stored", id=message.id)
    return count
