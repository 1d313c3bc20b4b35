"""An account of another sign-in service that its person connected here themselves, and the session that a second factor
is set up in. Of what was there before, nothing is taken for proven.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    proven = sa.Column("is_proven", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("identity", proven, schema="crm")
    op.alter_column("identity", "is_proven", server_default=None, schema="crm")
    op.add_column("second_factor", sa.Column("session", sa.String(), nullable=True), schema="crm")


def downgrade() -> None:
    op.drop_column("second_factor", "session", schema="crm")
    op.drop_column("identity", "is_proven", schema="crm")
