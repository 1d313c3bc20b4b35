"""Exchange rates, and what each currency is worth: the workspace's own is always worth 1."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORTH = """
CREATE VIEW crm.currency_worth AS
SELECT currency::text, valid_from, worth FROM crm.exchange_rate
UNION ALL
SELECT currency::text, DATE '0001-01-01', 1 FROM crm.workspace
"""


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("worth", sa.Numeric(), nullable=False),
        sa.CheckConstraint("worth > 0", name="worth_something"),
        sa.PrimaryKeyConstraint("currency", "valid_from"),
        schema="crm",
    )
    op.execute(_WORTH)


def downgrade() -> None:
    op.execute("DROP VIEW crm.currency_worth")
    op.drop_table("exchange_rate", schema="crm")
