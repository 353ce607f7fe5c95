"""Registered datasets whose files are not where they were: moved, or registered before the
identity was restored on this computer.

Only content with the registered root counts as found, made with the salts of the registration: then
the dataset can be delivered again. Names are part of the content: a renamed file is another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.engine.profile import Profile
from app.engine.readings import Readings, path_text
from app.store import datasets
from app.store.database import Database
from app.store.datasets import OwnDataset
from p2p.content import move_leaves, remove_leaves
from p2p.errors import Cancelled
from p2p.fingerprint import scan
from p2p.manifest import encoded_length
from p2p.records import PAYLOAD, preamble_records


@dataclass(frozen=True, slots=True)
class Recognised:
    """Files chosen for registration are those of a dataset of mine, with this local key."""

    key: str
    title: str


def is_there(own: OwnDataset) -> bool:
    """Whether something still is where its files were."""
    return bool(own.path) and Path(own.path).exists()


class Locating:
    def __init__(self, profile: Profile, database: Database, readings: Readings) -> None:
        self._profile = profile
        self._database = database
        self._readings = readings

    async def locate(self, command: cmd.LocateContent) -> None:
        """The person says where the files are. Shown and stopped by the dataset's id."""
        with self._database.read() as session:
            own = datasets.by_dataset_id(session, bytes.fromhex(command.dataset))
        if own is None:
            raise RuleError("datasets.unknown", "This dataset is not one of yours.")
        with self._readings.begun(command.dataset):
            try:
                found = await self._link(own, command.path, command.dataset)
            except Cancelled:
                return
        if not found:
            raise RuleError(
                "datasets.other_content", "These are not the files that were registered."
            )

    async def recognise(self, path: Path, key: str) -> Recognised | None:
        """Link the dataset of mine whose lost files are at ``path``, if there is one. Read under
        ``key``; ContentError and Cancelled as `Readings.read`."""
        for own in await trio.to_thread.run_sync(self._lost, path):
            if await self._link(own, path, key):
                return Recognised(own.key, own.description.title)
        return None

    def _lost(self, path: Path) -> list[OwnDataset]:
        """Those it could be: sizes are known before anything is read."""
        with self._database.read() as session:
            every = datasets.list_own(session)
        lost = [own for own in every if own.state in ("registered", "withdrawn")]
        lost = [own for own in lost if not is_there(own)]
        if not lost:
            return []
        files = scan(path)
        first = preamble_records(encoded_length(files))
        length = first * PAYLOAD + sum(size for _, size in files)
        return [own for own in lost if own.length == length]

    async def _link(self, own: OwnDataset, path: Path, key: str) -> bool:
        """Whether the registered content is there; then it is what will be delivered."""
        text = path_text(path)
        moved = self._profile.leaves(f"{own.key}-moved")
        try:
            found = await self._readings.read(key, path, own.salt_nonce, moved)
            if found.fingerprint.root != own.root:
                return False
            move_leaves(moved, self._profile.leaves(own.key))
        finally:
            remove_leaves(moved)
        with self._database.begin() as session:
            own = datasets.load(session, own.key) or own
            linked = replace(
                own,
                path=text,
                content_id=found.fingerprint.content_id,
                files=len(found.manifest.files),
                manifest=found.manifest.encode(),
            )
            datasets.save(session, linked)
        return True
