"""One side of a delivery behind a router, in a process and a network of its own:

    python -m tests.network.home [calm] owner SIZE [router] RELAY…
    python -m tests.network.home [calm] buyer SIZE STOPS ADDRESS…

Each line it prints is a fact its starter waits for. An owner says its circuits once it has a place
at every relay, then its own addresses (``router``: once its router has opened a port), and ends at
the next line it hears. A buyer fetches until everything is there; at each chunk of
STOPS (``3,9``) it says ``chunk 3 by RELAY`` (or ``by itself``: directly) and stands still until it
hears a line (a moment after it is stored; ``calm``: as soon as it has come); in the end ``all: 14
by line, 2 by session``, how many chunks came each way. ``3/8``: at 8 only once it was interrupted
behind 3, which it says as ``stopped at 5``; until then much more may come than had by then.
``calm``: at the product's own pace, and a way without a relay, and then a line, are waited for.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import trio

from p2p import connections, delivery, direct, punching, routers, serving
from p2p.direct import Line
from p2p.errors import Unreachable
from p2p.neighbours import everywhere
from p2p.records import Fingerprint
from p2p.spool import Spool
from p2p.yamux import Yamux
from tests.network.side import dataset, said
from tests.network.trade import DK, ORDER, PATIENCE
from tests.p2p.people import Person, on_line
from tests.p2p.relayed import until


def be_quick() -> None:
    """Notice silence, and what leads nowhere, some times as fast as the product does."""
    defaults = Yamux.__init__.__kwdefaults__
    assert defaults is not None
    defaults.update(ping_seconds=0.5, silence_seconds=2.0)
    delivery.LINE_SILENCE_SECONDS = 1.0  # type: ignore[misc]
    connections.DIAL_SECONDS = 3.0  # type: ignore[misc]
    punching.HOLE_DIAL_SECONDS = 0.5  # type: ignore[misc]
    serving.LINE_WAIT_SECONDS = 0.1  # type: ignore[misc]
    routers.ROUTER_AGAIN_SECONDS = 1.0  # type: ignore[misc]


def be_calm() -> None:
    """Which way the chunks take does not depend on how busy the machine is."""
    connections.DIRECT_FIRST_SECONDS = PATIENCE  # type: ignore[misc]
    serving.LINE_WAIT_SECONDS = PATIENCE  # type: ignore[misc]
    direct.LINE_SECONDS = PATIENCE  # type: ignore[misc]
    delivery.LINE_SECONDS = PATIENCE  # type: ignore[misc]
    delivery.LINE_SILENCE_SECONDS = PATIENCE  # type: ignore[misc]
    routers.ROUTER_AGAIN_SECONDS = 1.0  # type: ignore[misc]


def ways() -> Counter[str]:
    """How many chunks come each way from now on. One that a line loses comes again, by session."""
    came = Counter[str]()
    hand_on = delivery._Fetching._hand_on

    def note(fetching: Any, slot: int, name: bytes = b"", line: Line | None = None) -> None:
        came["session" if line is None else "line"] += 1
        hand_on(fetching, slot, name, line)

    delivery._Fetching._hand_on = note  # type: ignore[method-assign]
    return came


async def own(size: int, relays: list[str]) -> None:
    owner = Person("anna", listen=everywhere(0))
    owner.sources[ORDER] = dataset(size).source(DK)
    by_router = relays[:1] == ["router"]
    relays = relays[by_router:]
    async with on_line(owner):
        owner.host.use_router(by_router)
        await until(lambda: owner.host.router == ("open" if by_router else "off"))
        owner.host.use_relays(relays)
        await until(lambda: len(owner.host.circuits) == len(relays))
        said(" ".join(owner.host.circuits))
        said(" ".join(owner.addresses))
        await trio.to_thread.run_sync(sys.stdin.readline)
    said("ended")


async def buy(size: int, stops: list[set[int]], addresses: list[str], calm: bool) -> None:
    made = dataset(size).made.fingerprint
    spool = Spool(Path.cwd() / "spool", made.records, made.root)
    buyer = Person("ben", listen=everywhere(0))
    owner_id = addresses[0].rpartition("/")[2]
    came = ways()
    stored = spool.next_chunk  # what a process of its own stores, the spool here hears at the end

    def progress(now: int, of: int) -> None:
        nonlocal stored
        stored = now

    def paused() -> bool:
        # How much is stored is told some times a second: on a line all may have come by then.
        reached = came.total() if calm else stored
        for stop in sorted(stop for stop in stops[0] if stop <= reached):
            stops[0].remove(stop)
            via = buyer.host._connections.held(owner_id)[-1].via
            said(f"chunk {stop} by {via.peer_id if via else 'itself'}")
            sys.stdin.readline()
        return False

    async with on_line(buyer):
        while not spool.complete:
            try:
                await buyer.host.fetch(
                    owner_id,
                    addresses,
                    ORDER,
                    spool,
                    Fingerprint(bytes(32), spool.root, spool.records, 0),
                    progress=progress,
                    paused=paused,
                )
            except Unreachable:
                said(f"stopped at {spool.next_chunk}")
                if stops[1:] and not stops[0]:
                    del stops[0]
                await trio.sleep(0.2)  # as an engine does, which waits longer
    said(f"all: {came['line']} by line, {came['session']} by session")


if __name__ == "__main__":
    calm = sys.argv[1] == "calm"
    (be_calm if calm else be_quick)()
    role, size, *words = sys.argv[1 + calm :]
    if role == "owner":
        trio.run(own, int(size), words)
    else:
        at = [{int(chunk) for chunk in some.split(",")} for some in words[0].split("/")]
        trio.run(buy, int(size), at, words[1:], calm)
