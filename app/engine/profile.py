"""The folder of one identity: where everything it owns lies, and that only one app opens it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.errors import RuleError
from p2p.manifest import shown


@dataclass(frozen=True, slots=True)
class Profile:
    """Paths below the profile folder; made on first use, for their owner only."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Profile:
        """The profile in ``folder``, which is made if it is missing.

        Raises:
            RuleError: the folder cannot be made or written to.
        """
        try:
            str(folder).encode()  # what arrives lies below it, and the journal says where in text
            for path in (folder, folder / "datasets", folder / "deliveries"):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise RuleError(
                "profile.folder",
                f"Lading cannot use the folder {folder}: {error.strerror}. Choose another one.",
                folder=str(folder),
            ) from error
        except UnicodeEncodeError:
            readable = shown(str(folder))
            raise RuleError(
                "profile.folder",
                f"Lading cannot use the folder {readable}: its name is not valid UTF-8. Choose "
                "another one.",
                folder=readable,
            ) from None
        return cls(folder.resolve())

    @property
    def vault(self) -> Path:
        return self.folder / "identity.vault"

    @property
    def database(self) -> Path:
        return self.folder / "lading.sqlite"

    def leaves(self, draft: str) -> Path:
        """Leaf hashes (32 bytes a record) of the dataset with this local key."""
        return self.folder / "datasets" / f"{draft}.leaves"

    def delivery(self, thread: str) -> Path:
        """Folder of an order's delivery: the buyer's spool, the owner's sent leaves."""
        return self.folder / "deliveries" / thread

    def waiting_parts(self, thread: str) -> Path:
        """Folder of those parts of an order's delivery parcel that wait for others."""
        return self.delivery(thread) / "parts"

    def lock(self) -> FileLock:
        """The lock held while an app has the profile open.

        Raises:
            RuleError: another app has it.
        """
        # Taken in the thread that makes the engine, given back in the one that runs it.
        lock = FileLock(self.folder / "in-use.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise RuleError(
                "profile.in_use",
                "This profile is already open in another window of Lading.",
                folder=str(self.folder),
            ) from error
        return lock
