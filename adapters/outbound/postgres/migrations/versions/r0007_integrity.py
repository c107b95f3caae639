"""The background check of the books: what it found, and the ways to what it compares.

The indexes lead from an account to its open holds and to what it was given, and from a hold to
what became of it; each is of few rows.
"""

from typing import Final

from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"

_STATEMENTS: Final = (
    """
    CREATE TABLE integrity_check (
        partition smallint PRIMARY KEY CHECK (partition >= 0),
        begun_at timestamptz NOT NULL,
        finished_at timestamptz,
        checked_at timestamptz NOT NULL,
        accounts bigint NOT NULL CHECK (accounts >= 0),
        entries bigint NOT NULL CHECK (entries >= 0),
        holds bigint NOT NULL CHECK (holds >= 0),
        findings jsonb NOT NULL
    )
    """,
    """
    CREATE INDEX hold_by_account ON hold (shard, user_id, currency) WHERE status = 'open'
    """,
    """
    CREATE INDEX ledger_transaction_by_hold ON ledger_transaction (shard, (details ->> 'hold_id'))
        WHERE type IN ('capture', 'void', 'expire')
    """,
    """
    CREATE INDEX ledger_transaction_by_change ON ledger_transaction (shard, user_id)
        WHERE type = 'account'
    """,
    # In an account's order its entries lie all over the table: without these columns checking reads
    # a page of it for each entry.
    """
    ALTER TABLE entry
        DROP CONSTRAINT entry_pkey,
        ADD CONSTRAINT entry_pkey PRIMARY KEY (shard, user_id, currency, sequence)
            INCLUDE (amount, balance_after, posted_at)
    """,
)


def upgrade() -> None:
    """Create."""
    for statement in _STATEMENTS:
        op.execute(statement)
