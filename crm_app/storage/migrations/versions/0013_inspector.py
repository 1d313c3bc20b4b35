"""What the inspector shows of runs and workers, and automations that pause."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STOPPED = "status IN ('failed', 'cancelled')"


def upgrade() -> None:
    _add("run", "attempt", sa.Integer(), "1")
    _add("run", "in_temporal", sa.Boolean(), "false")
    op.add_column("run", sa.Column("rerun_of", sa.Uuid(), nullable=True), schema="crm")
    op.execute("UPDATE crm.run SET in_temporal = true WHERE status = 'started'")
    op.create_index("run_automation", "run", ["automation", sa.text("id DESC")], schema="crm")
    stopped = sa.text(_STOPPED)
    op.create_index("run_stopped", "run", ["status", sa.text("id DESC")], schema="crm", postgresql_where=stopped)
    _add("run_step", "input", postgresql.JSONB(astext_type=sa.Text()), "'{}'")
    _add("run_step", "traces", postgresql.JSONB(astext_type=sa.Text()), "'{}'")
    _add("run_step", "failures", postgresql.JSONB(astext_type=sa.Text()), "'[]'")
    _add("run_step", "attempts", sa.Integer(), "1")
    op.add_column("run_step", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True), schema="crm")
    op.execute("UPDATE crm.run_step SET started_at = at")
    op.alter_column("run_step", "started_at", nullable=False, schema="crm")
    op.create_table(
        "automation_pause",
        sa.Column("automation", sa.String(), nullable=False),
        sa.Column("keeps", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("automation"),
        schema="crm",
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relay_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("temporal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="crm",
    )


def _add(table: str, name: str, kind: sa.types.TypeEngine[Any], default: str) -> None:
    """With a value for the lines that are there; new lines say it themselves."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(default)), schema="crm")
    op.alter_column(table, name, server_default=None, schema="crm")


def downgrade() -> None:
    op.drop_table("worker", schema="crm")
    op.drop_table("automation_pause", schema="crm")
    for name in ("started_at", "attempts", "failures", "traces", "input"):
        op.drop_column("run_step", name, schema="crm")
    for name in ("run_stopped", "run_automation"):
        op.drop_index(name, "run", schema="crm")
    for name in ("in_temporal", "rerun_of", "attempt"):
        op.drop_column("run", name, schema="crm")
