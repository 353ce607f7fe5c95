"""Version 1: the journal of a profile and the record as it was indexed."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "buyer_nonces",
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.create_table(
        "chain_blocks",
        sa.Column("number", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "chain_events",
        sa.Column("seq", _ROW_ID, nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("block", "log_index"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chain_events_subject", "chain_events", ["subject", "seq"], unique=False)
    op.create_table(
        "chain_orders",
        sa.Column("order_id", sa.LargeBinary(32), nullable=False),
        sa.Column("dataset", sa.LargeBinary(32), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("buyer", sa.String(length=42), nullable=False),
        sa.Column("token", sa.String(length=42), nullable=False),
        sa.Column("price", sa.String(64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("delivery_root", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("review", sa.LargeBinary(), nullable=False),
        sa.Column("funded_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(op.f("ix_chain_orders_buyer"), "chain_orders", ["buyer"], unique=False)
    op.create_index(op.f("ix_chain_orders_dataset"), "chain_orders", ["dataset"], unique=False)
    op.create_index(op.f("ix_chain_orders_owner"), "chain_orders", ["owner"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("to", sa.String(length=42), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("value_wei", sa.String(64), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.Column("fee_wei", sa.String(64), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_entries_dataset"), "entries", ["dataset"], unique=False)
    op.create_index(op.f("ix_entries_state"), "entries", ["state"], unique=False)
    op.create_index(op.f("ix_entries_thread"), "entries", ["thread"], unique=False)
    op.create_table(
        "entry_attempts",
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("max_fee_wei", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(
        op.f("ix_entry_attempts_entry_id"), "entry_attempts", ["entry_id"], unique=False
    )
    op.create_table(
        "order_events",
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("key_commit", sa.LargeBinary(32), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "number"),
    )
    op.create_index(op.f("ix_order_events_block"), "order_events", ["block"], unique=False)
    op.create_index(
        op.f("ix_order_events_key_commit"), "order_events", ["key_commit"], unique=False
    )
    op.create_table(
        "orders",
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.LargeBinary(32), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("fold", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    op.create_index(op.f("ix_orders_open"), "orders", ["open"], unique=False)
    op.create_index(op.f("ix_orders_order_id"), "orders", ["order_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread", "kind", "payload"),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["done", "due_at"], unique=False)
    op.create_table(
        "own_datasets",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=True),
        sa.Column("salt_nonce", sa.LargeBinary(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("price_units", sa.String(64), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("register_salt", sa.LargeBinary(), nullable=False),
        sa.Column("listing", sa.LargeBinary(), nullable=False),
        sa.Column("dataset_id", sa.LargeBinary(32), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("dataset_id"),
    )
    op.create_table(
        "peers",
        sa.Column("identity", sa.String(length=42), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("seal_key", sa.LargeBinary(32), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity"),
    )
    op.create_table(
        "profiles",
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("seal_key", sa.LargeBinary(32), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "received",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "registrations",
        sa.Column("dataset_id", sa.LargeBinary(32), nullable=False),
        sa.Column("registrant", sa.String(length=42), nullable=False),
        sa.Column("title_holder", sa.String(length=42), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(32), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("salt_nonce", sa.LargeBinary(32), nullable=False),
        sa.Column("parent", sa.LargeBinary(32), nullable=False),
        sa.Column("listing", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("price", sa.String(64), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id"),
    )
    op.create_index(
        op.f("ix_registrations_content_id"), "registrations", ["content_id"], unique=False
    )
    op.create_index(op.f("ix_registrations_field"), "registrations", ["field"], unique=False)
    op.create_index("ix_registrations_order", "registrations", ["block", "log_index"], unique=False)
    op.create_index(op.f("ix_registrations_region"), "registrations", ["region"], unique=False)
    op.create_index(op.f("ix_registrations_root"), "registrations", ["root"], unique=False)
    op.create_index(
        op.f("ix_registrations_title_holder"), "registrations", ["title_holder"], unique=False
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "texts",
        sa.Column("number", _ROW_ID, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=42), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stored_by_peer", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_texts_dataset"), "texts", ["dataset"], unique=False)
    op.create_index(op.f("ix_texts_other"), "texts", ["other"], unique=False)
    op.create_index(op.f("ix_texts_thread"), "texts", ["thread"], unique=False)
