"""Version 11: the full-text index knows words by their first three to six letters, too.

Without that, FTS5 goes through every place of every word that begins so before it gives the first.
The index holds no texts, so all listings are read again, a few at a time beside everything else
(`app.store.search.follow`). Sketches stay: what is compared with them has no gap meanwhile.
"""

from alembic import op

revision = "11"
down_revision = "10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE listing_words")
        op.execute(
            "CREATE VIRTUAL TABLE listing_words USING fts5(title, rest, marks, content='', "
            "columnsize=0, detail=column, prefix='3 4 5 6', "
            "tokenize='unicode61 remove_diacritics 2')"
        )
    op.execute("DELETE FROM listings")
    op.execute("DELETE FROM settings WHERE key = 'search.read'")
