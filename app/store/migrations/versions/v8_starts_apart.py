"""Version 8: starts of hashes and addresses are in two tables of their own (`app.store.starts`).

They take the place of four indexes of `registrations`, which is written anew without them; the log
is indexed by what is not found through a registration. Filters that leave few have indexes.
"""

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision = "7"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STARTS = """
    SELECT 0, substr(dataset_id, 1, 8), 0, number FROM registrations
    UNION ALL SELECT 1, substr(content_id, 1, 8), committed_at, number FROM registrations
    UNION ALL SELECT 2, substr(root, 1, 8), committed_at, number FROM registrations
    UNION ALL SELECT 3, CAST(substr(title_holder, 3, 8) AS BLOB), 0, number FROM registrations
    ORDER BY 1, 2, 3, 4
"""


def upgrade() -> None:
    op.drop_index("ix_chain_events_subject", "chain_events")
    op.create_index(
        "ix_chain_events_subject",
        "chain_events",
        ["subject"],
        sqlite_where=sa.text("kind NOT IN ('registry.Registered', 'registry.Committed')"),
    )
    for name in ("content", "root", "title_holder", "order", "parent"):
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
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.execute("INSERT INTO registrations SELECT * FROM registrations_before ORDER BY number")
    op.drop_table("registrations_before")
    op.create_index("ix_registrations_order", "registrations", ["block", "log_index"])
    op.create_index(
        "ix_registrations_parent",
        "registrations",
        ["parent"],
        sqlite_where=sa.text(f"parent <> x'{'00' * 32}'"),
    )
    for name in ("starts", "new_starts"):
        op.create_table(
            name,
            sa.Column("kind", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("start", sa.LargeBinary(), nullable=False),
            sa.Column("age", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("kind", "start", "age", "number"),
            sqlite_with_rowid=False,
        )
    op.execute(f"INSERT INTO starts {_STARTS}")
    op.create_index("ix_listings_price", "listings", ["token", "price"])
    op.create_index("ix_listings_length", "listings", ["length"])
    op.create_index(
        "ix_listings_rating", "listings", ["rating"], sqlite_where=sa.text("rating IS NOT NULL")
    )
