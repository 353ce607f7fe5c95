"""Events and proposals to build orders from."""

from __future__ import annotations

from typing import Any

from app.domain import events as ev
from app.domain.terms import TermsChoice, document

OWNER = "0x" + "11" * 20
BUYER = "0x" + "22" * 20
TOKEN = "0x" + "33" * 20
DATASET = bytes(range(32))
THREAD = "ab" * 16
START = 1_800_000_000
REVEAL_SECONDS = 7200
WINDOW_SECONDS = 86_400


def proposal(price_units: int = 1000, **changes: Any) -> ev.Proposal:
    values: dict[str, Any] = {
        "token": TOKEN,
        "price_units": price_units,
        "bond_units": 100,
        "window_seconds": WINDOW_SECONDS,
        "reveal_within_seconds": REVEAL_SECONDS,
        "expires_at": START + 10_000,
        "terms": document(TermsChoice(), DATASET.hex()),
        "note": "",
    }
    return ev.Proposal(**values | changes)


def request(at: int = START, buyer_nonce: int | None = 0) -> ev.RequestMade:
    return ev.RequestMade(
        at=at,
        owner=OWNER,
        buyer=BUYER,
        dataset=DATASET,
        records=600,
        proposal=proposal(),
        mask_commit=b"m" * 32,
        sealed_mask=b"s" * 80,
        buyer_nonce=buyer_nonce,
    )


def offer(at: int = START, price_units: int = 1000, expires_at: int = START + 10_000) -> Any:
    return ev.OfferSigned(
        at=at,
        offer={"price": str(price_units)},
        signature=b"o" * 65,
        order_id=b"i" * 32,
        proposal=proposal(price_units, expires_at=expires_at),
    )


def funded(at: int = START + 100, block: int = 10) -> ev.Funded:
    return ev.Funded(at, block, at + REVEAL_SECONDS)
