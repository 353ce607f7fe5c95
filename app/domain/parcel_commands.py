"""What a person asks about delivery parcels; part of `app.domain.commands`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExportParcel:
    """The owner saves the sealed data of a paid order into ``folder``, as one file or (with
    ``part_bytes``) in parts that are no longer than that."""

    order: str
    folder: Path
    part_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ImportParcel:
    """The buyer opens what the owner saved: files, or folders with files. Without an ``order`` the
    parcel itself says which one it is for."""

    paths: tuple[Path, ...]
    order: str = ""


@dataclass(frozen=True, slots=True)
class LeaveParcel:
    """The owner leaves the sealed data of a paid order at a relay that keeps it for the buyer."""

    order: str


@dataclass(frozen=True, slots=True)
class StopParcel:
    """Stop saving, opening or leaving; what is done so far stays."""

    order: str
