"""Version 5: samples that were given, and samples that were asked for; who sold to whom."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "samples_given",
        sa.Column("dataset", sa.LargeBinary(32), nullable=False),
        sa.Column("buyer", sa.String(42), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("opened", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "buyer"),
    )
    op.create_table(
        "samples",
        sa.Column("dataset", sa.LargeBinary(32), nullable=False),
        sa.Column("owner", sa.String(42), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("opened", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dataset"),
    )
    op.create_index("ix_samples_state", "samples", ["state"])
    op.create_index("ix_chain_orders_sold", "chain_orders", ["owner", "state", "buyer"])
