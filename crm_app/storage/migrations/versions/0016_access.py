"""Shared records, and territories: these in the shape of an object's table, too, so that relations and rules read them.
Whatever changes them is a change of access.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES = ("share", "territory", "territory_member")
_TERRITORIES = """
CREATE VIEW data.access_territory AS
SELECT id, 1 AS version, NULL::uuid AS owner, 'epoch'::timestamptz AS created_at, NULL::uuid AS created_by,
       'epoch'::timestamptz AS updated_at, NULL::uuid AS updated_by, NULL::timestamptz AS deleted_at,
       name::text, parent
FROM crm.territory
"""


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("grantee", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('user', 'team', 'role')", name="share_kind"),
        sa.CheckConstraint("level IN ('read', 'edit')", name="share_level"),
        sa.ForeignKeyConstraint(["by"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object", "record", "kind", "grantee", name="shared_once"),
        schema="crm",
    )
    op.create_index("share_grantee", "share", ["kind", "grantee"], schema="crm")
    op.create_table(
        "territory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["crm.territory.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_territory_parent"), "territory", ["parent"], schema="crm")
    op.create_table(
        "territory_member",
        sa.Column("territory", sa.Uuid(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["territory"], ["crm.territory.id"]),
        sa.ForeignKeyConstraint(["user"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("territory", "user"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_territory_member_user"), "territory_member", ["user"], schema="crm")
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER bump_access_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON crm.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION crm.bump_access_version()"
        )
    op.execute(_TERRITORIES)


def downgrade() -> None:
    op.execute("DROP VIEW data.access_territory")
    for table in reversed(_TABLES):
        op.drop_table(table, schema="crm")
