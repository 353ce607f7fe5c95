"""One side of a delivery in a process of its own: ``python -m tests.network.side owner [SIZE]`` or
``… buyer ADDRESS``, in a folder that is its own.

Each line it prints is a fact its starter waits for. An owner says where it listens; after that each
line on its stdin is answered by its greatest memory in KiB and the number of its bugs so far.
"""

import logging
import resource
import sys
from pathlib import Path

import trio

from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.trade import DK, LONG, ORDER, THEIRS
from tests.p2p.people import Dataset, Person, make_dataset, on_line


class Bugs(logging.Handler):
    """Counts what the product logs as an error: a peer may never cause one."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        print(self.format(record), file=sys.stderr)


def said(words: str) -> None:
    print(words, flush=True)


def dataset(size: int) -> Dataset:
    """The same bytes in either process."""
    return make_dataset(Path.cwd(), size)


async def own(size: int) -> None:
    bugs = Bugs(logging.ERROR)
    logging.getLogger("p2p").addHandler(bugs)
    owner = Person("anna")
    registered = dataset(size)
    owner.sources[ORDER] = registered.source(DK)
    owner.sources[THEIRS] = registered.source(DK, "work-theirs")
    async with on_line(owner):
        said(owner.addresses[0])
        asked = trio.lowlevel.FdStream(0)
        while await asked.receive_some():
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            said(f"{peak} {bugs.count}")


async def buy(address: str) -> None:
    made = dataset(LONG).made.fingerprint
    spool = Spool(Path.cwd() / "spool", made.records, made.root)
    buyer = Person("ben")

    def paused() -> bool:
        said(f"chunk {spool.next_chunk}")
        return False

    async with on_line(buyer):
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
    if sys.argv[1] == "owner":
        trio.run(own, int(sys.argv[2]))
    else:
        trio.run(buy, sys.argv[2])
