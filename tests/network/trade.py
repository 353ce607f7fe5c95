"""A delivery between two hosts with a bad network between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from p2p.carriers import Address, read_address
from p2p.errors import Unreachable
from p2p.records import Fingerprint
from p2p.sealing import seal_chunk
from p2p.spool import Spool
from tests.network.link import Link, Weather
from tests.p2p.people import Dataset, Person, make_dataset, on_line

ORDER = b"o" * 32
DK = b"k" * 32
NOTICED_SECONDS = 30  # at the latest, a peer that is there and says nothing is taken for lost
LONG = 24_000_000  # bytes: more than can be under way
PATIENCE = 240  # seconds after which a test has failed


def place_of(person: Person) -> Address:
    address = read_address(person.addresses[0])
    assert address is not None
    return address


def assert_same(spool: Spool, dataset: Dataset) -> None:
    """What lies on the buyer's disk opens to what lies on the owner's."""
    content = dataset.source().content
    assert spool.complete
    for index in range(spool.chunks):
        assert seal_chunk(DK, index, spool.ciphertext(index)) == content.chunk(index)


@dataclass
class Trade:
    """An owner, a buyer, a dataset on its way and the link between them."""

    owner: Person
    buyer: Person
    dataset: Dataset
    link: Link
    folder: Path
    spool: Spool = field(init=False)

    def __post_init__(self) -> None:
        self.open_spool()

    def open_spool(self) -> None:
        made = self.dataset.made.fingerprint
        self.spool = Spool(self.folder / "spool", made.records, made.root)

    async def fetch(self, at_chunk: Callable[[int], None] = lambda stored: None) -> bytes:
        """The rest of the delivery, through the link; ``at_chunk`` is called before each."""

        def paused() -> bool:
            at_chunk(self.spool.next_chunk)
            return False

        return await self.buyer.host.fetch(
            self.owner.peer_id,
            [self.link.multiaddr()],
            ORDER,
            self.spool,
            Fingerprint(bytes(32), self.spool.root, self.spool.records, 0),
            progress=lambda stored, of: None,
            paused=paused,
        )

    async def fetch_in_the_end(self) -> int:
        """As an engine does: again and again until all is there. How often it took."""
        for attempt in range(1, 100):
            before = self.spool.next_chunk
            self.owner.sent.clear()
            try:
                await self.fetch()
            except Unreachable:
                continue
            finally:
                if self.owner.sent:  # never from the start again, always at the chunk
                    assert self.owner.sent[0] == (before, before)
            return attempt
        raise AssertionError("It never arrived.")

    def assert_whole(self) -> None:
        assert_same(self.spool, self.dataset)


@asynccontextmanager
async def trading(
    folder: Path, size: int, weather: Weather | None = None, *, line: bool = False
) -> AsyncIterator[Trade]:
    """Two hosts on line with a link between them and a paid order for ``size`` bytes.

    line: chunks take a connection of their own, through the same link.
    """
    dataset = make_dataset(folder, size)
    owner, buyer = Person("anna", direct=line), Person("ben", direct=line)
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer), trio.open_nursery() as nursery:
        link = Link(place_of(owner), weather)
        await nursery.start(link.run)
        owner.host._connections.listening = (Address("127.0.0.1", link.port),)
        buyer.host._connections.listening = ()  # nothing goes past the link
        with trio.fail_after(PATIENCE):
            yield Trade(owner, buyer, dataset, link, folder)
        nursery.cancel_scope.cancel()
