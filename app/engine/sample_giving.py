"""The owner's side of samples: agrees or refuses by its policy, and opens what was drawn.

Whatever is agreed to is on disk before it is answered, and what was opened is kept, so that asking
again gives the same and costs nothing. Refusing costs nothing either: it reads a few rows.

Why the numbers are chance. The block is named before anybody can know its hash, so the owner cannot
choose; the buyer cannot either, since besides the hash only its address and the dataset go in. What
is opened for a buyer is opened for one block only. An answer that got lost may be given again with
another block, `TRIES` times in all: so often either side could throw the dice by losing it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import trio
from sqlalchemy.orm import Session

from app.domain import codec
from app.domain import samples as rules
from app.domain.errors import RuleError
from app.domain.personal import LONGEST_BYTES, looks_personal
from app.domain.profile_check import UNSEEN
from app.domain.sample_commands import SetSamplePolicy
from app.domain.samples import DAY_SECONDS, SamplePolicy
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.engine.profile import Profile
from app.store import datasets, index, private, settings
from app.store import samples as rows
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.index import RegisteredDataset
from app.store.samples import Given
from chain.address import address_bytes
from chain.agreement import SampleGrant
from chain.errors import ChainError
from p2p import samples
from p2p.content import Content
from p2p.errors import ContentError, PeerError, Unreachable
from p2p.host import Peer
from p2p.manifest import Manifest
from p2p.records import Fingerprint
from p2p.samples import Sample
from p2p.sampling import Ask, Grant, Open

AHEAD_BLOCKS = 4
"""From the newest block either side knows to the one that draws: no one has its hash yet."""
FARTHEST_BLOCKS = 64
"""By how much a buyer's newest block may be ahead of ours."""
TRIES = 3


def policy_of(session: Session, dataset: bytes) -> SamplePolicy:
    kept = settings.get(session, _key(dataset))
    return SamplePolicy() if kept is None else codec.decode(SamplePolicy, kept)


def holds_personal_data(own: OwnDataset) -> bool:
    """Whether its owner says so, it looks like it, or nobody has looked."""
    found = own.profile
    if own.description.personal_data or found is None:
        return own.description.personal_data
    looks = any(column.personal for column in found.columns)
    return (
        looks or found.problem in UNSEEN or bool({"personal", "unseen"} & dict(found.facts).keys())
    )


class SampleGiving:
    """``changed`` is called when a sample was agreed to or opened."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        ledger: Ledger,
        identity: Identity,
        changed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._database = database
        self._ledger = ledger
        self._identity = identity
        self._changed = changed
        self._one_at_a_time = trio.Lock()  # each hashes a whole tree

    def set_policy(self, command: SetSamplePolicy) -> None:
        rules.check(command.policy)
        dataset = bytes.fromhex(command.dataset)
        with self._database.begin() as session:
            if datasets.by_dataset_id(session, dataset) is None:
                raise RuleError("datasets.unknown", "This dataset is not one of yours.")
            settings.put(session, _key(dataset), codec.encode(command.policy))

    async def give(self, peer: Peer, asked: Ask | Open) -> Grant | Sample:
        """Answers `p2p.sampling`. PeerError says why not, Unreachable why not yet."""
        if self._ledger.head is None:
            raise Unreachable("The record could not be read here yet.")
        own, registered, policy = self._mine(peer, asked.dataset)
        if isinstance(asked, Ask):
            return self._agree(peer, asked, registered, policy)
        return await self._open(peer, asked, own, policy)

    def _mine(
        self, peer: Peer, dataset: bytes
    ) -> tuple[OwnDataset, RegisteredDataset, SamplePolicy]:
        with self._database.read() as session:
            registered = index.registration(session, dataset)
            own = datasets.by_dataset_id(session, dataset)
            policy = policy_of(session, dataset)
            blocked = private.is_blocked(session, peer.identity)
        if registered is None and own is not None:
            raise Unreachable("The dataset's registration has not been read here yet.")
        if registered is None or own is None or registered.title_holder != self._identity.address:
            raise PeerError("This dataset is not mine to show.")
        if registered.withdrawn:
            raise PeerError("This dataset is no longer for sale.")
        if peer.identity == self._identity.address:
            raise PeerError("An owner needs no sample of its own data.")
        if not policy.allowed or blocked:
            raise PeerError("The owner shows no samples of this dataset.")
        if holds_personal_data(own) and not policy.personal:
            raise PeerError("The dataset holds personal data, of which its owner shows no samples.")
        return own, registered, policy

    # agreeing

    def _agree(
        self, peer: Peer, asked: Ask, registered: RegisteredDataset, policy: SamplePolicy
    ) -> Grant:
        head = self._ledger.head
        assert head is not None
        if asked.head > head.number + FARTHEST_BLOCKS:
            raise Unreachable("The owner has not read the newest blocks of the record yet.")
        with self._database.begin() as session:
            before = rows.given(session, asked.dataset, peer.identity)
            if before is not None and (
                before.block_hash or before.block > head.number or before.tries >= TRIES
            ):
                return _grant(before)
            if before is None:
                since = head.timestamp - DAY_SECONDS
                recent, records = rows.totals(session, asked.dataset, since)
                if not rules.has_room(policy, registered.records, records):
                    raise PeerError("The owner has shown as much of this dataset as it allows.")
                if recent >= policy.buyers_a_day:
                    raise PeerError(
                        "The owner has given as many samples as it allows in a day. "
                        "Ask again tomorrow."
                    )
            block = max(head.number, asked.head) + AHEAD_BLOCKS
            count = before.records if before else rules.records_for_one(policy, registered.records)
            value = SampleGrant(asked.dataset, peer.identity, block, count)
            kept = Given(
                dataset=asked.dataset,
                buyer=peer.identity,
                at=head.timestamp,
                tries=before.tries + 1 if before else 1,
                block=block,
                records=count,
                signature=self._identity.sign(value),
            )
            rows.save_given(session, kept)
        self._changed()
        return _grant(kept)

    # opening

    async def _open(self, peer: Peer, asked: Open, own: OwnDataset, policy: SamplePolicy) -> Sample:
        with self._database.read() as session:
            given = rows.given(session, asked.dataset, peer.identity)
        if given is None or given.block != asked.block:
            raise PeerError("No sample was agreed to for that block.")
        if not given.block_hash:
            await self._is_final(asked)
            async with self._one_at_a_time:
                await self._open_once(given, asked.hash, own, policy)
        with self._database.read() as session:
            given = rows.given(session, asked.dataset, peer.identity) or given
            opened = rows.given_bytes(session, asked.dataset, peer.identity)
        if given.block_hash != asked.hash:
            raise PeerError("The sample was opened for another block of that number.")
        return samples.decode(opened)

    async def _is_final(self, asked: Open) -> None:
        """Unreachable unless this block is the one of its number, for good."""
        if asked.block > self._ledger.final_block:
            raise Unreachable("The block that draws the sample is not final here yet.")
        try:
            block = await trio.to_thread.run_sync(self._ledger.gateway.block, asked.block)
        except ChainError as error:
            raise Unreachable("The owner cannot read the record at the moment.") from error
        if block is None or block.hash != asked.hash:
            raise Unreachable("The block that draws the sample is another one here.")

    async def _open_once(
        self, given: Given, block_hash: bytes, own: OwnDataset, policy: SamplePolicy
    ) -> None:
        with self._database.read() as session:
            again = rows.given(session, given.dataset, given.buyer)
        if again is None or again.block_hash:
            return
        try:
            sample = await trio.to_thread.run_sync(
                partial(self._opened, given, block_hash, own, policy)
            )
        except ContentError as error:
            raise Unreachable(
                "The owner's files are not where they were, or not what was registered."
            ) from error
        with self._database.begin() as session:
            encoded = samples.encode(sample)
            rows.keep_given(session, given.dataset, given.buyer, block_hash, encoded)
        self._changed()

    def _opened(
        self, given: Given, block_hash: bytes, own: OwnDataset, policy: SamplePolicy
    ) -> Sample:
        """In a worker thread."""
        content = self._content(own)
        buyer = address_bytes(given.buyer)
        drawn = samples.draw(block_hash, given.dataset, buyer, own.records, given.records)
        withheld = (
            ()
            if policy.personal
            else tuple(
                number for number in drawn if looks_personal(content.around(number, LONGEST_BYTES))
            )
        )
        shown = [number for number in drawn if number not in withheld]
        leaves = self._profile.leaves(own.key)
        return Sample(tuple(samples.open_records(content, shown, leaves)), withheld)

    def _content(self, own: OwnDataset) -> Content:
        if own.manifest is None:
            raise ContentError("The files of this dataset have not been found again yet.")
        return Content(
            Path(own.path),
            Manifest.decode(own.manifest),
            self._identity.wallet.salt_key(own.salt_nonce),
            Fingerprint(own.content_id, own.root, own.records, own.length),
        )


def _key(dataset: bytes) -> str:
    return f"sample:{dataset.hex()}"


def _grant(given: Given) -> Grant:
    return Grant(given.block, given.records, given.signature)
