"""Version 3: registrations on other networks, which are checked beside the one in use."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "other_registrations",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("dataset_id", sa.LargeBinary(32), nullable=False),
        sa.Column("registrant", sa.String(42), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(32), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.LargeBinary(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block", "log_index"),
    )
    for name in ("content_id", "root", "dataset_id"):
        op.create_index(f"ix_other_registrations_{name}", "other_registrations", [name])
    op.create_table(
        "other_blocks",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "number"),
    )
    op.create_table(
        "other_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("band", "chain_id", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_other_bands_place", "other_bands", ["chain_id", "block"])
