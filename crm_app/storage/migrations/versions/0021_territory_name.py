"""Territories read as records go by a name that no workspace's own object has; where this ran before 0016 was mended,
they still go by the old one.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_RENAMED = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_views WHERE schemaname = 'data' AND viewname = 'territory') THEN
        ALTER VIEW data.territory RENAME TO access_territory;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute(_RENAMED)


def downgrade() -> None:
    """The name of 0016 stays."""
