"""Nothing is delivered on battery, where the person wants it so."""

from __future__ import annotations

from collections.abc import Callable

import trio

from app.engine.power import OnBattery
from app.store import settings
from app.store.database import Database

LOOK_SECONDS = 10


class Plug:
    """``unplugged`` is called with whether deliveries have to wait, each time that changes."""

    def __init__(
        self, database: Database, on_battery: OnBattery, unplugged: Callable[[bool], None]
    ) -> None:
        self._database = database
        self._on_battery = on_battery
        self._unplugged = unplugged
        self._waits = False
        self._look = trio.Event()
        self.has_battery = False

    def look(self) -> None:
        """What is wanted may have changed."""
        self._look.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._look = trio.Event()
            on_battery = await trio.to_thread.run_sync(self._on_battery)
            with self._database.read() as session:
                wanted = bool(settings.get(session, "pause_on_battery", False))
            waits = wanted and on_battery is True
            has_battery = on_battery is not None
            if (waits, has_battery) != (self._waits, self.has_battery):
                self._waits, self.has_battery = waits, has_battery
                self._unplugged(waits)
            with trio.move_on_after(LOOK_SECONDS):
                await self._look.wait()
