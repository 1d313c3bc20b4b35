"""The moves of records through their pipelines, with how long each was in the stage that it left."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("pipeline", sa.String(), nullable=False),
        sa.Column("from_stage", sa.String(), nullable=False),
        sa.Column("to_stage", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_index("stage_move_record", "stage_move", ["object", "record", "at"], schema="crm")
    op.create_index("stage_move_stage", "stage_move", ["object", "pipeline", "from_stage"], schema="crm")


def downgrade() -> None:
    op.drop_table("stage_move", schema="crm")
