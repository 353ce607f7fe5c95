"""One side of a delivery in a process of its own: ``python -m tests.network.side owner SIZE``,
``… buyer ADDRESS`` or ``… buy ADDRESS SIZE``, in a folder that is its own.

Each line it prints is a fact its starter waits for: an owner says where it listens, and serves
until it is killed; a buyer says each chunk, or waits for a line and says when it has all.
"""

import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import trio

from p2p.errors import Unreachable
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.trade import DK, LONG, ORDER
from tests.p2p.people import Dataset, Person, make_dataset, on_line


def said(words: str) -> None:
    print(words, flush=True)


def dataset(size: int) -> Dataset:
    """The same bytes in either process."""
    return make_dataset(Path.cwd(), size)


async def own(size: int) -> None:
    owner = Person("anna")
    owner.sources[ORDER] = dataset(size).source(DK)
    async with on_line(owner):
        said(owner.addresses[0])
        await trio.sleep_forever()


async def buy(address: str, size: int, *, told: bool = False) -> None:
    """Fetch everything; ``told`` when to begin, it says nothing of each chunk."""
    made = dataset(size).made.fingerprint
    spool = Spool(Path.cwd() / "spool", made.records, made.root)
    buyer = Person("ben")

    def paused() -> bool:
        if not told:
            said(f"chunk {spool.next_chunk}")
        return False

    async with on_line(buyer):
        if told:
            said("ready")
            await trio.to_thread.run_sync(sys.stdin.readline)
        while not spool.complete:
            with suppress(Unreachable):  # a pause of the machine was taken for silence: resumed
                await buyer.host.fetch(
                    address.rpartition("/")[2],
                    [address],
                    ORDER,
                    spool,
                    Fingerprint(bytes(32), spool.root, spool.records, 0),
                    progress=lambda stored, of: None,
                    paused=paused,
                )
    said("all")


if __name__ == "__main__":
    match sys.argv[1]:
        case "owner":
            trio.run(own, int(sys.argv[2]))
        case "buyer":
            trio.run(buy, sys.argv[2], LONG)
        case _:
            trio.run(partial(buy, sys.argv[2], int(sys.argv[3]), told=True))
