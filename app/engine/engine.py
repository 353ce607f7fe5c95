"""The engine: commands in, snapshots and notices out, everything else inside.

Runs in a trio thread of its own; `ask` may be called from any thread and never waits. One profile
has one identity and one network. Locking stops human decisions only: what was agreed goes on, its
keys stay in memory until the app ends.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import trio
from sqlalchemy.orm import Session

from app.domain import commands as cmd
from app.domain.bandwidth import Bandwidth
from app.domain.errors import RuleError
from app.domain.snapshots.datasets import BrowseSnapshot
from app.domain.snapshots.shell import Notice
from app.engine import comparing, line, turns
from app.engine.delivery_parcels import SavedParcel
from app.engine.door import Door
from app.engine.elsewhere import OtherNetworks
from app.engine.finding import Finding
from app.engine.held import HeldCommands
from app.engine.kept_parcels import LeftParcel
from app.engine.ledger import Ledger
from app.engine.locating import Recognised
from app.engine.membership import Membership
from app.engine.notices import notice_of
from app.engine.profile import Profile
from app.engine.projections.desk import Desk
from app.engine.projections.frame import Frame
from app.engine.trading import Handler, Trading
from app.store import settings
from app.store.database import Database
from chain import vault
from chain.network import Network

if TYPE_CHECKING:
    from trio_typing import TaskStatus

log = logging.getLogger(__name__)

Told = Callable[[object], None]
"""Takes snapshots and notices, in the engine's thread; must not wait."""

TELL_SECONDS = 0.05
PROGRESS_SECONDS = 0.2
QUEUE = 10_000
REBUILD_SECONDS = 5

SAID_WHEN_DONE = (
    cmd.ChangePassword,
    cmd.ExportIdentity,
    cmd.SendMoney,
    cmd.AddBond,
    cmd.TakeOut,
    cmd.JoinNetwork,
    cmd.SaveProof,
    cmd.SaveAgreement,
    cmd.SaveChallenge,
    cmd.LetWatch,
)
"""Commands whose page waits for the answer and has nothing else to see it by."""

WHILE_LOCKED = (
    cmd.Unlock,
    cmd.Reconnect,
    cmd.Search,
    cmd.ShowResults,
    cmd.OpenDataset,
    cmd.OpenOrder,
    cmd.LookAt,
)


class Engine:
    """One profile, open. Made in any thread; `run` runs in the trio thread."""

    def __init__(
        self,
        folder: Path,
        told: Told,
        *,
        practice_folder: Path | None = None,
        vault_cost: vault.Argon2 | None = None,
    ) -> None:
        """RuleError if the folder cannot be used or is in use, StoreError for its database."""
        self.profile = Profile.at(folder)
        self._lock = self.profile.lock()
        try:
            self._database = Database.open(self.profile.database)
        except BaseException:
            self._lock.release()
            raise
        self._told = told
        self._dirty = trio.Event()  # something is to be told
        self._changes = trio.Event()  # and more than how far transfers are
        self._changes.set()
        self._token: trio.lowlevel.TrioToken | None = None
        self._door = Door(self.profile, self._database, self._changed, vault_cost)
        self._membership = Membership(self._database, practice_folder, self._changed)
        self._others = OtherNetworks(self._database, self._membership, self._changed)
        self._trading: Trading | None = None
        self._ledger: Ledger | None = None
        self._finding = Finding(self._database, self._changed, self._frame, self._failed)
        self._desk = Desk(self.profile, self._database, self._door, self._others, self._finding)
        self._again = trio.Event()
        self._send: trio.MemorySendChannel[object] | None = None
        self._early: list[object] = []
        self._held = HeldCommands()

    # from any thread

    def ask(self, command: object) -> None:
        """Take a command; what comes of it is told."""
        if self._token is None:
            self._early.append(command)
            return
        try:
            self._token.run_sync_soon(self._take, command)
        except trio.RunFinishedError:
            log.info("a command came after the end: %s", type(command).__name__)

    def stop(self) -> None:
        """End `run`; returns at once."""
        if self._token is not None:
            try:
                self._token.run_sync_soon(self._scope.cancel)
            except trio.RunFinishedError:
                return

    # in the trio thread

    async def run(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until `stop` or cancellation; everything is closed then, the practice node left."""
        self._token = trio.lowlevel.current_trio_token()
        self._scope = trio.CancelScope()
        self._send, receive = trio.open_memory_channel[object](QUEUE)
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    answer = partial(self._answer, nursery)
                    nursery.start_soon(self._answer_all, receive, nursery)
                    nursery.start_soon(self._held.run, answer, self._refused)
                    nursery.start_soon(self._tell_all)
                    nursery.start_soon(self._finding.run)
                    nursery.start_soon(self._trade)
                    nursery.start_soon(self._others.run)
                    task_status.started()
                    for command in self._early:
                        self._take(command)
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(self._membership.leave)
            self._database.close()
            self._lock.release()

    def _take(self, command: object) -> None:
        assert self._send is not None
        try:
            self._send.send_nowait(command)
        except trio.WouldBlock:
            log.error("too many commands at once; %s was dropped", type(command).__name__)

    async def _answer_all(
        self, receive: trio.MemoryReceiveChannel[object], nursery: trio.Nursery
    ) -> None:
        """In the order they were asked, as far as nobody has to wait; what waits goes on beside."""
        async for command in receive:
            if not (self._expects_time() and self._held.takes(command)):
                self._answer(nursery, command)

    def _answer(self, nursery: trio.Nursery, command: object) -> None:
        try:
            handler = self._handler(command)
            self._desk.opening(command)
            result = handler(command)
        except Exception as error:
            self._refused(command, error)
            return
        if isinstance(result, Awaitable):
            nursery.start_soon(self._finish, command, result)
        else:
            self._answered(command, result)

    def _expects_time(self) -> bool:
        """Whether somebody could decide something now, were the chain's time known."""
        unlocked = self._door.wallet is not None and not self._door.locked
        return unlocked and (self._trading is not None or self._membership.chosen)

    async def _finish(self, command: object, work: Awaitable[object]) -> None:
        try:
            self._answered(command, await work)
        except Exception as error:
            self._refused(command, error)

    def _answered(self, command: object, result: object) -> None:
        self._door.problem = None
        self._desk.answered(command, result)
        name = type(command).__name__
        if isinstance(command, SAID_WHEN_DONE):
            self._told(Notice("done", f"done.{name}", "", about=name))
        if isinstance(result, Recognised):
            self._told(Notice("done", "done.recognised", "", {"title": result.title}, result.key))
        if isinstance(result, SavedParcel):
            self._told(self._saved(result))
        if isinstance(result, LeftParcel):
            self._told(Notice("done", "done.parcel_left", "", about=result.thread))
        self._changed()

    def _saved(self, saved: SavedParcel) -> Notice:
        if saved.parts == 1:
            return Notice("done", "done.parcel", "", about=saved.thread)
        values = {"parts": str(saved.parts)}
        return Notice("done", "done.parcel_parts", "", values, saved.thread)

    def _refused(self, command: object, error: Exception) -> None:
        notice = notice_of(error, _about(command))
        if self._in_first_run():
            self._door.problem = notice
        self._told(notice)
        self._changed()

    def _in_first_run(self) -> bool:
        return self._door.locked or self._trading is None

    def _handler(self, command: object) -> Handler:
        if self._door.locked and not isinstance(command, WHILE_LOCKED):
            raise RuleError("locked", "Lading is locked. Unlock it first.")
        own: dict[type, Handler] = {
            cmd.CreateIdentity: self._door.create,
            cmd.RestoreIdentity: self._door.restore,
            cmd.ImportIdentity: self._door.import_,
            cmd.ProveWords: self._door.prove,
            cmd.LookRound: self._door.look_round,
            cmd.Unlock: self._unlock,
            cmd.Lock: self._door.lock,
            cmd.ChangePassword: self._door.change_password,
            cmd.ShowRecoverySheet: self._door.show_words,
            cmd.ExportIdentity: self._door.export,
            cmd.ChangeName: self._rename,
            cmd.JoinPractice: self._join,
            cmd.JoinNetwork: self._join,
            cmd.Reconnect: self._reconnect,
            cmd.SaveChallenge: self._save_challenge,
            cmd.AddNetwork: self._others.add,
            cmd.RemoveNetwork: self._others.remove,
            cmd.ChangeSettings: self._change_settings,
            cmd.SendMoney: self._send_money,
            **self._finding.handlers,
            **self._desk.handlers,
        }
        kind = type(command)
        if kind in own:
            return own[kind]
        if self._trading is None:
            raise RuleError("identity.needed", "Create an identity first: it takes a minute.")
        return self._trading.handlers[kind]

    # commands of the engine's own

    async def _join(self, command: cmd.JoinPractice | cmd.JoinNetwork) -> None:
        self._door.busy("network")
        try:
            await self._membership.join(command)
        finally:
            self._door.busy("")
        self._again.set()

    async def _unlock(self, command: cmd.Unlock) -> None:
        await self._door.unlock(command)
        if self._trading is not None:
            self._trading.presence.try_again()
            self._trading.subscribing.look()

    def _reconnect(self, command: cmd.Reconnect) -> None:
        self._others.look_again()
        if self._ledger is not None:
            self._ledger.look_again()
        if self._trading is not None:
            self._trading.purse.look_again()
            self._trading.entries.retry()
            self._trading.presence.try_again()

    async def _save_challenge(self, command: cmd.SaveChallenge) -> None:
        ledger = self._ledger
        both = self._desk.challenged(ledger, self._trading) if ledger else None
        if ledger is None or both is None:
            raise RuleError("challenge.none", "There are no two registrations to compare.")
        save = partial(comparing.save, *both, ledger.network.registry, command.path)
        await trio.to_thread.run_sync(save)

    def _rename(self, command: cmd.ChangeName) -> None:
        self._door.rename(command)
        if self._trading is not None:
            self._trading.presence.publish()

    async def _send_money(self, command: cmd.SendMoney) -> None:
        if self._trading is None:
            raise RuleError("identity.needed", "Create an identity first: it takes a minute.")
        await self._door.check_password(command.password)
        await self._trading.purse.send(command)

    def _change_settings(self, command: cmd.ChangeSettings) -> None:
        with self._database.begin() as session:
            for name in command.__dataclass_fields__:
                value = getattr(command, name)
                if isinstance(value, Bandwidth):
                    line.keep(session, value)
                elif name == "at_once" and value is not None:
                    settings.put(session, name, turns.checked(value))
                elif value is not None:
                    settings.put(session, name, str(value) if name == "downloads" else value)
        if self._trading is not None:
            self._trading.line.look()
            self._trading.plug.look()
            self._trading.presence.use_router()
            self._trading.presence.use_neighbours()
            if command.share_direct_address is not None:
                self._trading.presence.publish()

    # running

    async def _trade(self) -> None:
        """Whatever identity and network there are: trade with both, look round with a network."""
        await self._membership.resume()
        while True:
            self._again = trio.Event()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._run_parts)
                await self._identity_or_network_changed()
                nursery.cancel_scope.cancel()
            self._trading = self._ledger = None
            self._held.use(None)

    async def _identity_or_network_changed(self) -> None:
        had = (self._door.wallet, self._membership.network)
        while (self._door.wallet, self._membership.network) == had:
            await self._again.wait()
            self._again = trio.Event()

    async def _run_parts(self) -> None:
        while self._membership.network is not None:
            try:
                await self._run_once(self._membership.network)
            except Exception as error:
                # Nothing inside may end the engine; the parts are built anew a little later.
                self._told(notice_of(error))
                await trio.sleep(REBUILD_SECONDS)

    async def _run_once(self, network: Network) -> None:
        practice, wallet = self._membership.practice, self._door.wallet
        self._ledger = Ledger(network, self._database, self._changed, practice)
        if wallet is None:
            self._changed()
            await self._ledger.follow(self._looked)
            return
        self._trading = Trading(
            self.profile,
            self._database,
            wallet,
            self._ledger,
            practice,
            self._changed,
            self._progressed,
            self._failed,
            self._told,
            lambda: self._door.locked,
        )
        self._held.use(self._ledger)
        self._changed()
        await self._trading.run()

    async def _looked(self, advance: object) -> None:
        self._changed()

    def _frame(self, session: Session) -> Frame:
        return Frame(session, self._ledger, self._trading, self._others.rows)

    def _failed(self, error: Exception, about: str) -> None:
        self._told(notice_of(error, about))

    def _changed(self) -> None:
        """New snapshots are due; from any thread."""
        self._due(everything=True)

    def _progressed(self) -> None:
        """As `_changed`, where all that changed is how far a transfer is: as often as that does,
        the whole would take half the interpreter's time from the window."""
        self._due(everything=False)

    def _due(self, *, everything: bool) -> None:
        if self._token is None:
            return
        try:
            trio.lowlevel.current_trio_token()
        except RuntimeError:
            try:
                self._token.run_sync_soon(partial(self._due, everything=everything))
            except trio.RunFinishedError:
                return
        else:
            self._dirty.set()
            if everything:
                self._changes.set()
                self._again.set()
                self._finding.look(seen=self._desk.sees(BrowseSnapshot))

    async def _tell_all(self) -> None:
        """Tell what changed, at most 20 times a second; how far transfers are 5 times."""
        said = ""
        while True:
            everything = self._changes.is_set()
            membership = self._membership if everything else None
            self._dirty, self._changes = trio.Event(), trio.Event()
            try:
                with closing(self._desk.looks(self._ledger, self._trading, membership)) as looks:
                    for snapshot in looks:
                        if snapshot is not None:
                            self._told(snapshot)
                        await trio.lowlevel.checkpoint()  # what is under way goes first
                said = ""
            except Exception as error:
                if everything:
                    self._changes.set()
                # What cannot be shown must not stop what runs; it is said once, not 20 times.
                before, said = said, repr(error)
                if said != before:
                    self._told(notice_of(error))
            await trio.sleep(TELL_SECONDS)
            await self._dirty.wait()
            with trio.move_on_after(PROGRESS_SECONDS - TELL_SECONDS):
                await self._changes.wait()


def _about(command: object) -> str:
    """The order, draft or dataset a command is about, so that its page can show the notice."""
    for name in ("order", "draft", "dataset"):
        value = getattr(command, name, None)
        if isinstance(value, str):
            return value
    return type(command).__name__
