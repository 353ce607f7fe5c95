"""Version 10: stars of a ring, which are not shown, are not searched by either.

What is kept of ratings beside the listings has to be worked out anew (`app.store.ratings`): version
11 has all listings read again.
"""

revision = "10"
down_revision = "9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing before version 11."""
