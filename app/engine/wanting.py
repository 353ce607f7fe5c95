"""What buyers look for: posted, taken back, compared with my own data here, answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy.orm import Session

from app.domain import wants as rules
from app.domain.errors import RuleError
from app.domain.snapshots.shell import Notice
from app.domain.want_commands import AnswerWant, PostWant, TakeBackWant
from app.domain.wants import Reason
from app.engine.entries import Entries
from app.engine.ledger import Ledger
from app.engine.texting import Texting
from app.store import datasets, index, private, search, settings, wants
from app.store.database import Database
from app.store.index import RegisteredDataset
from app.store.wants import RecordedWant
from chain.indexer import Advance
from chain.listing import encode_listing
from chain.registry_events import MAX_WANT_BYTES

DAY_SECONDS = 86_400
MOST_MATCHES = 5
_SAID = "wants.said"


def answered(want: str, dataset: str) -> str:
    """The setting that keeps in which thread a want was answered with a dataset."""
    return f"want.answered:{want}:{dataset}"


Offered = tuple[RegisteredDataset, int | None]
"""A dataset of mine on offer, and its rating in tenths."""


def on_offer(session: Session, me: str) -> list[Offered]:
    """My datasets that can be bought."""
    rows = [
        index.registration(session, own.dataset_id)
        for own in datasets.list_own(session)
        if own.dataset_id
    ]
    return [
        (row, search.rating(session, row.dataset_id))
        for row in rows
        if row is not None and not row.withdrawn and row.title_holder == me
    ]


def matches(
    want: RecordedWant, mine: list[Offered]
) -> list[tuple[RegisteredDataset, tuple[Reason, ...]]]:
    """Those of mine that may be what is wanted, those with most reasons first."""
    found = [
        (row, reasons)
        for row, rating in mine
        if row.title_holder != want.account and (reasons := _fits(want.said, row.listing, rating))
    ]
    return sorted(found, key=lambda one: (-len(one[1]), one[0].number))[:MOST_MATCHES]


@lru_cache(maxsize=20_000)  # a thousand wants, twenty datasets
def _fits(want: rules.Want, listing: bytes, rating: int | None) -> tuple[Reason, ...]:
    return rules.fits(want, search.said(listing), rating)


class Wanting:
    """``told`` takes notices."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        entries: Entries,
        me: str,
        texting: Texting,
        told: Callable[[Notice], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._entries = entries
        self._me = me
        self._texting = texting
        self._told = told

    def post(self, command: PostWant) -> None:
        rules.check(command.want)
        if not rules.LEAST_DAYS <= command.days <= rules.MOST_DAYS:
            raise RuleError("want.days", "A want stands from one day to a year.")
        try:
            content = encode_listing(rules.document(command.want))
        except ValueError:
            content = bytes(MAX_WANT_BYTES + 1)
        if len(content) > MAX_WANT_BYTES:
            raise RuleError("want.long", "This is too long for the record: shorten the text.")
        expires = self._ledger.now + command.days * DAY_SECONDS
        self._want("want", {"content": content.hex(), "expires": expires}, command.want.title)

    def take_back(self, command: TakeBackWant) -> None:
        with self._database.read() as session:
            row = wants.load(session, bytes.fromhex(command.want))
        if row is None or row.account != self._me:
            raise RuleError("want.gone", "This is not on record any more.")
        self._want("unwant", {"want": command.want}, row.said.title, f"unwant:{command.want}")

    def answer(self, command: AnswerWant) -> str:
        """Opens the conversation; its thread."""
        with self._database.read() as session:
            want = wants.load(session, bytes.fromhex(command.want))
            row = index.registration(session, bytes.fromhex(command.dataset))
        if want is None or want.expires_at <= self._ledger.now:
            raise RuleError("want.gone", "This is not on record any more.")
        if row is None or row.withdrawn or row.title_holder != self._me:
            raise RuleError("want.not_mine", "Answer with a dataset of yours that is on offer.")
        thread = self._texting.open(command.dataset, want.account, command.text)
        with self._database.begin() as session:
            settings.put(session, answered(command.want, command.dataset), thread)
        return thread

    def advanced(self, advance: Advance) -> None:
        """Events came: tell of wants that my data may fit, each once."""
        if not advance.events or not advance.done:
            return
        with self._database.read() as session:
            said = set(settings.get(session, _SAID, []))
            every = wants.standing(session, self._ledger.now)
            new = [one for one in every if one.want_id.hex() not in said]
            mine = on_offer(session, self._me) if new else []
            news = [
                (one, found[0][0])
                for one in new
                if not private.is_blocked(session, one.account) and (found := matches(one, mine))
            ]
        if news:
            standing = {one.want_id.hex() for one in every}
            kept = (said & standing) | {one.want_id.hex() for one, _ in news}
            with self._database.begin() as session:
                settings.put(session, _SAID, sorted(kept))
        for want, row in news:
            values = {"title": want.said.title, "dataset": row.title}
            self._told(Notice("news", "want.match", "", values, want.want_id.hex()))

    def _want(self, what: str, values: dict[str, object], title: str, key: str = "") -> None:
        key = key or f"{what}:{secrets.token_hex(8)}"
        with self._database.begin() as session:
            settings.put(session, f"entry:{key}", values)
        self._entries.want(key, what, title=title, made_at=self._ledger.now)
