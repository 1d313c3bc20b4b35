"""The system's own tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Facts about people are cached by every process under this version, so whoever changes one bumps it, even by hand.
_ACCESS_TABLES = ("app_user", "team", "team_member", "user_role", "policy")

_BUMP = """
CREATE FUNCTION crm.bump_access_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm.workspace SET access_version = access_version + 1;
    RETURN NULL;
END $$
"""

_KEEP = """
CREATE FUNCTION crm.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit is append-only.';
END $$
"""


# People, in the shape of an object's table: relations, rules and searches read them like any record.
_PEOPLE = """
CREATE VIEW data."user" AS
SELECT id, 1 AS version, id AS owner, created_at, NULL::uuid AS created_by, created_at AS updated_at,
       NULL::uuid AS updated_by, NULL::timestamptz AS deleted_at, name::text, email::text, manager
FROM crm.app_user
"""


def _create_triggers() -> None:
    op.execute(_BUMP)
    op.execute(_KEEP)
    for table in _ACCESS_TABLES:
        op.execute(
            f"CREATE TRIGGER bump_access_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON crm.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION crm.bump_access_version()"
        )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crm.audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION crm.refuse_change()"
    )


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("manager", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["manager"],
            ["crm.app_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        schema="crm",
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_index(
        "audit_record",
        "audit",
        ["object", "record", sa.literal_column("id DESC")],
        unique=False,
        schema="crm",
    )
    op.create_table(
        "definition",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name"),
        schema="crm",
    )
    op.create_table(
        "definition_version",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        schema="crm",
    )
    op.create_table(
        "effect",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("output", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", "path", "iteration"),
        schema="crm",
    )
    op.create_table(
        "import_key",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_import_key_record"), "import_key", ["record"], unique=False, schema="crm")
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_index("login_attempt_subject_at", "login_attempt", ["subject", "at"], unique=False, schema="crm")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("line", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_policy_role"), "policy", ["role"], unique=False, schema="crm")
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("automation_hash", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("runner", sa.Uuid(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event", "automation_hash", name="run_once_per_event"),
        schema="crm",
    )
    op.create_index(
        "run_open",
        "run",
        ["status", "touched_at"],
        unique=False,
        schema="crm",
        postgresql_where=sa.text("status IN ('pending', 'started')"),
    )
    op.create_index("run_record", "run", ["object", "record"], unique=False, schema="crm")
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("access_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_workspace"),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )
    op.create_table(
        "api_key",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user"],
            ["crm.app_user.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_api_key_user"), "api_key", ["user"], unique=False, schema="crm")
    op.create_table(
        "run_step",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("output", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"],
            ["crm.run.id"],
        ),
        sa.PrimaryKeyConstraint("run", "path", "iteration"),
        schema="crm",
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["crm.app_user.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_session_user"), "session", ["user"], unique=False, schema="crm")
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("manager", sa.Uuid(), nullable=True),
        sa.Column("parent", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manager"],
            ["crm.app_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["crm.team.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_team_manager"), "team", ["manager"], unique=False, schema="crm")
    op.create_index(op.f("ix_crm_team_parent"), "team", ["parent"], unique=False, schema="crm")
    op.create_table(
        "user_role",
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["crm.app_user.id"],
        ),
        sa.PrimaryKeyConstraint("user", "role"),
        schema="crm",
    )
    op.create_table(
        "team_member",
        sa.Column("team", sa.Uuid(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team"],
            ["crm.team.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user"],
            ["crm.app_user.id"],
        ),
        sa.PrimaryKeyConstraint("team", "user"),
        schema="crm",
    )
    op.create_index(op.f("ix_crm_team_member_user"), "team_member", ["user"], unique=False, schema="crm")
    _create_triggers()
    op.execute(_PEOPLE)


def downgrade() -> None:
    op.execute('DROP VIEW data."user"')
    op.execute("DROP SCHEMA crm CASCADE")
