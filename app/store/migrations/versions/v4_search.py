"""Version 4: listings are searched by words and filters, registrations have numbers; private notes;
wants.

What was a column of `registrations` and stands in its listing is read from there; the words and
the sketches' bands are put in anew in the background (`app.store.search`).
"""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = (
    "dataset_id, registrant, title_holder, committed_at, registered_at, content_id, root, records, "
    "length, salt_nonce, parent, listing, withdrawn, block, log_index, tx_hash"
)


def upgrade() -> None:
    for name in ("content_id", "field", "order", "parent", "region", "root", "title_holder"):
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
        sa.UniqueConstraint("dataset_id"),
    )
    op.execute(
        f"INSERT INTO registrations ({_KEPT}) SELECT {_KEPT} FROM registrations_before "
        "ORDER BY block, log_index"
    )
    op.drop_table("registrations_before")
    op.create_index("ix_registrations_title_holder", "registrations", ["title_holder"])
    op.create_index("ix_registrations_content", "registrations", ["content_id", "committed_at"])
    op.create_index("ix_registrations_root", "registrations", ["root", "committed_at"])
    op.create_index("ix_registrations_order", "registrations", ["block", "log_index"])
    op.create_index(
        "ix_registrations_parent",
        "registrations",
        ["parent"],
        sqlite_where=sa.text(f"parent <> x'{'00' * 32}'"),
    )
    op.execute("DELETE FROM sketch_bands")
    op.create_table(
        "listings",
        sa.Column("number", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("licence", sa.String(length=10), nullable=False),
        sa.Column("table", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=42), nullable=False),
        sa.Column("price", sa.LargeBinary(12), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=True),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "wants",
        sa.Column("want_id", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("want_id"),
    )
    op.create_index("ix_wants_newest", "wants", ["block", "want_id"])
    op.create_table(
        "private",
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("contact", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("about"),
    )
    if op.get_context().dialect.name == "sqlite":
        # Contentless: only the index, no second copy of the listings. Columns, but no positions:
        # a sixth of the size, and words are looked for in titles first.
        op.execute(
            "CREATE VIRTUAL TABLE listing_words USING fts5(title, rest, marks, "
            "content='', columnsize=0, detail=column, tokenize='unicode61 remove_diacritics 2')"
        )
