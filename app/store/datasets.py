"""My datasets: from the draft to the registration on record."""

import hashlib
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain import codec
from app.domain.commands import Description
from app.domain.snapshots.datasets import Profile
from app.domain.terms import TermsChoice
from app.store.answers import asked_once
from app.store.tables import OwnDatasetRow

DatasetState = Literal["draft", "committing", "registering", "registered", "withdrawn"]


@dataclass(frozen=True, slots=True)
class OwnDataset:
    """``key`` is local (32 hex characters). ``content_id``, ``root``, ``salt_nonce`` (32 bytes
    each) and ``manifest`` are empty or None, and numbers 0, until the reading pass found them;
    ``register_salt`` and ``listing`` until it is to be registered. ``length`` is in bytes.
    ``parent`` is the dataset (id) of which this is a new version, zero bytes if its owner said that
    it is different from those it is like, None if nothing was said."""

    key: str
    path: str
    made_at: int
    manifest: bytes | None = None
    salt_nonce: bytes = b""
    content_id: bytes = b""
    root: bytes = b""
    records: int = 0
    length: int = 0
    files: int = 0
    description: Description = Description()
    terms: TermsChoice = TermsChoice()
    token: str = ""
    price_units: int | None = None
    profile: Profile | None = None
    state: DatasetState = "draft"
    register_salt: bytes = b""
    listing: bytes = b""
    dataset_id: bytes | None = None
    parent: bytes | None = None

    @property
    def registered_content_id(self) -> bytes:
        """What goes on record as content id: of a confidential dataset SHA-256(0x03 ‖ root)."""
        if self.description.confidential:
            return hashlib.sha256(b"\x03" + self.root).digest()
        return self.content_id


def save(session: Session, dataset: OwnDataset) -> None:
    """Keep it, in place of what was kept under its key."""
    profile = dataset.profile
    session.merge(
        OwnDatasetRow(
            key=dataset.key,
            path=dataset.path,
            made_at=dataset.made_at,
            state=dataset.state,
            manifest=dataset.manifest,
            salt_nonce=dataset.salt_nonce,
            content_id=dataset.content_id,
            root=dataset.root,
            records=dataset.records,
            length=dataset.length,
            files=dataset.files,
            description=codec.encode(dataset.description),
            terms=codec.encode(dataset.terms),
            token=dataset.token,
            price_units=dataset.price_units,
            profile=None if profile is None else codec.encode(profile),
            register_salt=dataset.register_salt,
            listing=dataset.listing,
            dataset_id=dataset.dataset_id,
            parent=dataset.parent,
        )
    )
    session.flush()


@asked_once
def load(session: Session, key: str) -> OwnDataset | None:
    row = session.get(OwnDatasetRow, key)
    return None if row is None else _dataset(row)


@asked_once
def by_dataset_id(session: Session, dataset_id: bytes) -> OwnDataset | None:
    row = session.scalar(select(OwnDatasetRow).where(OwnDatasetRow.dataset_id == dataset_id))
    return None if row is None else _dataset(row)


@asked_once
def list_own(session: Session) -> list[OwnDataset]:
    """Drafts included, newest first."""
    found = select(OwnDatasetRow).order_by(OwnDatasetRow.made_at.desc(), OwnDatasetRow.key)
    return [_dataset(row) for row in session.scalars(found)]


def drafts(session: Session) -> list[OwnDataset]:
    """Those nothing was recorded about yet, newest first."""
    return [dataset for dataset in list_own(session) if dataset.state == "draft"]


def discard(session: Session, key: str) -> None:
    """Forget a dataset here; what is on record stays there, and the files are not touched."""
    session.execute(delete(OwnDatasetRow).where(OwnDatasetRow.key == key))


def _dataset(row: OwnDatasetRow) -> OwnDataset:
    return OwnDataset(
        key=row.key,
        path=row.path,
        made_at=row.made_at,
        manifest=row.manifest,
        salt_nonce=row.salt_nonce,
        content_id=row.content_id,
        root=row.root,
        records=row.records,
        length=row.length,
        files=row.files,
        description=codec.decode(Description, row.description),
        terms=codec.decode(TermsChoice, row.terms),
        token=row.token,
        price_units=row.price_units,
        profile=None if row.profile is None else codec.decode(Profile, row.profile),
        state=cast(DatasetState, row.state),
        register_salt=row.register_salt,
        listing=row.listing,
        dataset_id=row.dataset_id,
        parent=row.parent,
    )
