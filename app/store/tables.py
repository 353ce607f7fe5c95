"""Every table: the journal of this profile, and below it the chain's record as it was indexed.

The rows never leave `app.store`; its functions give out frozen dataclasses. Amounts are
`Uint256`, times unix seconds, addresses EIP-55 text. Foreign text (listings, profiles) is data
like any other here; screens show it as plain text.
"""

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.types import Bytes, Bytes32, RowId, Uint96, Uint256


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bytes: Bytes,
        dict[str, Any]: JSON,
    }


# The journal


class OrderRow(Base):
    """The cached fold of an order's events; `fold` is the whole `app.domain.order.Order`."""

    __tablename__ = "orders"

    thread: Mapped[str] = mapped_column(String(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    open: Mapped[bool] = mapped_column(index=True)
    order_id: Mapped[bytes | None] = mapped_column(Bytes32, index=True)
    changed_at: Mapped[int]
    fold: Mapped[str]


class OrderEventRow(Base):
    """One event. A chain event that a reorganisation took back stays, as `dropped`: the numbers
    of the others, which effects refer to, do not move."""

    __tablename__ = "order_events"

    thread: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str]
    block: Mapped[int | None] = mapped_column(index=True)
    key_commit: Mapped[bytes | None] = mapped_column(Bytes32, index=True)
    dropped: Mapped[bool] = mapped_column(default=False)


class SubscriptionRow(Base):
    """`body` is the whole `app.domain.subscriptions.Subscription`; `id` that of its last proposal,
    which the terms of its orders name."""

    __tablename__ = "subscriptions"

    thread: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[bytes] = mapped_column(Bytes32, index=True)
    changed_at: Mapped[int]
    body: Mapped[str]


class BuyerNonceRow(Base):
    """The next counter of the buyer's secrets towards one owner."""

    __tablename__ = "buyer_nonces"

    owner: Mapped[str] = mapped_column(String(42), primary_key=True)
    next: Mapped[int]


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("thread", "kind", "payload"),
        Index("ix_outbox_waiting", "done", "due_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    thread: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str]
    seq: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    done: Mapped[bool] = mapped_column(default=False)


class EntryRow(Base):
    """A transaction of ours, from the wish to the final block."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    what: Mapped[str] = mapped_column(String(40))
    thread: Mapped[str] = mapped_column(String(32), index=True)
    dataset: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str]
    to: Mapped[str] = mapped_column(String(42))
    data: Mapped[bytes]
    value_wei: Mapped[int] = mapped_column(Uint256)
    nonce: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20), index=True)
    block_number: Mapped[int | None]
    block_hash: Mapped[bytes | None] = mapped_column(Bytes32)
    tx_hash: Mapped[bytes | None] = mapped_column(Bytes32)
    gas_used: Mapped[int | None]
    fee_wei: Mapped[int | None] = mapped_column(Uint256)
    made_at: Mapped[int]
    recorded_at: Mapped[int | None]
    problem: Mapped[str]


class AttemptRow(Base):
    """A signed form of an entry; the later ones with the same nonce offer a higher fee."""

    __tablename__ = "entry_attempts"

    hash: Mapped[bytes] = mapped_column(Bytes32, primary_key=True)
    entry_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    raw: Mapped[bytes]
    max_fee_wei: Mapped[int] = mapped_column(Uint256)
    at: Mapped[int]


class OwnDatasetRow(Base):
    """Bytes are empty and numbers zero until the reading pass has found them."""

    __tablename__ = "own_datasets"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    path: Mapped[str]
    made_at: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    manifest: Mapped[bytes | None]
    salt_nonce: Mapped[bytes]
    content_id: Mapped[bytes]
    root: Mapped[bytes]
    records: Mapped[int]
    length: Mapped[int]
    files: Mapped[int]
    description: Mapped[str]
    terms: Mapped[str]
    token: Mapped[str]
    price_units: Mapped[int | None] = mapped_column(Uint256)
    profile: Mapped[str | None]
    register_salt: Mapped[bytes]
    listing: Mapped[bytes]
    dataset_id: Mapped[bytes | None] = mapped_column(Bytes32, unique=True)
    parent: Mapped[bytes | None] = mapped_column(Bytes32)


class TextRow(Base):
    __tablename__ = "texts"

    number: Mapped[int] = mapped_column(RowId, primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    thread: Mapped[str] = mapped_column(String(32), index=True)
    dataset: Mapped[str] = mapped_column(String(64), index=True)
    other: Mapped[str] = mapped_column(String(42), index=True)
    mine: Mapped[bool]
    at: Mapped[int]
    text: Mapped[str]
    stored_by_peer: Mapped[bool]


class ReceivedRow(Base):
    """The id of every message a peer sent us, so that a repeat changes nothing."""

    __tablename__ = "received"

    message_id: Mapped[str] = mapped_column(String(32), primary_key=True)


class PeerRow(Base):
    __tablename__ = "peers"

    identity: Mapped[str] = mapped_column(String(42), primary_key=True)
    peer_id: Mapped[str]
    seal_key: Mapped[bytes] = mapped_column(Bytes32)
    addresses: Mapped[str]
    seen_at: Mapped[int]


class SampleGivenRow(Base):
    """A sample this owner agreed to: which block draws it, and what was opened then."""

    __tablename__ = "samples_given"

    dataset: Mapped[bytes] = mapped_column(Bytes32, primary_key=True)
    buyer: Mapped[str] = mapped_column(String(42), primary_key=True)
    at: Mapped[int]
    tries: Mapped[int]
    block: Mapped[int]
    records: Mapped[int]
    signature: Mapped[bytes]
    block_hash: Mapped[bytes]
    opened: Mapped[bytes] = mapped_column(deferred=True)


class SampleRow(Base):
    """A sample this buyer asked for, and what came of it; `opened` is `p2p.samples.encode`."""

    __tablename__ = "samples"

    dataset: Mapped[bytes] = mapped_column(Bytes32, primary_key=True)
    owner: Mapped[str] = mapped_column(String(42))
    state: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str]
    asked_at: Mapped[int]
    late: Mapped[int]
    block: Mapped[int]
    block_time: Mapped[int]
    block_hash: Mapped[bytes]
    records: Mapped[int]
    signature: Mapped[bytes]
    opened: Mapped[bytes] = mapped_column(deferred=True)


class PrivateRow(Base):
    """What the person keeps to itself about a party or a dataset."""

    __tablename__ = "private"

    about: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str]
    labels: Mapped[str]
    contact: Mapped[bool]
    blocked: Mapped[bool]


class SettingRow(Base):
    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


# The record: the log of both contracts, and what follows from it


class ChainEventRow(Base):
    """One log entry that is no registration: those are in `RegistrationRow` alone. `seq` grows with
    (block, log_index) and is never given out twice, not even after a reorganisation. `subject` is
    the dataset, the order or the account it is about."""

    __tablename__ = "chain_events"
    __table_args__ = (
        UniqueConstraint("block", "log_index"),
        Index(
            "ix_chain_events_subject",
            "subject",
            sqlite_where=text("kind <> 'registry.Committed'"),
        ),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(RowId, primary_key=True)
    block: Mapped[int]
    log_index: Mapped[int]
    block_hash: Mapped[bytes] = mapped_column(Bytes32)
    block_time: Mapped[int]
    tx_hash: Mapped[bytes] = mapped_column(Bytes32)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[bytes]
    body: Mapped[Any] = mapped_column(Text)  # `bodies`: bytes; in rows of before version 7 text


class BlockRow(Base):
    """Hashes of recent blocks, to find where a reorganisation began."""

    __tablename__ = "chain_blocks"

    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(Bytes32)


class RegistrationRow(Base):
    """A registered dataset, and the log's entry of its registration: of what an event brings only
    the listing changes, and then `first_listing` keeps it as it was. `number` grows with the place
    in the chain and stays while the listing and the title change; those above a fork are given out
    again. What hashes and addresses are found by is in `starts`."""

    __tablename__ = "registrations"
    __table_args__ = (
        Index("ix_registrations_order", "block", "log_index"),
        Index("ix_registrations_parent", "parent", sqlite_where=text(f"parent <> x'{'00' * 32}'")),
    )

    number: Mapped[int] = mapped_column(RowId, primary_key=True)
    dataset_id: Mapped[bytes] = mapped_column(Bytes32)
    registrant: Mapped[str] = mapped_column(String(42))
    title_holder: Mapped[str] = mapped_column(String(42))
    committed_at: Mapped[int]
    registered_at: Mapped[int]
    content_id: Mapped[bytes] = mapped_column(Bytes32)
    root: Mapped[bytes] = mapped_column(Bytes32)
    records: Mapped[int]
    length: Mapped[int]
    salt_nonce: Mapped[bytes] = mapped_column(Bytes32)
    parent: Mapped[bytes] = mapped_column(Bytes32)
    listing: Mapped[bytes]
    first_listing: Mapped[bytes | None]
    withdrawn: Mapped[bool]
    block: Mapped[int]
    log_index: Mapped[int]
    tx_hash: Mapped[bytes] = mapped_column(Bytes32)
    block_hash: Mapped[bytes] = mapped_column(Bytes32)


class StartRow(Base):
    """The start of a hash or an address in a registration (`app.store.starts`). Key and row are the
    same: the table is its own index."""

    __tablename__ = "starts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[bytes] = mapped_column(primary_key=True)
    age: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class StartRunRow(Base):
    """Starts that are not in `starts` yet: of the registrations from number `first` on, one behind
    the other."""

    __tablename__ = "start_runs"

    kind: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts: Mapped[bytes]


class ListingRow(Base):
    """What people filter by, of the datasets on offer whose listings have been read. Narrow: a
    million of them are looked through in a moment; the indexes are for filters that leave few. The
    words are in `search`'s own tables."""

    __tablename__ = "listings"
    __table_args__ = (
        Index("ix_listings_price", "token", "price"),
        Index("ix_listings_length", "length"),
        Index("ix_listings_rating", "rating", sqlite_where=text("rating IS NOT NULL")),
    )

    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(42))
    field: Mapped[str]
    region: Mapped[str]
    licence: Mapped[str] = mapped_column(String(10))
    table: Mapped[bool]
    token: Mapped[str] = mapped_column(String(42))
    price: Mapped[int | None] = mapped_column(Uint96)
    length: Mapped[int]
    rating: Mapped[int | None]
    committed_at: Mapped[int]


class WantRow(Base):
    __tablename__ = "wants"
    __table_args__ = (Index("ix_wants_newest", "block", "want_id"),)

    want_id: Mapped[bytes] = mapped_column(Bytes32, primary_key=True)
    account: Mapped[str] = mapped_column(String(42))
    expires: Mapped[int]
    content: Mapped[bytes]
    at: Mapped[int]
    block: Mapped[int]


class SketchBandRow(Base):
    """A band of a registered sketch (`app.domain.similarity.bands`). The registration is named by
    its place in the log, which is short and sorts those of a band by age."""

    __tablename__ = "sketch_bands"
    __table_args__ = ({"sqlite_with_rowid": False},)

    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ProfileRow(Base):
    __tablename__ = "profiles"

    address: Mapped[str] = mapped_column(String(42), primary_key=True)
    name: Mapped[str]
    peer_id: Mapped[str]
    seal_key: Mapped[bytes] = mapped_column(Bytes32)
    addresses: Mapped[str]
    block: Mapped[int]


class ChainOrderRow(Base):
    __tablename__ = "chain_orders"
    __table_args__ = (Index("ix_chain_orders_sold", "owner", "state", "buyer"),)

    order_id: Mapped[bytes] = mapped_column(Bytes32, primary_key=True)
    dataset: Mapped[bytes] = mapped_column(Bytes32, index=True)
    owner: Mapped[str] = mapped_column(String(42), index=True)
    buyer: Mapped[str] = mapped_column(String(42), index=True)
    token: Mapped[str] = mapped_column(String(42))
    price: Mapped[int] = mapped_column(Uint256)
    state: Mapped[str] = mapped_column(String(20))
    deadline: Mapped[int]
    delivery_root: Mapped[bytes]
    secret: Mapped[bytes]
    scores: Mapped[bytes]
    review: Mapped[bytes]
    funded_at: Mapped[int]
    changed_at: Mapped[int]
    block: Mapped[int]


# Other networks: what was registered there. Nothing of the journal depends on it


class OtherRegistrationRow(Base):
    """As `RegistrationRow`, as it was when it was registered: what came later is not read."""

    __tablename__ = "other_registrations"

    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dataset_id: Mapped[bytes] = mapped_column(Bytes32, index=True)
    registrant: Mapped[str] = mapped_column(String(42))
    committed_at: Mapped[int]
    registered_at: Mapped[int]
    content_id: Mapped[bytes] = mapped_column(Bytes32, index=True)
    root: Mapped[bytes] = mapped_column(Bytes32, index=True)
    records: Mapped[int]
    length: Mapped[int]
    listing: Mapped[bytes]
    block_hash: Mapped[bytes] = mapped_column(Bytes32)
    tx_hash: Mapped[bytes] = mapped_column(Bytes32)


class OtherBlockRow(Base):
    __tablename__ = "other_blocks"

    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(Bytes32)


class OtherBandRow(Base):
    """As `SketchBandRow`."""

    __tablename__ = "other_bands"
    __table_args__ = (
        Index("ix_other_bands_place", "chain_id", "block"),
        {"sqlite_with_rowid": False},
    )

    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
