"""Who stands behind a version of an automation: a run may do what its runner and this person both may. Of what was
published before, it is the person who is said to have done it; nobody where that was the product itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KNOWN = """
UPDATE crm.definition_version v SET publisher = u.id
FROM crm.definition_history h JOIN crm.publication p ON p.version = h.schema_version
JOIN crm.app_user u ON CAST(u.id AS text) = p.actor ->> 'user'
WHERE h.kind = v.kind AND h.name = v.name AND h.body = v.body
  AND h.schema_version = (SELECT max(last.schema_version) FROM crm.definition_history last
                          WHERE last.kind = v.kind AND last.name = v.name AND last.body = v.body)
"""


def upgrade() -> None:
    op.add_column("definition_version", sa.Column("publisher", sa.Uuid(), nullable=True), schema="crm")
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_column("definition_version", "publisher", schema="crm")
