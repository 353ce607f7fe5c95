"""A cable between two TUN devices that loses packets and lets them overtake each other:

    python cable.py ONE OTHER LOST HELD TAKES

makes the devices (here; who wants them elsewhere moves them), says a line, and carries until it is
killed. A packet takes TAKES milliseconds. Of a hundred LOST are dropped and HELD are held back for
as long again, or a moment, while others go by. The proxy of other tests (`link`) stands between two
TCP streams and cannot do that: here the system's own TCP meets it.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time
from contextlib import suppress

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_MOST_BYTES = 65_536
_HELD_SECONDS = 0.01  # at the least


def device(name: str) -> int:
    """A descriptor of a new TUN device: one IP packet a read, one a write."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor


def carry(one: int, other: int, lost: int, held: int, takes: float) -> None:
    """takes: seconds from one end to the other."""
    chance = random.Random(4)
    ways = {one: other, other: one}
    waiting: list[tuple[float, int, int, bytes]] = []  # due, number, to whom, packet
    number = 0
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for source in select.select(list(ways), [], [], patience)[0]:
            packet = os.read(source, _MOST_BYTES)
            drawn = chance.randrange(100)
            if drawn < lost:
                continue
            late = max(_HELD_SECONDS, takes) if drawn < lost + held else 0.0
            due = time.monotonic() + takes + late
            heapq.heappush(waiting, (due, number, ways[source], packet))
            number += 1
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, receiver, packet = heapq.heappop(waiting)
            with suppress(OSError):  # it is down, or its queue full: dropped, as routers do
                os.write(receiver, packet)


if __name__ == "__main__":
    ends = device(sys.argv[1]), device(sys.argv[2])
    print("ready", flush=True)
    carry(*ends, int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]) / 1000)
