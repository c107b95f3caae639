"""Lists of transactions: by page, by user, by reference.

A transaction names the user whose command it was. The others whose money it moved, or whose hold it
ended, are its parties, so that a user's transactions are found in either direction.
"""

from typing import Final

from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

FILL: Final = """
INSERT INTO party (user_id, log_partition, page_number, log_offset)
SELECT entry.user_id, t.log_partition, t.page_number, t.log_offset
FROM ledger_transaction AS t JOIN entry USING (log_partition, log_offset, transaction_id)
WHERE left(entry.user_id, 1) <> '@' AND entry.user_id IS DISTINCT FROM t.user_id
UNION
SELECT hold.user_id, t.log_partition, t.page_number, t.log_offset
FROM ledger_transaction AS t JOIN hold ON hold.hold_id = (t.details ->> 'hold_id')::uuid
WHERE t.type IN ('capture', 'void', 'expire') AND t.status = 'posted'
"""

_STATEMENTS: Final = (
    """
    CREATE INDEX ledger_transaction_by_page
        ON ledger_transaction (log_partition, page_number, log_offset)
    """,
    """
    CREATE INDEX ledger_transaction_by_user
        ON ledger_transaction (user_id, log_partition, page_number, log_offset)
        WHERE user_id IS NOT NULL
    """,
    """
    CREATE INDEX ledger_transaction_by_reference
        ON ledger_transaction (reference, log_partition, page_number, log_offset)
        WHERE reference IS NOT NULL
    """,
    """
    CREATE TABLE party (
        user_id text COLLATE "C" NOT NULL,
        log_partition smallint NOT NULL,
        page_number bigint NOT NULL,
        log_offset bigint NOT NULL,
        PRIMARY KEY (user_id, log_partition, page_number, log_offset)
    )
    """,
    FILL,
)


def upgrade() -> None:
    """Create, and fill from what was posted before."""
    for statement in _STATEMENTS:
        op.execute(statement)
