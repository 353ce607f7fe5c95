"""``python -m bench [NAME …] [--json]``: measure, and say whether the targets are met.

Every row has ``name, value, unit, against, peer_value, ratio, target, ok``. Peers are measured in
turn with ours, medians of at least three; ``ratio`` is ours over the peer's as its row explains.
``target`` is a number: the least ``ratio`` of ``store``, ``siege``, ``lossy`` and of the speeds of
``delivery`` and ``profile``, the most of ``fingerprint``, the least ``value`` of ``indexer`` and of
storing in ``search``, the most of everything else; none where something is only there to be
compared with. Progress is told on standard error. Exit code 1 if a row misses its target.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from bench import (
    alike_rows,
    chain_rows,
    content_rows,
    delivery_rows,
    frame_rows,
    lossy_rows,
    profile_rows,
    scroll_rows,
    search_rows,
    siege_rows,
    small_rows,
    trade_rows,
)

Rows = Callable[[], list[dict[str, Any]]]

BENCHES: dict[str, Rows] = {
    "fingerprint": content_rows.rows,
    "delivery": delivery_rows.rows,
    "memory": delivery_rows.memory_rows,
    "small": small_rows.rows,
    "lossy": lossy_rows.rows,
    "siege": siege_rows.rows,
    "frames": frame_rows.rows,
    "indexer": chain_rows.rows,
    "store": chain_rows.store_rows,
    "alike": alike_rows.rows,
    "search": search_rows.rows,
    "scroll": scroll_rows.rows,
    "profile": profile_rows.rows,
    "trade": trade_rows.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME",
                        help=f"which to run: {', '.join(BENCHES)} (default: all)")  # fmt: skip
    parser.add_argument("--listings", type=int, default=search_rows.LISTINGS,
                        help="how many `search` looks through (default: %(default)s)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    if unknown := set(options.name) - BENCHES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    benches = BENCHES | {"search": lambda: search_rows.rows(options.listings)}
    met = True
    for name in options.name or BENCHES:
        print(f"{name} …", file=sys.stderr, flush=True)
        for row in benches[name]():
            met = met and row["ok"]
            print(json.dumps(row) if options.json else _line(row), flush=True)
    return 0 if met else 1


def _line(row: dict[str, Any]) -> str:
    peer = "" if row["peer_value"] is None else f"{row['against']} {row['peer_value']:,.4g}"
    ratio = "" if row["ratio"] is None else f"ratio {row['ratio']:.2f}"
    mark = "ok" if row["ok"] else "MISSED"
    value = f"{row['value']:,.4g} {row['unit']}"
    target = "" if row["target"] is None else f"target {row['target']} {mark}"
    return f"{row['name']:<34} {value:<18} {peer:<44} {ratio:<12} {target}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
