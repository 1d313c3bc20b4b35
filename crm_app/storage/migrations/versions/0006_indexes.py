"""Why an index could not be built, and which lists took long."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_failure",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="crm",
    )
    op.create_table(
        "slow_list",
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("sorts", postgresql.JSONB(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("worst_ms", sa.Integer(), nullable=False),
        sa.Column("recent_ms", postgresql.JSONB(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shape"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("slow_list", schema="crm")
    op.drop_table("index_failure", schema="crm")
