"""Rows of ``python -m bench``: their shape, and on which side of the target each is met.

What they would measure is foretold here instead, so that nothing depends on the machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bench import __main__ as bench
from bench import alike_rows, chain_rows, content_rows, delivery_rows, trade_rows
from chain.anvil import Running

KEYS = ["name", "value", "unit", "against", "peer_value", "ratio", "target", "ok"]
Foretell = Callable[[pytest.MonkeyPatch, float, float], None]


def fingerprint(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    in_turn = cycle((ours, peers))
    patch.setattr(content_rows, "FILE_BYTES", 1 << 20)
    patch.setattr(content_rows, "_speed", lambda action: next(in_turn))


def delivery(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    patch.setattr(delivery_rows, "SIZE", 1 << 20)
    patch.setattr(delivery_rows, "_deliver", lambda *arguments: {"receipt": ours})
    patch.setattr(delivery_rows, "_copy", lambda *arguments: (1 << 20) / 1e6 / peers)


def direct(patch: pytest.MonkeyPatch, ours: float, peers: float) -> None:
    costs = ("owner_cpu", "buyer_cpu", "owner_memory", "buyer_memory")

    def deliver(place: Path, facts: Path, carrier: str) -> dict[str, float]:
        speed = ours if carrier == "direct" else peers
        return {"receipt": speed, "place": speed, **dict.fromkeys(costs, 1.0)}

    patch.setattr(delivery_rows, "SIZE", 1 << 20)
    patch.setattr(delivery_rows, "_deliver", deliver)


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


class Case(NamedTuple):
    """What is measured for us and for the peer, and whether that is good enough."""

    name: str
    foretell: Foretell
    ours: float
    peers: float
    ok: bool


CASES = [
    Case("fingerprint", fingerprint, 500, 1000, ok=True),
    Case("fingerprint", fingerprint, 499, 1000, ok=False),
    Case("delivery", delivery, 60, 1000, ok=True),
    Case("delivery", delivery, 49, 1000, ok=False),
    Case("direct", direct, 100, 100, ok=True),
    Case("direct", direct, 99, 100, ok=False),
    Case("indexer", indexer, 20_000, 100_000, ok=True),
    Case("indexer", indexer, 19_999, 10, ok=False),
    Case("store", indexer, 10_000, 40_000, ok=True),
    Case("store", indexer, 9_999, 40_000, ok=False),
    Case("alike", alike, 1, 1, ok=True),
    Case("alike", alike, 1.1, 1, ok=False),
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
    for row in lines:
        assert list(row) == KEYS
        assert type(row["target"]) in (int, float)
    assert len(lines) == (6 if case.name == "direct" else 1)
    row = lines[0]
    assert (row["value"], row["peer_value"]) == pytest.approx((case.ours, case.peers))
    assert row["ratio"] == pytest.approx(case.ours / case.peers, abs=0.01)
    assert (row["ok"], code) == (case.ok, 0 if case.ok else 1)


@pytest.mark.parametrize("most", [True, False])
def test_a_cost_has_a_most_and_a_speed_a_least(most: bool) -> None:
    for value, peer in ((1.0, 2.0), (2.0, 1.0)):
        row = delivery_rows._row("it", value, "s", "the peer, s", peer, 1.0, most)
        assert row["ok"] == (most == (value < peer))


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
