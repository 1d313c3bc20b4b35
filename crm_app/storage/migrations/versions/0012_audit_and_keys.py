"""What the audit is searched by, keys below their person, and sessions that look as somebody or break glass."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("audit", sa.Column("correlation", sa.Uuid(), nullable=True), schema="crm")
    op.add_column("audit", sa.Column("reason", sa.Text(), nullable=False, server_default=""), schema="crm")
    op.create_index("audit_object", "audit", ["object", "id"], schema="crm")
    op.create_index("audit_name", "audit", ["name", "id"], schema="crm")
    op.create_index("audit_user", "audit", [sa.literal_column("(actor ->> 'user')"), "id"], schema="crm")
    op.create_index(
        "audit_correlation",
        "audit",
        ["correlation", "id"],
        schema="crm",
        postgresql_where=sa.text("correlation IS NOT NULL"),
    )
    op.add_column("api_key", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True), schema="crm")
    op.add_column("api_key", sa.Column("roles", _JSON, nullable=True), schema="crm")
    op.add_column("api_key", sa.Column("scopes", _JSON, nullable=True), schema="crm")
    op.create_table(
        "session_mode",
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["crm.session.hash"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("session"),
        schema="crm",
    )


def downgrade() -> None:
    op.drop_table("session_mode", schema="crm")
    for column in ("scopes", "roles", "last_used_at"):
        op.drop_column("api_key", column, schema="crm")
    for index in ("audit_correlation", "audit_user", "audit_name", "audit_object"):
        op.drop_index(index, "audit", schema="crm")
    for column in ("reason", "correlation"):
        op.drop_column("audit", column, schema="crm")
