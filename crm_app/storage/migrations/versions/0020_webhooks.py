"""Addresses at which other systems start automations, and the messages that came."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("automation"),
        sa.UniqueConstraint("token_hash"),
        schema="crm",
    )
    op.create_table(
        "webhook_message",
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("automation", "message"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("webhook_message", schema="crm")
    op.drop_table("webhook", schema="crm")
