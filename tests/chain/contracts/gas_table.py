"""`python -m tests.chain.contracts.gas_table`: measure every call now and print what it costs.

Beside it an honest trade in the two protocols that Lading descends from. Their figures are quoted,
not measured here: they hold for other contracts, compilers and prices of instructions, so they say
how large the difference is, not how many per cent.
"""

import boa

from tests.chain.contracts.gas_bench import Bench, measure
from tests.chain.contracts.node import running_node
from tests.chain.contracts.test_contract_gas import PROMISED

OURS = "measured now, anvil, whole transactions"
QUOTED = "quoted from this project's goals; not measured by us"


def honest_trades(measured: dict[str, int]) -> list[tuple[str, int, str]]:
    """(what, gas, measured by whom) of a trade in which both do what they should."""
    native = measured["fund natively"] + measured["confirm with rating, natively"]
    bonded = measured["fund natively, with bond"] + measured["confirm with rating, natively"]
    token = measured["fund in a token, allowance and bond"] + measured["confirm with rating, token"]
    silent = (
        measured["fund in a token, allowance and bond"]
        + measured["reveal"]
        + measured["accept, token, with bond"]
    )
    return [
        ("Lading, natively", native, OURS),
        ("Lading, natively, with bond", bonded, OURS),
        ("Lading, token, with bond", token, OURS),
        ("Lading, token, with bond; the buyer is silent", silent, OURS),
        ("FairSwap (CCS 2018)", 417_000, QUOTED),
        ("OptiSwap (AsiaCCS 2020)", 668_000, QUOTED),
    ]


def lines(measured: dict[str, int]) -> list[str]:
    """The tables as Markdown."""
    table = ["| call | gas | promised |", "|---|---|---|"]
    for name, gas in measured.items():
        limit = f"{PROMISED[name]:,}" if name in PROMISED else ""
        table.append(f"| {name} | {gas:,} | {limit} |")
    table += ["", "| an honest trade | gas | by whom |", "|---|---|---|"]
    return table + [f"| {what} | {gas:,} | {who} |" for what, gas, who in honest_trades(measured)]


def main() -> None:
    with running_node(boa.env.evm.patch.chain_id) as node:
        print("\n".join(lines(measure(Bench(node)))))


if __name__ == "__main__":
    main()
