"""Version 9: a registration is in the log by its row alone, which holds all that its event said.

`registrations` gets the block's hash and, where the listing was changed, the first one; both come
from the log, whose entries of registrations then go. Starts of many registrations are kept in runs
before they are put into `starts`, in place of a second table like it (`app.store.starts`).
"""

import sqlalchemy as sa
from alembic import op

from app.store import bodies

revision = "9"
down_revision = "8"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REGISTERED = "kind = 'registry.Registered'"
_COPIED = f"""
    INSERT INTO registrations
    SELECT number, dataset_id, registrant, title_holder, r.committed_at, registered_at, content_id,
        root, records, length, salt_nonce, parent, listing, NULL, withdrawn, r.block, r.log_index,
        r.tx_hash, coalesce(e.block_hash, zeroblob(32))
    FROM registrations_before r LEFT JOIN chain_events e
        ON e.block = r.block AND e.log_index = r.log_index AND {_REGISTERED}
    ORDER BY number
"""
_CHANGED = f"""
    SELECT number, e.body FROM registrations r JOIN chain_events e
        ON e.block = r.block AND e.log_index = r.log_index AND {_REGISTERED}
    WHERE dataset_id IN (SELECT subject FROM chain_events WHERE kind = 'registry.ListingUpdated')
"""


def upgrade() -> None:
    for name in ("order", "parent"):
        op.drop_index(f"ix_registrations_{name}", "registrations")
    op.rename_table("registrations", "registrations_before")
    op.create_table(
        "registrations",
        sa.Column("number", _ROW_ID, nullable=False),
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
        sa.Column("first_listing", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.execute(_COPIED)
    op.drop_table("registrations_before")
    op.create_index("ix_registrations_order", "registrations", ["block", "log_index"])
    op.create_index(
        "ix_registrations_parent",
        "registrations",
        ["parent"],
        sqlite_where=sa.text(f"parent <> x'{'00' * 32}'"),
    )
    connection = op.get_bind()
    changed = connection.execute(sa.text(_CHANGED))
    first = sa.text("UPDATE registrations SET first_listing = :listing WHERE number = :number")
    for number, body in changed.all():
        said = bodies.decode("registry.Registered", body)
        connection.execute(first, {"number": number, "listing": said.listing})
    op.execute(f"DELETE FROM chain_events WHERE {_REGISTERED}")
    op.drop_index("ix_chain_events_subject", "chain_events")
    op.create_index(
        "ix_chain_events_subject",
        "chain_events",
        ["subject"],
        sqlite_where=sa.text("kind <> 'registry.Committed'"),
    )
    op.execute("INSERT INTO starts SELECT * FROM new_starts ORDER BY 1, 2, 3, 4")
    op.execute("DELETE FROM settings WHERE key = 'starts.new'")
    op.drop_table("new_starts")
    op.create_table(
        "start_runs",
        sa.Column("kind", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("starts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "first"),
    )
