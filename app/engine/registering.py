"""Own datasets: from files on disk to a registration on the record.

A draft is saved with every step, so that nothing typed is lost. The reading pass runs in a worker
thread (hashing releases the GIL); what was found in a table comes from a worker process, because
reading foreign text holds the GIL and can be made to take long.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import trio

from app.domain import commands as cmd
from app.domain import listing
from app.domain.errors import RuleError
from app.domain.snapshots.datasets import Profile as TableProfile
from app.domain.snapshots.datasets import Progress
from app.engine.entries import Entries
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.engine.profile import Profile
from app.engine.profiling import profile_table
from app.store import datasets
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.entries import Entry
from chain import agreement
from chain.listing import encode_listing
from chain.registry_events import MAX_LISTING_BYTES
from p2p.errors import Cancelled, ContentError
from p2p.fingerprint import Fingerprinted, fingerprint, scan
from p2p.manifest import shown


class Registering:
    """The drafts of one identity. ``salt_key`` derives k_salt from a salt nonce."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        ledger: Ledger,
        entries: Entries,
        address: str,
        salt_key: Callable[[bytes], bytes],
        changed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._database = database
        self._ledger = ledger
        self._entries = entries
        self._address = address
        self._salt_key = salt_key
        self._changed = changed
        self._readings: dict[str, Progress] = {}
        self._cancelled: set[str] = set()
        self._marks: dict[str, tuple[float, float]] = {}

    def reading(self, draft: str) -> Progress | None:
        return self._readings.get(draft)

    async def choose(self, command: cmd.ChooseContent) -> None:
        """Read the content of a draft. ContentError names what is wrong with the files."""
        draft = command.draft
        if draft in self._readings:
            raise RuleError("register.reading", "These files are being read already.")
        with self._database.read() as session:
            before = datasets.load(session, draft)
        own = self._draft(draft, before, command.path)
        self._cancelled.discard(draft)
        self._readings[draft] = Progress(0, 0, 0, None)
        self._changed()
        try:
            found = await trio.to_thread.run_sync(partial(self._read, own, command.path))
            own = self._keep(own, found)
            reached("fingerprint_kept")
            own = await self._look_into(own, command.path)
        except Cancelled:
            self._take_back(draft, before)
        except ContentError:
            self._take_back(draft, before)
            raise
        finally:
            self._readings.pop(draft, None)
            self._marks.pop(draft, None)
            self._changed()

    def cancel(self, command: cmd.CancelFingerprint) -> None:
        self._cancelled.add(command.draft)

    def describe(self, command: cmd.DescribeDraft) -> None:
        own = self._editable(command.draft)
        self._save(replace(own, description=command.description, terms=command.terms))

    def price(self, command: cmd.PriceDraft) -> None:
        own = self._editable(command.draft)
        if self._ledger.network.token(command.token) is None:
            raise RuleError("price.currency", "This network does not use that currency.")
        listing.check_price(command.price_units)
        self._save(replace(own, token=command.token, price_units=command.price_units))

    def discard(self, command: cmd.DiscardDraft) -> None:
        self._editable(command.draft)
        self._cancelled.add(command.draft)
        with self._database.begin() as session:
            datasets.discard(session, command.draft)
        self._profile.leaves(command.draft).unlink(missing_ok=True)
        self._changed()

    def register(self, command: cmd.RegisterDraft) -> None:
        """Both record entries are wanted; what goes on record does not change any more."""
        own = self._editable(command.draft)
        if not own.root or own.manifest is None:
            raise RuleError("register.content", "Choose the files first: they were not read yet.")
        listing.check_description(own.description)
        listing.check_price(own.price_units)
        if must_be_confidential(own):
            own = replace(own, description=replace(own.description, confidential=True))
        document = listing_document(own)
        try:
            listed = encode_listing(document)
        except ValueError as error:
            raise RuleError("register.listing_size", str(error)) from error
        own = replace(
            own,
            listing=listed,
            register_salt=secrets.token_bytes(32),
            dataset_id=agreement.dataset_id(
                self._ledger.network.registry, self._address, own.root, own.records
            ),
            state="registering",
        )
        self._save(own)
        self._want_both(own)

    def resume(self) -> None:
        """After a start: want again what a registration under way needs, once each."""
        with self._database.read() as session:
            under_way = [own for own in datasets.list_own(session) if own.state == "registering"]
        for own in under_way:
            self._want_both(own)

    def listing_size(self, own: OwnDataset) -> int:
        """Bytes the listing takes of the 8,192 there are; more than that: it does not fit."""
        try:
            return len(encode_listing(listing_document(own)))
        except ValueError:
            return MAX_LISTING_BYTES + 1

    def change_price(self, command: cmd.ChangePrice) -> None:
        listing.check_price(command.price_units)
        own = replace(self._registered(command.dataset), price_units=command.price_units)
        own = replace(own, listing=encode_listing(listing_document(own)))
        self._save(own)
        self._want(f"listing:{own.key}:{secrets.token_hex(4)}", "listing", own)

    def withdraw(self, command: cmd.WithdrawListing) -> None:
        own = self._registered(command.dataset)
        self._want(f"withdraw:{own.key}:{secrets.token_hex(4)}", "withdraw_listing", own)

    async def locate(self, command: cmd.LocateContent) -> None:
        """The files were moved, or the identity was restored: the same content must be found at
        the new place."""
        own = self._registered(command.dataset)
        path = _text(command.path)
        moved = self._profile.leaves(f"{own.key}-moved")
        try:
            found = await trio.to_thread.run_sync(partial(self._read, own, command.path, moved))
            if found.fingerprint.root != own.root:
                raise RuleError(
                    "datasets.other_content", "These are not the files that were registered."
                )
            moved.replace(self._profile.leaves(own.key))
        finally:
            moved.unlink(missing_ok=True)
            self._readings.pop(own.key, None)
            self._marks.pop(own.key, None)
        self._save(
            replace(
                own,
                path=path,
                content_id=found.fingerprint.content_id,
                files=len(found.manifest.files),
                manifest=found.manifest.encode(),
            )
        )

    def moved(self, entry: Entry) -> None:
        """A record entry came further; if it is about a dataset of mine, so did that."""
        with self._database.read() as session:
            own = datasets.load(session, entry.dataset) if entry.dataset else None
        if own is None:
            return
        if entry.what == "register" and entry.state in ("recorded", "final"):
            self._save(replace(own, state="registered"))
        elif entry.what == "withdraw_listing" and entry.state in ("recorded", "final"):
            self._save(replace(own, state="withdrawn"))
        elif entry.what in ("commit", "register") and entry.state == "failed":
            self._save(replace(own, state="draft", dataset_id=None))

    # inside

    def _want_both(self, own: OwnDataset) -> None:
        salt = own.register_salt.hex()[:8]  # a second try after a failure is another pair
        self._want(f"commit:{own.key}:{salt}", "commit", own)
        reached("commit_wanted")
        self._want(f"register:{own.key}:{salt}", "register", own)

    def _want(self, key: str, what: str, own: OwnDataset) -> None:
        self._entries.want(
            key, what, dataset=own.key, title=own.description.title, made_at=self._ledger.now
        )

    def _draft(self, draft: str, own: OwnDataset | None, path: Path) -> OwnDataset:
        if own is not None and own.state != "draft":
            raise RuleError("register.done", "This dataset is registered already.")
        if own is None:
            own = OwnDataset(draft, _text(path), int(time.time()), None, secrets.token_bytes(32))
        else:
            # Other content needs other salts: the same salt must never meet two contents.
            own = replace(
                own,
                path=_text(path),
                salt_nonce=secrets.token_bytes(32),
                root=b"",
                manifest=None,
                profile=None,
            )
        self._save(own)
        return own

    def _take_back(self, draft: str, before: OwnDataset | None) -> None:
        """The new files were not read: those of before count again, what was typed meanwhile
        stays."""
        with self._database.read() as session:
            now = datasets.load(session, draft)
        if now is None or before is None:
            return
        self._save(
            replace(
                now,
                path=before.path,
                salt_nonce=before.salt_nonce,
                root=before.root,
                manifest=before.manifest,
                profile=before.profile,
            )
        )

    def _editable(self, draft: str) -> OwnDataset:
        with self._database.read() as session:
            own = datasets.load(session, draft)
        if own is None:
            raise RuleError("register.content", "Choose the files first: they were not read yet.")
        if own.state != "draft":
            raise RuleError("register.done", "This dataset is registered already.")
        return own

    def _registered(self, dataset: str) -> OwnDataset:
        with self._database.read() as session:
            own = datasets.by_dataset_id(session, bytes.fromhex(dataset))
        if own is None:
            raise RuleError("datasets.unknown", "This dataset is not one of yours.")
        return own

    def _save(self, own: OwnDataset) -> None:
        with self._database.begin() as session:
            datasets.save(session, own)
        self._changed()

    def _read(self, own: OwnDataset, path: Path, leaves: Path | None = None) -> Fingerprinted:
        if not scan(path):
            raise ContentError("There is no file in this folder. Choose one with data in it.")
        return fingerprint(
            path,
            self._salt_key(own.salt_nonce),
            leaves or self._profile.leaves(own.key),
            progress=partial(self._progress, own.key),
            cancelled=partial(self._is_to_stop, own.key),
        )

    def _is_to_stop(self, draft: str) -> bool:
        """Called in the worker thread; when the app ends, trio's own cancellation is raised."""
        trio.from_thread.check_cancelled()
        return draft in self._cancelled

    def _progress(self, draft: str, done: int, total: int) -> None:
        """Called in the worker thread; the value is replaced whole, so no lock is needed."""
        now = time.monotonic()
        start, _ = self._marks.setdefault(draft, (now, 0.0))
        speed = int(done / (now - start)) if now > start else 0
        left = (total - done) // speed if speed else None
        self._readings[draft] = Progress(done, total, speed, left)
        self._changed()

    def _keep(self, own: OwnDataset, found: Fingerprinted) -> OwnDataset:
        print_ = found.fingerprint
        with self._database.read() as session:
            own = datasets.load(session, own.key) or own  # what was typed meanwhile stays
        description = own.description
        if not description.title:
            name = Path(own.path).stem.replace("_", " ").replace("-", " ").strip()
            description = replace(description, title=name[:120])
        kept = replace(
            own,
            content_id=print_.content_id,
            root=print_.root,
            records=print_.records,
            length=print_.length,
            files=len(found.manifest.files),
            manifest=found.manifest.encode(),
            description=description,
        )
        self._save(kept)
        return kept

    async def _look_into(self, own: OwnDataset, path: Path) -> OwnDataset:
        seen = await profile_table(path) if path.is_file() else None
        if seen is None:
            return own
        with self._database.read() as session:
            own = datasets.load(session, own.key) or own
        own = replace(own, profile=seen)
        self._save(own)
        return own


def _text(path: Path) -> str:
    """The path as the database keeps it. ContentError: it is not text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ContentError(
            f"“{shown(str(path))}” is not valid UTF-8. Rename the file, or the folder it is in."
        ) from None
    return str(path)


def must_be_confidential(own: OwnDataset) -> bool:
    """Content under 64 KiB could be guessed from its hash; personal data must not be findable."""
    return own.length < listing.LEAST_OPEN_BYTES or own.description.personal_data


def listing_document(own: OwnDataset) -> dict[str, Any]:
    """The public description that goes on record with a registration."""
    table: TableProfile | None = own.profile
    return listing.document(
        description=own.description,
        terms=asdict(own.terms),
        token=own.token,
        price_units=own.price_units or 0,
        files=own.files,
        profile=table,
    )
