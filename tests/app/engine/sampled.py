"""An owner and a buyer of samples: real databases, keys and files, and a chain the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from app.domain import codec, listing
from app.domain.commands import Description
from app.domain.sample_commands import SetSamplePolicy
from app.domain.samples import SamplePolicy
from app.domain.snapshots.datasets import Profile as TableProfile
from app.engine.ledger import Ledger
from app.engine.profile import Profile
from app.engine.sample_asking import SampleAsking
from app.engine.sample_giving import SampleGiving
from app.store import datasets
from app.store.datasets import OwnDataset
from app.store.index import Index
from chain import agreement
from chain.answers import Block
from chain.indexer import ChainEvent, Cursor
from chain.listing import encode_listing
from chain.registry_events import Registered
from p2p.fingerprint import fingerprint
from p2p.records import Fingerprint
from tests.app.engine.sides import NETWORK, NOW, OWNER, TOKEN, Side

SALT_NONCE = b"n" * 32


def hash_of(number: int, fork: str = "") -> bytes:
    return sha256(f"block {number} {fork}".encode()).digest()


@dataclass
class Chain:
    """As much of a ledger as samples look at. ``fork`` names the hashes of its blocks."""

    number: int = 100
    fork: str = ""
    confirmations: int = 2

    @property
    def head(self) -> Block:
        return self.block_at(self.number)

    @property
    def now(self) -> int:
        return self.head.timestamp

    @property
    def final_block(self) -> int:
        return self.number - self.confirmations

    @property
    def gateway(self) -> Chain.Gateway:
        return Chain.Gateway(self)

    def block_at(self, number: int) -> Block:
        return Block(number, hash_of(number, self.fork), NOW + number)

    @dataclass
    class Gateway:
        chain: Chain

        def head(self) -> Block:
            return self.chain.head

        def block(self, number: int) -> Block | None:
            return self.chain.block_at(number) if number <= self.chain.number else None


@dataclass
class Owner:
    """Has a dataset on record with the content given, of which buyers may see a sample."""

    side: Side
    folder: Path
    content: bytes
    description: Description = Description(title="Wind", what="Speeds")
    profile: TableProfile | None = None
    chain: Chain = field(default_factory=Chain)

    def __post_init__(self) -> None:
        profile = Profile.at(self.folder / "profile")
        self.file = self.folder / "data.csv"
        self.file.write_bytes(self.content)
        self.leaves = profile.leaves("d" * 32)
        self.leaves.parent.mkdir(parents=True, exist_ok=True)
        made = fingerprint(
            self.file,
            OWNER.salt_key(SALT_NONCE),
            self.leaves,
            progress=lambda done, of: None,
            cancelled=lambda: False,
        )
        self.fingerprint = made.fingerprint
        self.dataset = agreement.dataset_id(
            NETWORK.registry, OWNER.address, self.fingerprint.root, self.fingerprint.records
        )
        own = OwnDataset(
            "d" * 32,
            str(self.file),
            NOW,
            manifest=made.manifest.encode(),
            salt_nonce=SALT_NONCE,
            content_id=self.fingerprint.content_id,
            root=self.fingerprint.root,
            records=self.fingerprint.records,
            length=self.fingerprint.length,
            files=1,
            description=self.description,
            profile=self.profile,
            dataset_id=self.dataset,
            state="registered",
        )
        with self.side.database.begin() as session:
            datasets.save(session, own)
        on_record(self.side, self.dataset, self.fingerprint)
        self.giving = SampleGiving(
            profile,
            self.side.database,
            cast(Ledger, self.chain),
            self.side.identity,
            lambda: None,
        )
        self.allow()

    def allow(self, **changes: Any) -> None:
        policy = codec.decode(
            SamplePolicy, codec.encode(SamplePolicy(**{"allowed": True, **changes}))
        )
        self.giving.set_policy(SetSamplePolicy(self.dataset.hex(), policy))


def on_record(side: Side, dataset: bytes, made: Fingerprint) -> None:
    said = listing.document(
        description=Description(title="Wind", what="Speeds"),
        terms={},
        token=TOKEN,
        price_units=5_000_000,
        files=1,
        profile=None,
    )
    body = Registered(
        dataset=dataset,
        registrant=OWNER.address,
        committed_at=NOW - 100,
        content_id=made.content_id,
        root=made.root,
        records=made.records,
        length=made.length,
        salt_nonce=SALT_NONCE,
        parent=bytes(32),
        listing=encode_listing(said),
    )
    block = Block(11, hash_of(11), NOW - 80)
    event = ChainEvent(block.number, block.hash, block.timestamp, b"t" * 32, 0, body)
    Index(side.database).apply([event], [block], Cursor(block.number, block.hash))


@contextmanager
def buyer_of(side: Side, owner: Owner) -> Iterator[SampleAsking]:
    """A buyer's side that sees the owner's registration and the same chain."""
    on_record(side, owner.dataset, owner.fingerprint)
    yield SampleAsking(side.database, cast(Ledger, owner.chain), side.identity, lambda: None)
