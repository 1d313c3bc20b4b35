"""What is known of the files that records hold; their content lies in the data directory."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stored", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploader", sa.Uuid(), nullable=True),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["uploader"], ["crm.app_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stored"),
        schema="crm",
    )
    op.create_index("file_record", "file", ["object", "record"], schema="crm")
    op.create_index(
        "file_expires", "file", ["expires_at"], schema="crm", postgresql_where=sa.text("expires_at IS NOT NULL")
    )
    op.create_index("file_waiting", "file", ["uploader"], schema="crm", postgresql_where=sa.text("record IS NULL"))


def downgrade() -> None:
    op.drop_table("file", schema="crm")
