"""Version 7: hashes and addresses of the record are indexed by their starts (`app.store.starts`).

Nothing that is stored changes. New rows of the log hold bytes where those before hold text, which
is read as before (`app.store.bodies`).
"""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision = "6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_chain_events_subject", "chain_events")
    for name in ("content", "root", "title_holder"):
        op.drop_index(f"ix_registrations_{name}", "registrations")
    about = sa.text("substr(subject, 1, 8)")
    op.create_index("ix_chain_events_subject", "chain_events", [about])
    content, root = (sa.text(f"substr({name}, 1, 8)") for name in ("content_id", "root"))
    op.create_index("ix_registrations_content", "registrations", [content, "committed_at"])
    op.create_index("ix_registrations_root", "registrations", [root, "committed_at"])
    holder = sa.text("substr(title_holder, 1, 8)")
    op.create_index("ix_registrations_title_holder", "registrations", [holder])
