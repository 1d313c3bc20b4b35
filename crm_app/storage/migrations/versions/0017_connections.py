"""Connections to other machines, and the mail that goes out through them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="crm",
    )
    texts = ("subject", "body", "html")
    names = ("connection", "reply_to", "message_id", "object", "automation", "state")
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipients", JSONB(), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in (*texts, "error")],
        *[sa.Column(name, sa.String(), nullable=False) for name in names],
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("runner", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        schema="crm",
    )
    op.create_index("mail_of_record", "mail", ["object", "record", sa.text("id DESC")], schema="crm")
    op.create_table(
        "mail_suppression",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address"),
        schema="crm",
    )


def downgrade() -> None:
    for name in ("mail_suppression", "mail", "connection"):
        op.drop_table(name, schema="crm")
