"""New versions of what was bought: who has an order for a dataset is told once of each that its
owner has registered since. Anybody may name any dataset as the one before; only whoever registered
that, or holds its title, is believed, and of whoever is blocked nothing is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from app.domain.order import Order
from app.domain.snapshots.shell import Notice
from app.domain.subscriptions import Stage
from app.engine.journal import Journal
from app.store import index, private, settings, subscriptions
from app.store.database import Database
from app.store.index import RegisteredDataset
from chain.indexer import Advance

MOST_STEPS = 1000
_SAID = "versions.said"


def following(session: Session, row: RegisteredDataset) -> list[RegisteredDataset]:
    """The new versions of a dataset by its own owner, oldest first."""
    by = (row.registrant, row.title_holder)
    return index.newer_versions(session, row.dataset_id, by)


def after(session: Session, row: RegisteredDataset) -> Iterator[RegisteredDataset]:
    """Every new version of a dataset, and of those, by its own owner; each before its own."""
    seen, waiting = {row.dataset_id}, [row]
    while waiting and len(seen) < MOST_STEPS:
        for newer in following(session, waiting.pop(0)):
            if newer.dataset_id not in seen:
                seen.add(newer.dataset_id)
                waiting.append(newer)
                yield newer


def newest(session: Session, row: RegisteredDataset) -> RegisteredDataset | None:
    """The last version on offer after this one, None if it is the last itself."""
    last, seen = None, {row.dataset_id}
    for _ in range(MOST_STEPS):
        after = [one for one in following(session, row) if one.dataset_id not in seen]
        if not after:
            break
        row = after[-1]
        seen.add(row.dataset_id)
        last = last if row.withdrawn else row
    return last


def follows(session: Session, row: RegisteredDataset) -> tuple[bytes, ...]:
    """The datasets a registration is a new version of, the nearest first: each parent counts while
    whoever registered it, or holds its title, registered what comes after."""
    found: list[bytes] = []
    child = row
    while len(found) < MOST_STEPS:
        parent = index.registration(session, child.parent)
        if parent is None or child.registrant not in (parent.registrant, parent.title_holder):
            break
        if parent.dataset_id in (row.dataset_id, *found):
            break
        found.append(parent.dataset_id)
        child = parent
    return tuple(found)


class Versions:
    """``told`` takes the notices."""

    def __init__(
        self, database: Database, journal: Journal, told: Callable[[Notice], None]
    ) -> None:
        self._database = database
        self._journal = journal
        self._told = told

    def advanced(self, advance: Advance) -> None:
        """Events came: look for what the buyers of this profile have not been told."""
        if not advance.events:
            return
        bought = [order for order in self._journal.all() if order.role == "buyer"]
        with self._database.read() as session:
            said = set(settings.get(session, _SAID, []))
            news = [one for order in bought for one in _news(session, order, said)]
            subscribed = {
                one.value.dataset
                for one in subscriptions.every(session)
                if one.role == "buyer" and one.stage == Stage.AGREED
            }
            heard = {row.dataset_id for row, _ in news if subscribed & set(follows(session, row))}
        if not news:
            return
        with self._database.begin() as session:
            settings.put(session, _SAID, sorted(said | {row.dataset_id.hex() for row, _ in news}))
        for row, order in news:
            if row.dataset_id in heard:
                continue  # its subscription tells of it
            values = {"title": row.title}
            self._told(Notice("news", "version.new", "", values, order.thread))


def _news(session: Session, order: Order, said: set[str]) -> list[tuple[RegisteredDataset, Order]]:
    row = index.registration(session, order.dataset)
    if row is None:
        return []
    return [
        (newer, order)
        for newer in after(session, row)
        if newer.registered_at >= order.made_at
        and newer.dataset_id.hex() not in said
        and not newer.withdrawn
        and not private.is_blocked(session, newer.title_holder)
    ]
