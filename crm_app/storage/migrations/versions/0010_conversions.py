"""Conversions under way, and what is written meanwhile."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TELL = """
CREATE FUNCTION crm.tell_conversion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm.conversion_news (id, conversion, record)
    VALUES (gen_random_uuid(), CAST(TG_ARGV[0] AS uuid), NEW.id);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "conversion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stored_in", sa.String(), nullable=False),
        sa.Column("added", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_table(
        "conversion_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversion", sa.Uuid(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.execute(_TELL)


def downgrade() -> None:
    op.execute("DROP FUNCTION crm.tell_conversion() CASCADE")
    op.drop_table("conversion_news", schema="crm")
    op.drop_table("conversion", schema="crm")
