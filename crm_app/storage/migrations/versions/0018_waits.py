"""What runs wait for, whom they ask, and when they must be over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")
_UNSAID = sa.text("said = ''")
_AT_WORK = sa.text("status IN ('pending', 'started') AND NOT resting")


def _at(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> "sa.Column[object]":
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "run_wait",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=True),
        _at("until", nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        _json("asks"),
        _json("answer"),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("wants_waking", sa.Boolean(), nullable=False),
        _at("created_at"),
        _at("changed_at"),
        sa.ForeignKeyConstraint(["run"], ["crm.run.id"]),
        sa.PrimaryKeyConstraint("run", "path"),
        schema="crm",
    )
    op.create_index("run_wait_open", "run_wait", ["kind", "key"], schema="crm", postgresql_where=_OPEN)
    op.create_index("run_wait_due", "run_wait", ["until"], schema="crm", postgresql_where=_OPEN)
    woken = sa.text("state = 'answered' OR wants_waking")
    op.create_index("run_wait_woken", "run_wait", ["changed_at"], schema="crm", postgresql_where=woken)
    _assignees()
    _runs()


def _assignees() -> None:
    op.create_table(
        "run_assignee",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("user", sa.Uuid(), nullable=False),
        sa.Column("delegate", sa.Uuid(), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        _json("values"),
        sa.Column("by", sa.Uuid(), nullable=True),
        _at("at", nullable=True),
        sa.ForeignKeyConstraint(["run"], ["crm.run.id"]),
        *(sa.ForeignKeyConstraint([name], ["crm.app_user.id"]) for name in ("user", "delegate", "by")),
        sa.PrimaryKeyConstraint("run", "path", "user"),
        schema="crm",
    )
    op.create_index("run_assignee_user", "run_assignee", ["user"], schema="crm", postgresql_where=_UNSAID)
    op.create_index("run_assignee_delegate", "run_assignee", ["delegate"], schema="crm", postgresql_where=_UNSAID)


def _runs() -> None:
    resting = sa.Column("resting", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("run", resting, schema="crm")
    op.alter_column("run", "resting", server_default=None, schema="crm")
    op.add_column("run", _at("deadline", nullable=True), schema="crm")
    op.drop_index("run_open", "run", schema="crm")
    op.create_index("run_open", "run", ["status", "touched_at"], schema="crm", postgresql_where=_AT_WORK)
    opened = sa.text("status IN ('pending', 'started')")
    op.create_index("run_deadline", "run", ["deadline"], schema="crm", postgresql_where=opened)


def downgrade() -> None:
    op.drop_index("run_deadline", "run", schema="crm")
    op.drop_index("run_open", "run", schema="crm")
    op.drop_column("run", "deadline", schema="crm")
    op.drop_column("run", "resting", schema="crm")
    opened = sa.text("status IN ('pending', 'started')")
    op.create_index("run_open", "run", ["status", "touched_at"], schema="crm", postgresql_where=opened)
    op.drop_table("run_assignee", schema="crm")
    op.drop_table("run_wait", schema="crm")
