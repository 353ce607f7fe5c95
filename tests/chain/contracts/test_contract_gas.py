"""What every call costs on a real node, as whole transactions, beside the limits we promise.

`gas.json` is the table. After a change that is meant: LADING_WRITE_GAS=1 pytest <this file>.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import boa
import pytest

from tests.chain.contracts.gas_bench import Bench, measure
from tests.chain.contracts.node import running_node

TABLE = Path(__file__).with_name("gas.json")
PROMISED = {
    "commit and register, without listing": 100_000,
    "register in a batch of 16, each with its part of the commit": 50_000,
    "fund in a token, allowance and bond": 95_000,
    "fund natively": 72_000,
    "confirm with rating, token": 66_000,
    "confirm with rating, carried": 66_000,
    "confirm with rating, natively": 66_000,
    "reveal": 45_000,
    "reveal as acknowledged": 45_000,
    "accept, natively": 48_000,
    "accept, natively, with bond": 48_000,
    "complain, 2^20 records": 650_000,
}
# A bond adds about 5,000 to the funding and to the ending; a token's transfer takes two cold slots
# of its own (10,000), and 17,000 more where the owner's balance was zero.
KNOWN = {
    "commit": 47_000,
    "register with a listing of 1 KiB": 80_000,
    "fund in a token, permit and bond": 128_000,
    "fund in a token, authorization and bond": 124_000,
    "fund natively, with bond": 77_000,
    "acknowledge": 40_000,
    "accept, token": 52_000,
    "accept, token, with bond": 58_000,
    "accept, the owner's first of this token": 68_000,
    "refund, token": 58_000,
    "rate": 38_000,
    "deposit": 85_000,
    "withdraw": 47_000,
}
LIMITS = PROMISED | KNOWN


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, int]]:
    with running_node(boa.env.evm.patch.chain_id) as node:
        yield measure(Bench(node))


def test_no_call_costs_more_than_promised(measured: dict[str, int]) -> None:
    assert LIMITS.keys() == measured.keys()
    above = {name: gas for name, gas in measured.items() if gas > LIMITS[name]}
    assert above == {}


def test_nothing_grew_by_two_in_a_hundred(measured: dict[str, int]) -> None:
    """Nor shrank, or the table would be none. A signature with a zero byte costs a little less."""
    if os.environ.get("LADING_WRITE_GAS"):
        TABLE.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    kept = json.loads(TABLE.read_text(encoding="utf-8"))
    assert kept.keys() == measured.keys()
    moved = {
        name: (kept[name], gas)
        for name, gas in measured.items()
        if abs(gas - kept[name]) * 100 > 2 * kept[name]
    }
    assert moved == {}
