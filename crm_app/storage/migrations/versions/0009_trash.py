"""Deleted records, with what is needed to put them back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trash",
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("root", sa.Uuid(), nullable=True),
        sa.Column("links", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cleared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("record"),
        schema="crm",
    )
    op.create_index("trash_object", "trash", ["object", sa.literal_column("at DESC")], unique=False, schema="crm")
    op.create_index(op.f("ix_crm_trash_root"), "trash", ["root"], unique=False, schema="crm")


def downgrade() -> None:
    op.drop_table("trash", schema="crm")
