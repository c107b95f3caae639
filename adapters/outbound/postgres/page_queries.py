"""Finding the rows of pages."""

from typing import Any, Final

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID, aggregate_order_by

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import (
    dead_letter,
    ledger_transaction,
    log_position,
    page,
)
from core.entities.dead_letter import DeadLetterReason
from core.entities.page_row import Condemned, PageRow
from core.entities.posted_page import PostedPage

_condemned = (
    sa.select(
        sa.func.array_agg(
            aggregate_order_by(dead_letter.c.log_offset, dead_letter.c.log_offset)
        ).label("condemned_offsets"),
        sa.func.array_agg(aggregate_order_by(dead_letter.c.reason, dead_letter.c.log_offset)).label(
            "condemned_reasons"
        ),
    )
    .where(
        dead_letter.c.partition == page.c.partition,
        dead_letter.c.page_number == page.c.number,
    )
    .lateral("condemned")
)
_untold = (
    sa.select(*page.c, *_condemned.c)
    .select_from(page.join(_condemned, sa.true()))
    .where(
        page.c.partition == log_position.c.partition,
        page.c.number > log_position.c.told_page,
    )
    .order_by(page.c.number)
    .correlate(log_position)
    .lateral("untold")
)
UNTOLD: Final = Query(
    sa.select(*_untold.c, log_position.c.secret)
    .select_from(log_position.join(_untold, sa.true()))
    .order_by(_untold.c.number)
)
"""Rows that are not known to be told, by number. They are few: workers wait for their telling."""

_wanted = (
    sa.func.unnest(sa.bindparam("numbers", type_=ARRAY(sa.BigInteger)))
    .table_valued(sa.column("number", sa.BigInteger))
    .render_derived("wanted")
)
HEADS: Final = Query(
    sa.select(page.c.number, page.c.head).select_from(
        page.join(_wanted, page.c.number == _wanted.c.number)
    )
)
"""The heads of those of `numbers` that are there."""

_last_head: sa.ScalarSelect[Any] = (
    sa.select(page.c.head)
    .where(page.c.partition == log_position.c.partition)
    .order_by(page.c.number.desc())
    .limit(sa.literal_column("1"))
    .correlate(log_position)
    .scalar_subquery()
)
CHAIN: Final = Query(
    sa.select(log_position.c.secret, _last_head.label("head")).where(
        log_position.c.partition == sa.bindparam("partition", type_=sa.SmallInteger)
    )
)
"""Where the chain of `partition` stands."""

_transaction_id = sa.bindparam("transaction_id", type_=UUID)
_decided_in = (
    sa.select(ledger_transaction.c.page_number)
    .where(
        ledger_transaction.c.shard == sa.bindparam("shard", type_=sa.SmallInteger),
        ledger_transaction.c.transaction_id == _transaction_id,
    )
    .scalar_subquery()
)
_condemned_last_in = (
    sa.select(sa.func.max(dead_letter.c.page_number))
    .where(dead_letter.c.transaction_id == _transaction_id)
    .scalar_subquery()
)
PAGE_OF: Final = Query(
    sa.select(*(page.c[name] for name in PostedPage._fields)).where(
        page.c.number == sa.func.coalesce(_decided_in, _condemned_last_in)
    )
)
"""The page that decided `transaction_id` of `shard`, or else condemned it last."""


def page_row_of(row: asyncpg.Record) -> PageRow:
    """A row of `UNTOLD`."""
    condemned = zip(row["condemned_offsets"] or (), row["condemned_reasons"] or (), strict=True)
    return PageRow(
        number=row["number"],
        partition=row["partition"],
        epoch=row["epoch"],
        first_offset=row["first_offset"],
        next_offset=row["next_offset"],
        transaction_count=row["transaction_count"],
        entry_count=row["entry_count"],
        rules_version=row["rules_version"],
        head=row["head"],
        secret=row["secret"],
        may_cross=row["may_cross"],
        written_at=row["written_at"],
        condemned=tuple(
            Condemned(offset, DeadLetterReason(reason)) for offset, reason in condemned
        ),
    )
