"""A side of a large delivery that is killed and started again, in another version each time.

``python -m tests.network.restarted owner FOLDER LINK VERSION LEAST`` or ``… buyer …``; FOLDER holds
what `make` made, LINK is the port through which everything between the two goes, LEAST the number
of chunks for which a process of its own is started (in the product `worker.LEAST_CHUNKS`).
VERSION 1 is an app from before direct connections, 2 is this one, 3 one that speaks a protocol
nobody knows yet and prefers it. The owner prints its address, then ``sent stored`` and ``ended`` of
each attempt; the buyer the chunks it finds on its disk, and ``all``.
"""

import pickle
import random
import sys
from dataclasses import replace
from pathlib import Path

import trio

from p2p import worker
from p2p.carriers import Address
from p2p.delivery import DIRECT_PROTOCOL
from p2p.errors import Unreachable
from p2p.fingerprint import fingerprint
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.side import said
from tests.network.trade import DK, ORDER
from tests.p2p.people import Dataset, Person, on_line

VERSIONS = (1, 2, 3)
_BLOCK = 16 * 2**20
_AGAIN_SECONDS = 0.05


def make(folder: Path, size: int) -> Dataset:
    """One file of ``size`` bytes that repeats nothing, fingerprinted; kept for both sides."""
    data = folder / "data.bin"
    numbers = random.Random(size)
    with data.open("wb") as file:
        for start in range(0, size, _BLOCK):
            file.write(numbers.randbytes(min(_BLOCK, size - start)))
    made = fingerprint(
        data,
        bytes(32),
        folder / "leaves",
        progress=lambda done, of: None,
        cancelled=lambda: False,
    )
    dataset = Dataset(made, bytes(32), folder / "leaves", folder)
    (folder / "dataset").write_bytes(pickle.dumps(dataset))
    return dataset


def person(name: str, version: int) -> Person:
    one = Person(name, direct=version > 1)
    if version > 2:
        later = "/lading/delivery/3"
        one.host._delivery = (later, *one.host._delivery)
        one.host._protocols = (*one.host._protocols, later)
        assert DIRECT_PROTOCOL in one.host._protocols
    return one


class Told(list[tuple[int, int]]):
    """Progress that is printed instead of kept."""

    def append(self, progress: tuple[int, int]) -> None:
        said(f"{progress[0]} {progress[1]}")


async def own(dataset: Dataset, link: int, version: int) -> None:
    owner = person("anna", version)
    owner.sources[ORDER] = dataset.source(DK)
    owner.sent = Told()
    told = replace(owner.host._callbacks, ended=lambda order: said("ended"))
    owner.host._callbacks = told
    async with on_line(owner):
        said(owner.addresses[0])
        owner.host._connections.listening = (Address("127.0.0.1", link),)
        await trio.sleep_forever()


async def buy(dataset: Dataset, link: int, version: int) -> None:
    made = dataset.made.fingerprint
    spool = Spool(dataset.folder / "spool", made.records, made.root)
    buyer = person("ben", version)
    said(f"{spool.next_chunk}")
    async with on_line(buyer):
        buyer.host._connections.listening = ()  # nothing goes past the link
        while True:
            try:
                await buyer.host.fetch(
                    Person("anna").peer_id,
                    [Address("127.0.0.1", link).multiaddr()],
                    ORDER,
                    spool,
                    Fingerprint(bytes(32), made.root, made.records, 0),
                    progress=lambda stored, of: None,
                    paused=lambda: False,
                )
                break
            except Unreachable:
                await trio.sleep(_AGAIN_SECONDS)
    said("all")


if __name__ == "__main__":
    role, folder, link, version, least = sys.argv[1:]
    worker.LEAST_CHUNKS = int(least)  # type: ignore[misc]
    kept: Dataset = pickle.loads((Path(folder) / "dataset").read_bytes())
    trio.run(own if role == "owner" else buy, kept, int(link), int(version))
