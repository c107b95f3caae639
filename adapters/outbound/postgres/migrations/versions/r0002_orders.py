"""Every way that money moves: orders in full, holds, reversals, what an account may do.

Transactions that were posted before get the exponent of their currency: it was in nobody's record.
Entries of deposits named who was paid first; now who pays is the first of all transactions' legs.
"""

from typing import Final

import iso4217
import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

_STATEMENTS: Final = (
    """
    ALTER TABLE account
        ADD COLUMN metadata jsonb,
        ADD CONSTRAINT account_status CHECK (
            status IN ('open', 'frozen_debits', 'frozen_credits', 'frozen', 'closed')
        )
    """,
    """
    ALTER TABLE ledger_transaction
        ALTER COLUMN user_id DROP NOT NULL,
        ALTER COLUMN amount DROP NOT NULL,
        ALTER COLUMN currency DROP NOT NULL,
        ADD COLUMN exponent smallint,
        ADD COLUMN details jsonb,
        ADD COLUMN reversed_id uuid,
        ADD COLUMN rejection_currency text,
        ADD COLUMN rejection_facts jsonb
    """,
    """
    CREATE INDEX ledger_transaction_by_reversed ON ledger_transaction (shard, reversed_id)
        WHERE reversed_id IS NOT NULL
    """,
    """
    CREATE TABLE hold (
        shard smallint NOT NULL,
        hold_id uuid NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        currency text COLLATE "C" NOT NULL,
        amount bigint NOT NULL,
        exponent smallint NOT NULL,
        captured bigint NOT NULL,
        status text NOT NULL,
        to_user_id text COLLATE "C",
        expires_at timestamptz,
        placed_at timestamptz NOT NULL,
        log_partition smallint NOT NULL,
        PRIMARY KEY (shard, hold_id),
        CONSTRAINT hold_amount CHECK (amount > 0 AND captured BETWEEN 0 AND amount),
        CONSTRAINT hold_status CHECK (status IN ('open', 'captured', 'voided', 'expired'))
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE INDEX hold_by_user ON hold (shard, user_id, placed_at, hold_id)
    """,
    """
    UPDATE entry SET leg = 1 - entry.leg FROM ledger_transaction AS t
    WHERE t.transaction_id = entry.transaction_id AND t.type = 'deposit'
    """,
    """
    UPDATE ledger_transaction SET rejection_currency = currency WHERE rejection_code IS NOT NULL
    """,
    """
    CREATE INDEX hold_by_expiry ON hold (log_partition, expires_at)
        WHERE status = 'open' AND expires_at IS NOT NULL
    """,
)

_EXPONENT: Final = sa.text(
    "UPDATE ledger_transaction SET exponent = :exponent "
    "WHERE currency = :currency AND exponent IS NULL"
)


def upgrade() -> None:
    """Alter and create."""
    for statement in _STATEMENTS:
        op.execute(statement)
    known = {one.code: one.exponent for one in iso4217.Currency}
    for currency in (
        op.get_bind().scalars(sa.text("SELECT DISTINCT currency FROM ledger_transaction")).all()
    ):
        op.get_bind().execute(
            _EXPONENT, {"currency": currency, "exponent": known.get(currency) or 0}
        )
