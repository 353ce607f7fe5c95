"""Rules about amounts that both sides' apps follow."""

from __future__ import annotations

BOND_DIVISOR = 10


def least_bond_units(price_units: int) -> int:
    """The bond an offer carries unless the owner chooses another: a tenth of the price, rounded
    up. The buyer is warned about less."""
    return -(-price_units // BOND_DIVISOR)
