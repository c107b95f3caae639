"""Finding dead letters."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import dead_letter, ledger_transaction
from adapters.outbound.postgres.transaction_queries import last_page_of_earlier_log

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

_is_decided = (
    sa.select(ledger_transaction.c.shard)
    .where(
        ledger_transaction.c.shard == dead_letter.c.shard,
        ledger_transaction.c.transaction_id == dead_letter.c.transaction_id,
    )
    .correlate(dead_letter)
    .exists()
)

HELD_DEAD_LETTER: Final = Query(
    sa.select(dead_letter.c.partition)
    .where(dead_letter.c.transaction_id == sa.bindparam("transaction_id", type_=UUID), ~_is_decided)
    .limit(1)
)
"""A row if `transaction_id` waits for an operator."""

_newer = dead_letter.alias("newer")
_has_newer = (
    sa.select(_newer.c.partition)
    .where(
        _newer.c.transaction_id == dead_letter.c.transaction_id,
        sa.tuple_(_newer.c.page_number, _newer.c.log_offset)
        > sa.tuple_(dead_letter.c.page_number, dead_letter.c.log_offset),
    )
    .correlate(dead_letter)
    .exists()
)
HELD_BY_PARTITION: Final = Query(
    sa.select(dead_letter.c.partition, sa.func.count().label("held"))
    .where(~_is_decided, ~_has_newer)
    .group_by(dead_letter.c.partition)
)
"""How many wait for an operator, of each partition that has some."""

_wanted_reason = sa.bindparam("wanted_reason", type_=sa.Text)
_filed = sa.select(dead_letter, _has_newer.label("has_newer"))
_newest_first = (dead_letter.c.page_number.desc(), dead_letter.c.log_offset.desc())

DEAD_LETTERS: Final = Query(
    _filed.where(
        sa.tuple_(dead_letter.c.page_number, dead_letter.c.log_offset)
        > sa.tuple_(
            sa.bindparam("after_page", type_=sa.BigInteger),
            sa.bindparam("after_offset", type_=sa.BigInteger),
        ),
        sa.or_(_wanted_reason.is_(None), dead_letter.c.reason == _wanted_reason),
        sa.or_(~sa.bindparam("only_held", type_=sa.Boolean), sa.and_(~_is_decided, ~_has_newer)),
    )
    .order_by(dead_letter.c.page_number, dead_letter.c.log_offset)
    .limit(sa.bindparam("at_most", type_=sa.BigInteger))
)
"""At most `at_most` after `after_page` and `after_offset`, in the order of condemning: with
`only_held` those that wait for an operator, with `wanted_reason` those of one reason.
"""

DEAD_LETTER_AT: Final = Query(
    _filed.where(
        dead_letter.c.partition == sa.bindparam("wanted_partition", type_=sa.SmallInteger),
        dead_letter.c.log_offset == sa.bindparam("wanted_offset", type_=sa.BigInteger),
    )
    .order_by(*_newest_first)
    .limit(1)
)
"""The newest at `wanted_offset` of `wanted_partition`."""

DEAD_LETTER_OF: Final = Query(
    _filed.where(dead_letter.c.transaction_id == sa.bindparam("wanted_id", type_=UUID))
    .order_by(*_newest_first)
    .limit(1)
)
"""The newest of `wanted_id`."""
