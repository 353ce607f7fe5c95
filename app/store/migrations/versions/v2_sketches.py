"""Version 2: registered tables are found by their sketches, and new versions by what they follow.

Listings of version 1 had no sketches. Those of newer apps that version 1 has read are found once
the record is read anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sketch_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("band", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_registrations_parent", "registrations", ["parent"])
    op.add_column("own_datasets", sa.Column("parent", sa.LargeBinary(32), nullable=True))
