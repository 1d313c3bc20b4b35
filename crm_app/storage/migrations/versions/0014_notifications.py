"""What people are told inside the product, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_index("notification_of_user", "notification", ["user", sa.text("id DESC")], schema="crm")
    op.create_index(
        "notification_unread", "notification", ["user"], schema="crm", postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "rota",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("rota", schema="crm")
    op.drop_table("notification", schema="crm")
