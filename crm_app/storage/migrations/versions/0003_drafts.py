"""Drafts of definitions: one per administrator, with the steps that undo and redo take."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("bodies", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("user"),
        schema="crm",
    )
    op.create_table(
        "draft_step",
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("user", "number"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("draft_step", schema="crm")
    op.drop_table("draft", schema="crm")
