"""Every version of the definitions whole, what each publication did, and what packages brought."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "definition_history",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("schema_version", "kind", "name"),
        schema="crm",
    )
    op.create_table(
        "publication",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        schema="crm",
    )
    op.create_table(
        "installed_package",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bodies", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="crm",
    )
    op.execute(
        "INSERT INTO crm.definition_history (schema_version, kind, name, body) "
        "SELECT schema_version, kind, name, body FROM crm.definition"
    )
    op.execute(
        "INSERT INTO crm.publication (version, at, actor, note, plan) "
        "SELECT schema_version, now(), '{}', 'all that was published before publications were kept', '{\"lines\": []}' "
        "FROM crm.workspace WHERE schema_version > 0"
    )


def downgrade() -> None:
    for table in ("installed_package", "publication", "definition_history"):
        op.drop_table(table, schema="crm")
