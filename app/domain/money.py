"""Rules about amounts that both sides' apps follow."""

from __future__ import annotations

BOND_DIVISOR = 10
COMPLAINT_GAS = 650_000
"""What a complaint about one record takes at most, among up to 2^20 records."""
COMPLAINTS_IN_BOND = 3


def least_bond_units(price_units: int, native_fee_wei: int = 0) -> int:
    """The bond an offer carries unless the owner chooses another; both are warned about less.

    A tenth of the price, rounded up; and in the chain's own coin, whose present fee for a unit of
    gas is ``native_fee_wei`` then, not less than three complaints cost. What another currency is
    worth in fees is not known here: `bond_for_complaints_wei` is said beside it.
    """
    tenth = -(-price_units // BOND_DIVISOR)
    return max(tenth, bond_for_complaints_wei(native_fee_wei))


def bond_for_complaints_wei(fee_wei: int) -> int:
    """Three complaints at this fee for a unit of gas."""
    return COMPLAINTS_IN_BOND * COMPLAINT_GAS * fee_wei
