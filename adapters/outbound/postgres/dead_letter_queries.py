"""Finding dead letters."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import dead_letter
from adapters.outbound.postgres.transaction_queries import last_page_of_earlier_log

HELD: Final = "held"
"""The state of a dead letter that waits for an operator."""

DEAD_LETTERS_BY_OFFSETS: Final = Query(
    sa.select(dead_letter)
    .where(
        dead_letter.c.partition == sa.bindparam("partition", type_=sa.SmallInteger),
        dead_letter.c.log_offset >= sa.bindparam("from_offset", type_=sa.BigInteger),
        dead_letter.c.log_offset < sa.bindparam("to_offset", type_=sa.BigInteger),
        dead_letter.c.page_number > last_page_of_earlier_log,
    )
    .order_by(dead_letter.c.page_number, dead_letter.c.log_offset)
)
"""Those of `partition` from `from_offset` to `to_offset` − 1, in order."""

HELD_DEAD_LETTER: Final = Query(
    sa.select(dead_letter.c.partition)
    .where(
        dead_letter.c.transaction_id == sa.bindparam("transaction_id", type_=UUID),
        dead_letter.c.state == HELD,
    )
    .limit(1)
)
"""A row if `transaction_id` waits for an operator."""
