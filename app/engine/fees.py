"""Whether an account has the coins that an entry takes; if not, what is missing and what to do."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from app.domain.errors import RuleError
from chain.gateway import Gateway

_PLACES = Decimal("0.000001")


def check_fee(gateway: Gateway, address: str, gas: int, besides_wei: int = 0) -> None:
    """RuleError unless ``address`` has the fee for this much gas and ``besides_wei``. Asks the
    chain: to be called in a worker thread."""
    fee_wei, coins_wei = gateway.fee_wei(gas), gateway.native_balance(address)
    if coins_wei >= fee_wei + besides_wei:
        return
    coin = gateway.network.fee_symbol
    fee, have = _figure(fee_wei, ROUND_UP), _figure(coins_wei, ROUND_DOWN)
    raise RuleError(
        "fund.fee",
        f"There is not enough {coin} for the recording fee: it can take up to {fee} {coin}, and "
        f"your account has {have} {coin}. Have some sent to your address: it is in Money.",
        coin=coin,
        fee=fee,
        have=have,
    )


def _figure(wei: int, rounding: str) -> str:
    figure = Decimal(wei).scaleb(-18).quantize(_PLACES, rounding)
    return f"{figure:f}".rstrip("0").rstrip(".")
