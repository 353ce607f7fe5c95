"""Own datasets: from files on disk to a registration on the record.

A draft is saved with every step, so that nothing typed is lost. What was found in a table comes
from a worker process, because reading foreign text holds the GIL and can be made to take long.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from app.domain import commands as cmd
from app.domain import listing
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.similarity import shorter
from app.domain.snapshots.datasets import Profile as TableProfile
from app.domain.snapshots.datasets import Progress
from app.domain.terms import TermsChoice
from app.engine.entries import Entries
from app.engine.ledger import Ledger
from app.engine.locating import Locating, Recognised
from app.engine.looking import Looking
from app.engine.points import reached
from app.engine.profile import Profile
from app.engine.readings import Readings, path_text
from app.store import datasets, index
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.entries import Entry
from chain import agreement
from chain.listing import encode_listing
from chain.registry_events import MAX_LISTING_BYTES
from p2p.content import remove_leaves
from p2p.errors import Cancelled, ContentError
from p2p.fingerprint import Fingerprinted


class Registering:
    """The drafts of one identity."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        ledger: Ledger,
        entries: Entries,
        address: str,
        readings: Readings,
        locating: Locating,
        changed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._database = database
        self._ledger = ledger
        self._entries = entries
        self._address = address
        self._readings = readings
        self._locating = locating
        self._changed = changed
        self._looking = Looking(profile.folder, changed)

    def reading(self, draft: str) -> Progress | None:
        return self._readings.progress(draft)

    def looking(self, draft: str) -> float | None:
        """How far the values of a draft's table were looked at, 0…1; None if they are not now."""
        return self._looking.progress(draft)

    async def choose(self, command: cmd.ChooseContent) -> Recognised | None:
        """Read the content of a draft. ContentError names what is wrong with the files.

        If they are those of a registered dataset that had lost its files, they are its own again,
        and the draft is what it was before.
        """
        draft = command.draft
        with self._readings.begun(draft):
            with self._database.read() as session:
                before = datasets.load(session, draft)
            own = self._draft(draft, before, command.path)
            try:
                recognised = await self._locating.recognise(command.path, draft)
                if recognised is not None:
                    self._take_back(draft, before)
                    if before is None:
                        self._drop(draft)
                    return recognised
                found = await self._readings.read(
                    draft, command.path, own.salt_nonce, self._profile.leaves(draft)
                )
                own = self._keep(own, found)
                reached("fingerprint_kept")
            except Cancelled:
                self._take_back(draft, before)
                return None
            except ContentError:
                self._take_back(draft, before)
                raise
        await self._look_into(own, command.path)
        return None

    def cancel(self, command: cmd.CancelFingerprint) -> None:
        self._readings.stop(command.draft)
        self._looking.stop(command.draft)

    def describe(self, command: cmd.DescribeDraft) -> None:
        own = self._editable(command.draft)
        self._save(replace(own, description=command.description, terms=command.terms))

    def relate(self, command: cmd.RelateDraft) -> None:
        own = self._editable(command.draft)
        parent = bytes.fromhex(command.parent) or bytes(32)
        with self._database.read() as session:
            known = index.registration(session, parent) is not None
            before = datasets.by_dataset_id(session, parent)
        if command.parent and not known:
            raise RuleError("register.parent", "This dataset is not on the record.")
        self._save(_as_before(replace(own, parent=parent), before))

    def price(self, command: cmd.PriceDraft) -> None:
        own = self._editable(command.draft)
        if self._ledger.network.token(command.token) is None:
            raise RuleError("price.currency", "This network does not use that currency.")
        listing.check_price(command.price_units)
        self._save(replace(own, token=command.token, price_units=command.price_units))

    def discard(self, command: cmd.DiscardDraft) -> None:
        self._editable(command.draft)
        self._readings.stop(command.draft)
        self._looking.stop(command.draft)
        self._drop(command.draft)

    def register(self, command: cmd.RegisterDraft) -> Awaitable[None] | None:
        """Both record entries are wanted; what goes on record does not change any more. What is
        being looked at belongs to it."""
        if self._looking.progress(command.draft) is None:
            self._register(command)
            return None
        return self._register_later(command)

    async def _register_later(self, command: cmd.RegisterDraft) -> None:
        await self._looking.over(command.draft)
        self._register(command)

    def _register(self, command: cmd.RegisterDraft) -> None:
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
            own = OwnDataset(
                draft, path_text(path), int(time.time()), None, secrets.token_bytes(32)
            )
        else:
            # Other content needs other salts: the same salt must never meet two contents.
            own = replace(
                own,
                path=path_text(path),
                salt_nonce=secrets.token_bytes(32),
                root=b"",
                manifest=None,
                profile=None,
                parent=None,
            )
        self._save(own)
        return own

    def _drop(self, draft: str) -> None:
        with self._database.begin() as session:
            datasets.discard(session, draft)
        remove_leaves(self._profile.leaves(draft))
        self._changed()

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
                parent=before.parent,
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

    async def _look_into(self, own: OwnDataset, path: Path) -> None:
        """Beside what the person does next: the draft goes on meanwhile, and may be gone."""
        seen = await self._looking.look(own.key, path)
        with self._database.read() as session:
            now = datasets.load(session, own.key)
        if seen is not None and now is not None and now.root == own.root:
            self._save(replace(now, profile=seen))


def _as_before(own: OwnDataset, before: OwnDataset | None) -> OwnDataset:
    """A new version of one of mine is what that one was, but for its title and its period, where
    nothing else was said yet."""
    if before is None:
        return own
    said = own.description
    if said == Description(title=said.title):
        said = replace(before.description, title=said.title, period="")
    priced = before if own.price_units is None else own
    return replace(
        own,
        description=said,
        terms=before.terms if own.terms == TermsChoice() else own.terms,
        token=priced.token,
        price_units=priced.price_units,
    )


def must_be_confidential(own: OwnDataset) -> bool:
    """Content under 64 KiB could be guessed from its hash; personal data must not be findable."""
    return own.length < listing.LEAST_OPEN_BYTES or own.description.personal_data


def listing_document(own: OwnDataset) -> dict[str, Any]:
    """The public description that goes on record with a registration. Words come before the
    sketch: that is shortened where both do not fit."""
    table: TableProfile | None = own.profile
    while True:
        document = listing.document(
            description=own.description,
            terms=asdict(own.terms),
            token=own.token,
            price_units=own.price_units or 0,
            files=own.files,
            profile=table,
        )
        if table is None or "sketch" not in document or _fits(document):
            return document
        table = replace(table, sketch=shorter(table.sketch))


def _fits(document: dict[str, Any]) -> bool:
    try:
        return len(encode_listing(document)) <= MAX_LISTING_BYTES
    except ValueError:
        return False
