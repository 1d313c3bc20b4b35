"""Sessions that can be listed and ended, invitations, second factors and other sign-in services."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Who is logged in logs in once more: nothing is known of where from."""
    op.execute("DELETE FROM crm.session")
    for column in (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("address", "agent", "method", "need")),
    ):
        op.add_column("session", column, schema="crm")
    op.create_unique_constraint("session_id_key", "session", ["id"], schema="crm")
    op.create_table(
        "account_link",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("hash"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_account_link_user"), "account_link", ["user"], schema="crm")
    op.create_table(
        "second_factor",
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("user"),
        schema="crm",
    )
    op.create_table(
        "recovery_code",
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("user", "hash"),
        schema="crm",
    )
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("user", "issuer"),
        schema="crm",
    )
    op.create_table(
        "sign_in",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="crm",
    )


def downgrade() -> None:
    for table in ("sign_in", "identity", "recovery_code", "second_factor", "account_link"):
        op.drop_table(table, schema="crm")
    op.drop_constraint("session_id_key", "session", schema="crm")
    for column in ("need", "method", "agent", "address", "last_used_at", "id"):
        op.drop_column("session", column, schema="crm")
