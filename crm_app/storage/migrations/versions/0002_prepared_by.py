"""Which version of the product made the workspace ready, so that a start need not do it again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspace", sa.Column("prepared_by", sa.String(), nullable=False, server_default=""), schema="crm")
    op.execute("UPDATE crm.workspace SET prepared_by = 'an earlier version'")


def downgrade() -> None:
    op.drop_column("workspace", "prepared_by", schema="crm")
