"""Plain words between two people: kept first, then sent whenever the other side is there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.engine.ledger import Ledger
from app.store import index, orders, texts
from app.store.database import Database

LONGEST_BYTES = 4096


class Texting:
    """``changed`` is called when there is something to send."""

    def __init__(self, database: Database, ledger: Ledger, changed: Callable[[], None]) -> None:
        self._database = database
        self._ledger = ledger
        self._changed = changed

    def send(self, command: cmd.SendText) -> None:
        """To the other side of an order, or of a question about a dataset."""
        with self._database.read() as session:
            order = orders.load(session, command.order)
            lines = texts.for_thread(session, command.order)
        if order is None and not lines:
            raise RuleError("text.thread", "There is no such conversation.")
        other = order.other if order is not None else lines[0].other
        self._keep(command.order, lines[0].dataset if lines else "", other, command.text)

    def ask(self, command: cmd.AskOwner) -> str:
        """A first question to a dataset's owner; the thread it opens."""
        with self._database.read() as session:
            row = index.registration(session, bytes.fromhex(command.dataset))
        if row is None:
            raise RuleError("request.withdrawn", "This dataset is not for sale any more.")
        return self.open(command.dataset, row.title_holder, command.text)

    def open(self, dataset: str, other: str, text: str) -> str:
        """A first line to somebody about a dataset; the thread it opens."""
        thread = secrets.token_hex(16)
        self._keep(thread, dataset, other, text)
        return thread

    def _keep(self, thread: str, dataset: str, other: str, text: str) -> None:
        words = text.strip()
        if not words:
            raise RuleError("text.empty", "There is nothing to send yet.")
        if len(words.encode()) > LONGEST_BYTES:
            raise RuleError("note.long", "This text is too long: 4,096 bytes fit.")
        with self._database.begin() as session:
            texts.add(
                session,
                id=secrets.token_hex(16),
                thread=thread,
                dataset=dataset,
                other=other,
                mine=True,
                at=int(time.time()),
                text=words,
            )
        self._changed()
