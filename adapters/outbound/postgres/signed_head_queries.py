"""Statements about signed heads, and about what leads up to them."""

from typing import Any, Final

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID, insert

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import (
    dead_letter,
    ledger_transaction,
    log_position,
    page,
    signed_head,
)
from adapters.outbound.postgres.transaction_queries import with_entries
from core.entities.signed_head import HeadStatement, PageEnd, SignedHead

_partition = sa.bindparam("partition", type_=sa.SmallInteger)
_one: Final[sa.ColumnElement[Any]] = sa.literal_column("1")

_newest_of_partition = (
    sa.select(signed_head)
    .where(signed_head.c.partition == log_position.c.partition)
    .order_by(signed_head.c.page_number.desc())
    .limit(_one)
    .correlate(log_position)
    .lateral("newest")
)
NEWEST: Final = Query(
    sa.select(*_newest_of_partition.c).select_from(
        log_position.join(_newest_of_partition, sa.true())
    )
)
"""The newest of each partition."""

STORE: Final = Query(
    insert(signed_head)
    .values({column: sa.bindparam(column.name, type_=column.type) for column in signed_head.c})
    .on_conflict_do_nothing()
    .returning(signed_head.c.partition)
)
"""A row if it was not there."""

_last_signed = (
    sa.select(sa.func.coalesce(sa.func.max(signed_head.c.page_number), 0))
    .where(signed_head.c.partition == _partition)
    .scalar_subquery()
)
_last_told = (
    sa.select(log_position.c.told_page)
    .where(log_position.c.partition == _partition)
    .scalar_subquery()
)
UNSIGNED: Final = Query(
    sa.select(page.c.partition, page.c.number, page.c.first_offset, page.c.next_offset, page.c.head)
    .where(
        page.c.partition == _partition,
        page.c.number > _last_signed,
        page.c.number <= _last_told,
        page.c.head.is_not(None),
    )
    .order_by(page.c.number)
    .limit(sa.bindparam("at_most", type_=sa.BigInteger))
)
"""At most `at_most` told pages of `partition` behind the newest signed head, in order."""

SIGNED_PAGES: Final = Query(
    sa.select(
        *signed_head.c,
        page.c.number,
        page.c.partition.label("page_partition"),
        page.c.first_offset,
        page.c.next_offset.label("page_next_offset"),
        page.c.head.label("page_head"),
    )
    .select_from(signed_head.outerjoin(page, page.c.number == signed_head.c.page_number))
    .where(
        signed_head.c.partition == _partition,
        signed_head.c.page_number > sa.bindparam("after_page", type_=sa.BigInteger),
    )
    .order_by(signed_head.c.page_number)
    .limit(sa.bindparam("at_most", type_=sa.BigInteger))
)
"""At most `at_most` signed heads of `partition` behind `after_page`, each with its page."""

_its_page = page.alias("its_page")
_earlier = page.alias("earlier")
_head_before: sa.ScalarSelect[Any] = (
    sa.select(_earlier.c.head)
    .where(_earlier.c.partition == _its_page.c.partition, _earlier.c.number < _its_page.c.number)
    .order_by(_earlier.c.number.desc())
    .limit(_one)
    .correlate(_its_page)
    .scalar_subquery()
)
_next_signed = (
    sa.select(signed_head)
    .where(
        signed_head.c.partition == _its_page.c.partition,
        signed_head.c.page_number >= _its_page.c.number,
    )
    .order_by(signed_head.c.page_number)
    .limit(_one)
    .correlate(_its_page)
    .lateral("next_signed")
)
STRETCH: Final = Query(
    sa.select(
        _its_page.c.number.label("first_page"),
        _its_page.c.first_offset,
        _head_before.label("head_before"),
        log_position.c.secret,
        *_next_signed.c,
    )
    .select_from(
        ledger_transaction.join(_its_page, _its_page.c.number == ledger_transaction.c.page_number)
        .join(log_position, log_position.c.partition == _its_page.c.partition)
        .join(_next_signed, sa.true())
    )
    .where(
        ledger_transaction.c.shard == sa.bindparam("shard", type_=sa.SmallInteger),
        ledger_transaction.c.transaction_id == sa.bindparam("transaction_id", type_=UUID),
        _its_page.c.head.is_not(None),
    )
)
"""From the page of `transaction_id` to the first signed head behind it."""

# Offsets come again after a log was made anew, and then lie in later pages. The sum keeps the
# planner off the index by pages, in which a page would be gone through for each of its parts.
_from_page = sa.bindparam("from_page", type_=sa.BigInteger)
_to_page = sa.bindparam("to_page", type_=sa.BigInteger)
_from_offset = sa.bindparam("from_offset", type_=sa.BigInteger)
_to_offset = sa.bindparam("to_offset", type_=sa.BigInteger)

TRANSACTIONS: Final = Query(
    with_entries(
        sa.select(ledger_transaction)
        .where(
            ledger_transaction.c.log_partition == _partition,
            ledger_transaction.c.log_offset >= _from_offset,
            ledger_transaction.c.log_offset < _to_offset,
            (ledger_transaction.c.page_number + 0).between(_from_page, _to_page),
        )
        .subquery("chosen")
    )
)
"""Those of `partition` from `from_offset` to `to_offset` − 1, of pages `from_page` to `to_page`."""

DEAD_LETTERS: Final = Query(
    sa.select(dead_letter).where(
        dead_letter.c.partition == _partition,
        dead_letter.c.log_offset >= _from_offset,
        dead_letter.c.log_offset < _to_offset,
        (dead_letter.c.page_number + 0).between(_from_page, _to_page),
    )
)
"""The same of dead letters."""


def signed_head_of(row: asyncpg.Record) -> SignedHead:
    """A row that has the columns of `signed_head`."""
    statement = HeadStatement(
        ledger=row["ledger"],
        partition=row["partition"],
        page_number=row["page_number"],
        next_offset=row["next_offset"],
        head=row["head"],
        signed_at=row["signed_at"],
    )
    return SignedHead(statement, row["key_id"], row["signature"])


def page_end_of(row: asyncpg.Record) -> PageEnd:
    """A row of `UNSIGNED`."""
    return PageEnd(*row)


def signed_page_of(row: asyncpg.Record) -> tuple[SignedHead, PageEnd | None]:
    """A row of `SIGNED_PAGES`."""
    if row["page_head"] is None:
        return signed_head_of(row), None
    end = PageEnd(
        row["page_partition"],
        row["number"],
        row["first_offset"],
        row["page_next_offset"],
        row["page_head"],
    )
    return signed_head_of(row), end
