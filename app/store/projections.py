"""What the record says now: rows folded from chain events, one event after the other.

A row is a dict by column. The same functions run when events arrive and when a reorganisation
makes a row be folded anew, so both give the same.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.orm import Session

from app.store import bulk, search, starts
from app.store.tables import Base
from chain import exchange_events as exchange
from chain import registry_events as registry
from chain.indexer import ChainEvent

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """One table: its key column, how an event names the key and changes the row, and what is kept
    beside the table: told the rows as they were and as they are, once they are written. A row that
    is folded anew keeps its ``number`` where the table has such a column."""

    table: Table
    key_column: str
    key: Callable[[Any], Any]
    fold: Callable[[Row | None, ChainEvent], Row | None]
    beside: Callable[[Session, list[Row], list[Row]], None] = lambda session, before, after: None
    numbered: bool = False

    def among(self, session: Session, keys: Collection[Any]) -> ColumnElement[bool]:
        """The rows with these keys."""
        column = self.table.c[self.key_column]
        return starts.among(session, column, keys) if self.numbered else column.in_(keys)

    def present(self, session: Session, keys: Collection[Any]) -> list[Any]:
        """Which of these keys there are; some more of those that only start alike."""
        if self.numbered:
            return starts.present(session, keys)
        return bulk.present(session, self.table, self.key_column, keys)


def _fold_dataset(row: Row | None, event: ChainEvent) -> Row | None:
    body: Any = event.body
    match body:
        case registry.Registered() if row is None:  # the contract takes each dataset once
            return {
                "dataset_id": body.dataset,
                "registrant": body.registrant,
                "title_holder": body.registrant,
                "committed_at": body.committed_at,
                "registered_at": event.block_time,
                "content_id": body.content_id,
                "root": body.root,
                "records": body.records,
                "length": body.length,
                "salt_nonce": body.salt_nonce,
                "parent": body.parent,
                "withdrawn": False,
                "block": event.block_number,
                "log_index": event.log_index,
                "tx_hash": event.tx_hash,
                "block_hash": event.block_hash,
                "listing": body.listing,
                "first_listing": None,
            }
        case registry.ListingUpdated() if row is not None:
            first = row["listing"] if row["first_listing"] is None else row["first_listing"]
            return row | {"listing": body.listing, "first_listing": first, "withdrawn": False}
        case registry.Withdrawn() if row is not None:
            return row | {"withdrawn": True}
        case registry.TitleTransferred() if row is not None:
            return row | {"title_holder": body.receiver}
    return row


def _changed_datasets(session: Session, before: list[Row], after: list[Row]) -> None:
    starts.changed(session, before, after)
    search.changed(session, before, after)


def _fold_profile(row: Row | None, event: ChainEvent) -> Row | None:
    body: Any = event.body
    profile = body.profile
    return {
        "address": body.account,
        "name": "".join(letter for letter in profile.name if letter.isprintable()),
        "peer_id": profile.peer_id,
        "seal_key": profile.seal_key,
        "addresses": json.dumps(profile.addresses),
        "block": event.block_number,
    }


def _fold_want(row: Row | None, event: ChainEvent) -> Row | None:
    body: Any = event.body
    if isinstance(body, registry.Wanted):
        return {
            "want_id": body.want,
            "account": body.account,
            "expires": body.expires,
            "content": body.content,
            "at": event.block_time,
            "block": event.block_number,
        }
    # Anybody may log it for any want: it counts for whose it is.
    return None if row is None or row["account"] == body.account else row


def _fold_order(row: Row | None, event: ChainEvent) -> Row | None:
    body: Any = event.body
    now: Row = {"changed_at": event.block_time, "block": event.block_number}
    match body:
        case exchange.Funded():
            offer = body.offer
            return now | {
                "order_id": body.order_id,
                "dataset": offer.dataset,
                "owner": offer.owner,
                "buyer": offer.buyer,
                "token": offer.token,
                "price": offer.price,
                "state": "funded",
                "deadline": body.deadline,
                "delivery_root": b"",
                "secret": b"",
                "scores": b"",
                "review": b"",
                "funded_at": event.block_time,
            }
        case _ if row is None:
            return None
        case exchange.Revealed():
            now |= {
                "state": "revealed",
                "delivery_root": body.delivery_root,
                "secret": body.secret,
                "deadline": body.deadline,
            }
        case exchange.Confirmed():
            now |= {
                "state": "paid_rated",
                "delivery_root": body.delivery_root,
                "scores": body.scores,
                "review": body.review,
            }
        case exchange.Rated():
            now |= {"state": "paid_rated", "scores": body.scores, "review": body.review}
        case exchange.Accepted():
            now |= {"state": "paid"}
        case exchange.Refunded() | exchange.Complained():
            now |= {"state": "refunded"}
        case _:
            return row
    return row | now


_TABLES = Base.metadata.tables
_DATASETS = Projection(
    _TABLES["registrations"],
    "dataset_id",
    lambda body: body.dataset,
    _fold_dataset,
    _changed_datasets,
    numbered=True,
)
_WANTS = Projection(_TABLES["wants"], "want_id", lambda body: body.want, _fold_want)
_PROFILES = Projection(_TABLES["profiles"], "address", lambda body: body.account, _fold_profile)
_ORDERS = Projection(
    _TABLES["chain_orders"],
    "order_id",
    lambda body: body.order_id,
    _fold_order,
    search.rated,
)

PROJECTIONS: dict[type, Projection] = {
    registry.Registered: _DATASETS,
    registry.ListingUpdated: _DATASETS,
    registry.Withdrawn: _DATASETS,
    registry.TitleTransferred: _DATASETS,
    registry.ProfileSet: _PROFILES,
    registry.Wanted: _WANTS,
    registry.Unwanted: _WANTS,
    exchange.Funded: _ORDERS,
    exchange.Confirmed: _ORDERS,
    exchange.Revealed: _ORDERS,
    exchange.Accepted: _ORDERS,
    exchange.Complained: _ORDERS,
    exchange.Refunded: _ORDERS,
    exchange.Rated: _ORDERS,
}
"""The table an event changes, by its class; the others are only in the log."""
