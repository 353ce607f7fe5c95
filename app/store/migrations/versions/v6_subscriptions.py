"""Version 6: subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("thread", sa.String(32), nullable=False),
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread"),
    )
    op.create_index("ix_subscriptions_id", "subscriptions", ["id"])
