"""Signed heads: what the processor signed, for proofs of transactions to lead to."""

from typing import Final

from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"

_TABLE: Final = """
CREATE TABLE signed_head (
    partition smallint NOT NULL CHECK (partition >= 0),
    page_number bigint NOT NULL CHECK (page_number > 0),
    next_offset bigint NOT NULL CHECK (next_offset > 0),
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    ledger text NOT NULL,
    signed_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (partition, page_number)
)
"""


def upgrade() -> None:
    """Create."""
    op.execute(_TABLE)
