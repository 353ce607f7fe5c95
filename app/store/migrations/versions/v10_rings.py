"""Version 10: stars of a ring, which are not shown, are not searched by either.

What is kept of ratings beside the listings is worked out anew (`app.store.ratings`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from app.store import ratings

revision = "10"
down_revision = "9"
branch_labels = None
depends_on = None

_RATED = """
    SELECT l.number, r.dataset_id FROM listings l JOIN registrations r ON r.number = l.number
    WHERE l.rating IS NOT NULL
"""


def upgrade() -> None:
    connection = op.get_bind()
    rated = connection.execute(sa.text(_RATED)).all()
    with Session(connection) as session:
        stars = ratings.tenths(session, [dataset for _, dataset in rated])
    kept = sa.text("UPDATE listings SET rating = :stars WHERE number = :number")
    for number, dataset in rated:
        connection.execute(kept, {"stars": stars.get(dataset), "number": number})
