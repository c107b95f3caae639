"""The chain: each page's head, each partition's secret, and how far rows of pages are told.

Pages that are there already have no head, and are not told: chains and their topic begin behind
them, so such books cannot be made again from the log alone.
"""

from typing import Final

from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"

_STATEMENTS: Final = (
    """
    ALTER TABLE page
        ADD COLUMN head bytea CHECK (octet_length(head) = 32),
        ADD COLUMN may_cross boolean NOT NULL DEFAULT true
    """,
    "ALTER TABLE page ALTER COLUMN may_cross DROP DEFAULT",
    "CREATE INDEX page_by_partition ON page (partition, number)",
    # Two times 122 bits that nobody can guess; SQL has no plainer source of them.
    """
    ALTER TABLE log_position
        ADD COLUMN told_page bigint NOT NULL DEFAULT 0 CHECK (told_page >= 0),
        ADD COLUMN secret bytea NOT NULL CHECK (octet_length(secret) = 32)
            DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    """,
    """
    UPDATE log_position SET told_page = coalesce(
        (SELECT max(number) FROM page WHERE page.partition = log_position.partition), 0
    )
    """,
)


def upgrade() -> None:
    """Alter."""
    for statement in _STATEMENTS:
        op.execute(statement)
