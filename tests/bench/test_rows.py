"""Rows of ``python -m bench``: their shape, and on which side of the target each is met.

What they would measure is foretold here instead, so that nothing depends on the machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import cycle, pairwise, permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bench import __main__ as bench
from bench import (
    alike_rows,
    chain_rows,
    content_rows,
    delivery_rows,
    frame_rows,
    lossy_rows,
    peers,
    profile_rows,
    scroll_rows,
    search_rows,
    siege_rows,
    small_rows,
    trade_rows,
)
from bench.rows import row
from chain.anvil import Running

KEYS = ["name", "value", "unit", "against", "peer_value", "ratio", "target", "ok"]
LINES = {
    "delivery": 12,
    "siege": 2,
    "lossy": 16,
    "profile": 4,
    "frames": 8,
    "scroll": 4,
    "search": 6,
    "small": 3,
}
Foretell = Callable[[pytest.MonkeyPatch, float, float], None]


def fingerprint(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    in_turn = cycle((ours, peers))
    patch.setattr(content_rows, "FILE_BYTES", 1 << 20)
    patch.setattr(content_rows, "_seconds", lambda action: next(in_turn))


def delivery(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    """Everything is as good as it has to be but the speed over a direct connection."""

    def deliver(place: Path, facts: Path, carrier: str) -> dict[str, float]:
        speed = ours if carrier == "direct" else peers / 2
        costs = {"owner_cpu": 3.0, "buyer_cpu": 3.5, "wire": 1.7}
        return {"receipt": speed, "place": speed, **costs}

    def measure(name: str, data: Path, work: Path) -> tuple[float, float]:
        return (1 << 20) / 1e6 / (peers if name == "fast" else peers / 2), 1.0

    patch.setattr(delivery_rows, "SIZE", 1 << 20)
    patch.setattr(delivery_rows, "_deliver", deliver)
    patch.setattr(delivery_rows.peers, "present", lambda: ["slow", "fast"])
    patch.setattr(delivery_rows.peers, "measure", measure)


def memory(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    def deliver(place: Path, facts: Path, carrier: str) -> dict[str, float]:
        return {"owner_memory": ours, "buyer_memory": 1.0}

    patch.setattr(delivery_rows, "SIZES", (1 << 20,))
    patch.setattr(delivery_rows, "_deliver", deliver)


def small(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    taken = {name: [9.0, ours, 0.0] for name in ("paid", "by the buyer", "by the owner")}
    patch.setattr(small_rows, "_measured", lambda: taken)


def indexer(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    in_turn = cycle((ours, peers))
    patch.setattr(chain_rows.anvil, "start", lambda *arguments: Running(0, 0, 0))
    patch.setattr(chain_rows.anvil, "stop", lambda node: None)
    patch.setattr(chain_rows, "_filled", lambda url: None)
    patch.setattr(chain_rows, "_speed", lambda action: next(in_turn))


def alike(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    patch.setattr(alike_rows, "_answers", lambda path: [ours])


def trade(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    """The limit of a trade is nobody's measurement."""
    patch.setattr(trade_rows, "_trade", lambda place: ours)


def siege(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    """Memory and CPU are as much as they may be."""
    patch.setattr(
        siege_rows, "_deliver", lambda place, hostile: (ours if hostile else peers, 512.0)
    )


def lossy(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    async def measure(dataset: object, weather: object, size: int, version: str | None) -> float:
        return peers if version is None else ours

    patch.setattr(lossy_rows, "SIZES", dict.fromkeys(lossy_rows.SIZES, 1 << 10))
    patch.setattr(lossy_rows, "_measure", measure)


def profile(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    """Memory and CPU are as much as they may be."""
    most = profile_rows.MOST_SECONDS * 1e-6
    in_turn = cycle(
        (
            profile_rows.Ran(0.001 / ours, profile_rows.TARGET, most),
            profile_rows.Ran(0.001 / peers, 4096, most),
        )
    )
    patch.setattr(profile_rows, "_write", lambda path: path.write_bytes(bytes(1000)))
    patch.setattr(profile_rows, "_run", lambda command: next(in_turn))


def frames(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    told = {
        "owner": {"frames": [ours] * 200, "memory": 300.0, "ever": 556.0},
        "buyer": {"frames": [16.0], "memory": 1.0, "ever": 257.0},
    }
    patch.setattr(frame_rows, "_trade", lambda place: told)


def scroll(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    patch.setattr(scroll_rows, "_scrolled", lambda: {"reading": [ours] * 200, "read": [16.0]})


def search(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    """Answers come as late as they may."""
    patch.setattr(search_rows, "store", lambda database, listings: ours)
    patch.setattr(search_rows, "_follow", lambda database: 1.0)
    patch.setattr(search_rows, "_ask", lambda database: ([0.05], [1.0]))


class Case(NamedTuple):
    """What is measured for us and for the peer, and whether that is good enough."""

    name: str
    foretell: Foretell
    ours: float
    peers: float
    ok: bool


CASES = [
    Case("fingerprint", fingerprint, 4, 4, ok=True),
    Case("fingerprint", fingerprint, 4.1, 4, ok=False),
    Case("delivery", delivery, 100, 100, ok=True),
    Case("delivery", delivery, 99, 100, ok=False),
    Case("memory", memory, 300, 300, ok=True),
    Case("memory", memory, 301, 301, ok=False),
    Case("small", small, 0.5, 0.5, ok=True),
    Case("small", small, 0.51, 0.51, ok=False),
    Case("indexer", indexer, 20_000, 100_000, ok=True),
    Case("indexer", indexer, 19_999, 10, ok=False),
    Case("store", indexer, 10_000, 40_000, ok=True),
    Case("store", indexer, 9_999, 40_000, ok=False),
    Case("alike", alike, 1, 1, ok=True),
    Case("alike", alike, 1.1, 1, ok=False),
    Case("siege", siege, 80, 100, ok=True),
    Case("siege", siege, 79, 100, ok=False),
    Case("lossy", lossy, 80, 100, ok=True),
    Case("lossy", lossy, 79, 100, ok=False),
    Case("profile", profile, 3, 100, ok=True),
    Case("profile", profile, 2.9, 100, ok=False),
    Case("scroll", scroll, 25, 25, ok=True),
    Case("scroll", scroll, 25.1, 25.1, ok=False),
    Case("frames", frames, 25, 25, ok=True),
    Case("frames", frames, 25.1, 25, ok=False),
    Case("search", search, 20_000, 20_000, ok=True),
    Case("search", search, 19_999, 20_000, ok=False),
    Case("trade", trade, 60, 60, ok=True),
    Case("trade", trade, 60.1, 60, ok=False),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.ours}")
def test_a_row_says_what_was_measured_and_whether_it_is_enough(
    case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case.foretell(monkeypatch, case.ours, case.peers)
    monkeypatch.setattr(sys, "argv", ["bench", case.name, "--json"])
    code = bench.main()
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in capsys.readouterr().out.splitlines()
    ]
    for line in lines:
        assert list(line) == KEYS
        assert line["target"] is None or type(line["target"]) in (int, float)
    assert len(lines) == LINES.get(case.name, 1)
    first = lines[0]
    assert first["value"] == pytest.approx(case.ours)
    if case.name not in ("memory", "small", "frames", "scroll", "search"):
        assert first["peer_value"] == pytest.approx(case.peers)
        assert first["ratio"] == pytest.approx(case.ours / case.peers, abs=0.01)
    assert (first["ok"], code) == (case.ok, 0 if case.ok else 1)


def test_each_row_of_a_delivery_has_its_own_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"direct": 100.0, "stream": 50.0, "cpu": 6.5, "stream cpu": 9.0, "wire": 1.7}
    for bad, worse in {"stream": 49.0, "cpu": 6.6, "stream cpu": 9.1, "wire": 1.71}.items():
        for named, missed in ((good, 0), ({**good, bad: worse}, 2 if bad == "wire" else 1)):
            delivery(monkeypatch, 100, 100)

            def deliver(
                place: Path, facts: Path, carrier: str, found: dict[str, float] = named
            ) -> dict[str, float]:
                spent = found["cpu" if carrier == "direct" else "stream cpu"]
                costs = {"owner_cpu": spent - 1, "buyer_cpu": 1.0, "wire": found["wire"]}
                return {"receipt": 1.0, "place": found[carrier], **costs}

            monkeypatch.setattr(delivery_rows, "_deliver", deliver)
            assert sum(not row["ok"] for row in delivery_rows.rows()) == missed


def test_everybody_is_measured_once_right_behind_everybody_else() -> None:
    names = [*delivery_rows.CPU, *peers.PEERS]
    turns = delivery_rows.in_turn(names)
    for place in zip(*turns, strict=True):
        assert sorted(place) == sorted(names)
    behind = [pair for turn in turns for pair in pairwise(turn)]
    assert sorted(behind) == sorted(permutations(names, 2))


def test_a_peer_that_is_missing_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_program", lambda program: None)
    with pytest.raises(RuntimeError, match="rsync over ssh is missing"):
        peers.present()


@pytest.mark.parametrize("most", [True, False])
def test_a_cost_has_a_most_and_a_speed_a_least(most: bool) -> None:
    for value, peer in ((1.0, 2.0), (2.0, 1.0)):
        bound = {"most": 1.0} if most else {"least": 1.0}
        assert row("it", value, "s", "the peer, s", peer, **bound)["ok"] == (most == (value < peer))


def test_every_bench_has_a_good_and_a_bad_case() -> None:
    assert {(case.name, case.ok) for case in CASES} == {
        (name, ok) for name in bench.BENCHES for ok in (True, False)
    }


def test_a_row_in_words_says_the_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trade(monkeypatch, 61, 60)
    monkeypatch.setattr(sys, "argv", ["bench", "trade"])
    assert bench.main() == 1
    said = capsys.readouterr().out.split()
    assert said[-3:] == ["target", "60.0", "MISSED"]
