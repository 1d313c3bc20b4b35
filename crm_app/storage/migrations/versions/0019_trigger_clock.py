"""How far the clock of each automation has been looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trigger_clock",
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("automation"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("trigger_clock", schema="crm")
