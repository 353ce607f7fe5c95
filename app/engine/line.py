"""Keeps the limits of all deliveries as the person set them and as the time of day is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import trio
from sqlalchemy.orm import Session

from app.domain.bandwidth import Bandwidth, checked, limits
from app.store import settings
from app.store.database import Database
from p2p.throttle import Throttle

LOOK_SECONDS = 10


def minute_of_day() -> int:
    """By this computer's clock, and the time zone it is in now."""
    if sys.platform != "win32":
        time.tzset()  # a laptop may have been taken to another one since this process began
    now = time.localtime()
    return now.tm_hour * 60 + now.tm_min


def kept(session: Session) -> Bandwidth:
    return Bandwidth(**settings.get(session, "bandwidth", {}))


def keep(session: Session, bandwidth: Bandwidth) -> None:
    """RuleError if it cannot be worked with."""
    settings.put(session, "bandwidth", asdict(checked(bandwidth)))


class Line:
    """What goes out and what comes in, each with one limit for all deliveries."""

    def __init__(self, database: Database, minute: Callable[[], int] = minute_of_day) -> None:
        self._database = database
        self._minute = minute
        self.uploads, self.downloads = Throttle(), Throttle()

    def look(self) -> None:
        """Apply what is set for now."""
        with self._database.read() as session:
            both = limits(kept(session), self._minute())
        for throttle, limit in zip((self.uploads, self.downloads), both, strict=True):
            if throttle.limit != limit:
                throttle.set_limit(limit)

    async def run(self) -> None:
        """Until cancelled: follow the clock, whatever happens to it."""
        while True:
            self.look()
            await trio.sleep(LOOK_SECONDS)
