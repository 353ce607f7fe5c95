"""One side of a delivery in a process of its own, so that it can be frozen: ``python -m`` this.

Arguments: owner | buyer, then for a buyer the owner's multiaddr. The folder with the dataset is the
working directory; each line it prints is a fact the test waits for.
"""

import sys
from pathlib import Path

import trio

from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.trade import DK, LONG, ORDER
from tests.p2p.people import Dataset, Person, make_dataset, on_line


def said(words: str) -> None:
    print(words, flush=True)


def dataset() -> Dataset:
    """The same bytes in either process."""
    return make_dataset(Path.cwd(), LONG)


async def own() -> None:
    owner = Person("anna")
    owner.sources[ORDER] = dataset().source(DK)
    async with on_line(owner):
        said(owner.addresses[0])
        await trio.sleep_forever()


async def buy(address: str) -> None:
    made = dataset().made.fingerprint
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
    trio.run(own) if sys.argv[1] == "owner" else trio.run(buy, sys.argv[2])
