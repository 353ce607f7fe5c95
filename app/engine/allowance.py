"""Tokens without EIP-2612: what the contract may take is on record before it takes it."""

from __future__ import annotations

from app.engine.entries import Entries
from app.engine.ledger import Ledger
from app.store import settings
from app.store.database import Database
from chain.address import ZERO_ADDRESS


def want_allowance(
    database: Database,
    ledger: Ledger,
    entries: Entries,
    key: str,
    token: str,
    amount_units: int,
    thread: str = "",
) -> None:
    """Want the entry ``key`` that lets the contract take this much of a token, to be called before
    the entry that makes it do so is wanted. Where permits do that, or for coins, nothing."""
    known = ledger.network.token(token)
    if known is None or known.permit or token == ZERO_ADDRESS:
        return
    with database.begin() as session:
        settings.put(session, f"entry:{key}", {"token": token, "amount": str(amount_units)})
    entries.want(key, "approve", thread=thread, made_at=ledger.now)
