"""Which deliveries are paused: by this side, one by one or all together or because it runs on its
battery; and by the other side.

Kept in the database, since a pause outlives the app. Only data waits: receipts, keys, record
entries and complaints never ask here.
"""

from __future__ import annotations

from typing import Literal

from app.store import settings
from app.store.database import Database

Mine = Literal["", "one", "all", "battery"]
"""How this side paused a delivery: not, alone, with all others, or as long as it is unplugged."""


class Pauses:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, bool] = {}
        self.unplugged = False

    def mine(self, thread: str) -> Mine:
        if self.all:
            return "all"
        if self._get(f"paused:{thread}"):
            return "one"
        return "battery" if self.unplugged else ""

    @property
    def all(self) -> bool:
        return self._get("paused_all")

    def by_other(self, thread: str) -> bool:
        """Whether the buyer of an order said so, and has not fetched since."""
        return self._get(f"paused_by_other:{thread}")

    def pause(self, thread: str, yes: bool) -> None:
        self._put(f"paused:{thread}", yes)

    def pause_all(self, yes: bool) -> None:
        """Those that were paused alone stay so when all go on."""
        self._put("paused_all", yes)

    def heard(self, thread: str, yes: bool) -> None:
        self._put(f"paused_by_other:{thread}", yes)

    def _get(self, key: str) -> bool:
        if key not in self._known:
            with self._database.read() as session:
                self._known[key] = bool(settings.get(session, key, False))
        return self._known[key]

    def _put(self, key: str, yes: bool) -> None:
        if self._get(key) != yes:
            with self._database.begin() as session:
                settings.put(session, key, yes)
            self._known[key] = yes
