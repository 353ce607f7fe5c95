"""An owner that hostile peers beset: ``python -m tests.network.besieged SIZE [LIAR …]``.

It prints its address and serves an honest order and one whose buyers are hostile; from each owner
that lies (an address) it fetches all the while. When its standard input ends it prints the most
memory it had (MiB), the processor seconds it used, and how often a liar was found out.
"""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path

import trio

from p2p.errors import PeerError, Unreachable
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.hostile import SINS_ORDER
from tests.network.side import dataset, said
from tests.network.trade import DK, ORDER
from tests.p2p.people import Person, on_line


def most_memory(pid: int | str = "self") -> float:
    """The peak of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def main(size: int, liars: list[str]) -> None:
    owner = Person("anna")
    data = dataset(size)
    owner.sources[ORDER] = data.source(DK)
    owner.sources[SINS_ORDER] = data.source(DK, "work-sins")
    found_out = 0

    async def deal_with(liar: str) -> None:
        nonlocal found_out
        stated = data.made.fingerprint
        promised = Fingerprint(bytes(32), bytes(32), stated.records, 0)
        while True:
            spool = Spool(Path(f"from-{liar.rpartition('/')[2]}"), promised.records, promised.root)
            with suppress(Unreachable):
                try:
                    await owner.host.fetch(
                        liar.rpartition("/")[2],
                        [liar],
                        SINS_ORDER,
                        spool,
                        promised,
                        progress=lambda stored, of: None,
                        paused=lambda: False,
                    )
                except PeerError:
                    found_out += 1
            await trio.sleep(5)

    async with on_line(owner), trio.open_nursery() as nursery:
        said(owner.addresses[0])
        for liar in liars:
            nursery.start_soon(deal_with, liar)
        with suppress(OSError):  # what making the dataset took is not what is asked for
            Path("/proc/self/clear_refs").write_text("5")
        since = time.process_time()
        await trio.to_thread.run_sync(sys.stdin.read)
        cpu = time.process_time() - since
        said(json.dumps({"memory": most_memory(), "cpu": cpu, "found_out": found_out}))
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]), sys.argv[2:])
