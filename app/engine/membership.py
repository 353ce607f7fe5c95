"""Which network this profile is a member of: the practice network of this computer, or one whose
network file somebody gave. Orders and registrations belong to one chain, so a profile that has any
stays with its network; another network is another profile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.store import datasets, orders, settings
from app.store.database import Database
from chain.anvil import PracticeUnavailable, node_path
from chain.errors import ChainError
from chain.gateway import Gateway
from chain.network import Network
from chain.practice import Practice

log = logging.getLogger(__name__)

AGAIN_SECONDS = 3


class Membership:
    """``network`` is None until one was joined and, for practice, its node runs."""

    def __init__(
        self, database: Database, practice_folder: Path | None, changed: Callable[[], None]
    ) -> None:
        self._database = database
        self._folder = practice_folder
        self._changed = changed
        self.network: Network | None = None
        self.practice: Practice | None = None
        self.problem = ""
        self.practice_possible = _node_is_here()
        self._chosen = False

    @property
    def chosen(self) -> bool:
        """Whether a network was ever joined, reachable now or not."""
        if not self._chosen:  # once joined, always joined
            with self._database.read() as session:
                self._chosen = settings.get(session, "network", None) is not None
        return self._chosen

    async def resume(self) -> None:
        """Join again what was joined before; a practice network is started until it runs."""
        with self._database.read() as session:
            chosen = settings.get(session, "network", None)
        if chosen is None:
            return
        if chosen["kind"] == "file":
            self.network = Network.from_json(chosen["network"])
            self._changed()
            return
        while self.network is None:
            try:
                await self._start_practice()
            except ChainError as error:
                log.warning("the practice network does not start: %s", error)
                self.problem = str(error)
                self._changed()
                await trio.sleep(AGAIN_SECONDS)

    async def join(self, command: cmd.JoinPractice | cmd.JoinNetwork) -> None:
        """Raises RuleError (the file, or the profile is bound elsewhere) and ChainError."""
        if isinstance(command, cmd.JoinPractice):
            self._free_for("practice")
            await self._start_practice()
            self._keep({"kind": "practice"})
            return
        try:
            network = Network.load(command.path)
        except OSError as error:
            raise RuleError(
                "network.file", f"The network file cannot be read: {error.strerror}."
            ) from error
        except ValueError as error:
            raise RuleError("network.file", f"{error}.") from error
        self._free_for(network.exchange)
        await trio.to_thread.run_sync(Gateway(network).check)
        self.network = network
        self._keep({"kind": "file", "network": network.to_json()})

    def leave(self) -> None:
        """The app ends: the practice node stops with its last user. Called in a worker thread."""
        if self.practice is not None:
            self.practice.leave()

    async def _start_practice(self) -> None:
        practice = Practice(self._folder)
        self.network = await trio.to_thread.run_sync(practice.join)
        self.practice = practice
        self.problem = ""
        self._changed()

    def _free_for(self, place: str) -> None:
        with self._database.read() as session:
            chosen = settings.get(session, "network", None)
            used = bool(orders.list_orders(session) or datasets.list_own(session))
        if chosen is None or not used:
            return
        same = place == (
            "practice" if chosen["kind"] == "practice" else chosen["network"]["exchange"]
        )
        if not same:
            raise RuleError(
                "network.bound",
                "This profile has datasets or orders on another network. Open another profile "
                "for this network: lading --profile FOLDER.",
            )

    def _keep(self, chosen: dict[str, object]) -> None:
        with self._database.begin() as session:
            settings.put(session, "network", chosen)
        self._changed()


def _node_is_here() -> bool:
    """Whether this computer has the practice network's node at all."""
    try:
        node_path()
    except PracticeUnavailable:
        return False
    return True
