"""A dataset's delivery saved and taken in one line each."""

from dataclasses import dataclass
from pathlib import Path

from p2p.parcel_saving import save
from p2p.parcel_taking import Taken, find_parts, take
from p2p.serving import Source
from p2p.spool import Spool
from tests.p2p.datasets import DK, Dataset, never, quiet

ORDER = bytes(range(64, 96))


@dataclass(frozen=True, slots=True)
class Desk:
    """The owner's dataset, where its parcel is saved, and the buyer's store."""

    dataset: Dataset
    order_id: bytes = ORDER

    @property
    def base(self) -> Path:
        return self.dataset.base

    @property
    def out(self) -> Path:
        return self.base / "stick"

    @property
    def keep(self) -> Path:
        return self.base / "waiting"

    def source(self) -> Source:
        records = self.dataset.fingerprint.records
        work = self.base / "work"
        return Source(records, self.dataset.leaves_path, self.dataset.content, DK, work)

    def save(self, part_bytes: int = 0, cancelled=never, progress=quiet) -> list[Path]:
        """Where the parts lie, in order."""
        save(
            self.source(),
            self.order_id,
            self.out,
            "order",
            part_bytes,
            progress=progress,
            cancelled=cancelled,
        )
        return sorted(self.out.glob("*.lading"))

    def spool(self) -> Spool:
        return self.dataset.spool("received")

    def take(self, *paths: Path, cancelled=never, progress=quiet) -> Taken:
        """As after a start of the app: the store is opened anew."""
        found = find_parts(paths)
        taken = take(
            found.parts,
            self.spool(),
            self.order_id,
            self.keep,
            progress=progress,
            cancelled=cancelled,
        )
        return Taken(taken.parts, taken.missing, (*found.spoiled, *taken.spoiled))
