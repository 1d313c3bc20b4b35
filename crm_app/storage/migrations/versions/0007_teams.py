"""Teams, in the shape of an object's table: relations, rules and searches read them like any record."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEAMS = """
CREATE VIEW data.team AS
SELECT id, 1 AS version, NULL::uuid AS owner, 'epoch'::timestamptz AS created_at, NULL::uuid AS created_by,
       'epoch'::timestamptz AS updated_at, NULL::uuid AS updated_by, NULL::timestamptz AS deleted_at,
       name::text, manager, parent
FROM crm.team
"""


def upgrade() -> None:
    op.execute(_TEAMS)


def downgrade() -> None:
    op.execute("DROP VIEW data.team")
