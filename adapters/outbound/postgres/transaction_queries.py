"""Finding transactions, each with its entries."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID, aggregate_order_by

from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import entry, ledger_transaction, resumption

_partition = sa.bindparam("partition", type_=sa.SmallInteger)

last_page_of_earlier_log: Final = (
    sa.select(sa.func.coalesce(sa.func.max(resumption.c.last_page_number), 0))
    .where(
        resumption.c.partition == _partition,
        resumption.c.to_offset < resumption.c.from_offset,
    )
    .scalar_subquery()
)
"""A log that was created anew repeats offsets: what was posted from it is in later pages."""


_LOOKED_UP: Final[sa.ColumnElement[Any]] = sa.literal_column("0")
"""As an offset: changes no result, and keeps a lateral lookup one, whatever the planner thinks."""


_ENTRY_COLUMNS: Final[Sequence[sa.ColumnElement[Any]]] = (
    entry.c.shard,
    entry.c.user_id,
    entry.c.currency,
    entry.c.sequence,
    entry.c.amount,
    sa.cast(entry.c.balance_after, sa.Text),
    entry.c.posted_at,
)
"""As `rows.transactions_of` takes them."""


def with_entries(chosen: sa.Subquery) -> sa.Select[Any]:
    """The rows that `transactions_of` reads: each transaction once, however many its entries are.

    These come as a list for each of their columns, in the order of legs. Beside each entry, the row
    of a transaction of a hundred legs would come two hundred times, with all of its legs.
    """
    legs = (
        sa.select(
            *(
                sa.func.array_agg(aggregate_order_by(column, entry.c.leg)).label(f"entry_{number}")
                for number, column in enumerate(_ENTRY_COLUMNS)
            )
        )
        .where(
            entry.c.log_partition == chosen.c.log_partition,
            entry.c.log_offset == chosen.c.log_offset,
            entry.c.transaction_id == chosen.c.transaction_id,
        )
        .lateral("entries_of_chosen")
    )
    return (
        sa.select(*chosen.c, *legs.c)
        .select_from(chosen.join(legs, sa.true()))
        .order_by(chosen.c.page_number, chosen.c.log_offset)
    )


_named = (
    sa.func.unnest(
        sa.bindparam("shards", type_=ARRAY(sa.SmallInteger)),
        sa.bindparam("transaction_ids", type_=ARRAY(UUID)),
    )
    .table_valued(sa.column("shard", sa.SmallInteger), sa.column("transaction_id", UUID))
    .render_derived("named")
)
_by_id = (
    sa.select(ledger_transaction)
    .where(
        ledger_transaction.c.shard == _named.c.shard,
        ledger_transaction.c.transaction_id == _named.c.transaction_id,
    )
    .offset(_LOOKED_UP)
    .lateral("by_id")
)

BY_IDS: Final = Query(
    with_entries(
        sa.select(*_by_id.c).select_from(_named.join(_by_id, sa.true())).subquery("chosen")
    )
)
"""Given `transaction_ids` and their `shards`."""

BY_KEY: Final = Query(
    with_entries(
        sa.select(ledger_transaction)
        .where(
            ledger_transaction.c.client == sa.bindparam("client", type_=sa.Text),
            ledger_transaction.c.idempotency_key == sa.bindparam("key", type_=sa.Text),
        )
        .order_by(ledger_transaction.c.page_number, ledger_transaction.c.log_offset)
        .limit(1)
        .subquery("chosen")
    )
)
"""The first one under `key` of `client`."""

_wanted_key = (
    sa.func.unnest(sa.bindparam("keys", type_=ARRAY(sa.Text)))
    .table_valued(sa.column("key", sa.Text))
    .render_derived("wanted")
)
_first_of_key = (
    sa.select(ledger_transaction)
    .where(
        ledger_transaction.c.client == sa.bindparam("client", type_=sa.Text),
        ledger_transaction.c.idempotency_key == _wanted_key.c.key,
    )
    .order_by(ledger_transaction.c.page_number, ledger_transaction.c.log_offset)
    .limit(sa.literal_column("1"))
    .lateral("first_of_key")
)
BY_KEYS: Final = Query(
    with_entries(
        sa.select(*_first_of_key.c)
        .select_from(_wanted_key.join(_first_of_key, sa.true()))
        .subquery("chosen")
    )
)
"""The first one under each of `keys` of `client`."""

BY_OFFSETS: Final = Query(
    with_entries(
        sa.select(ledger_transaction)
        .where(
            ledger_transaction.c.log_partition == _partition,
            ledger_transaction.c.log_offset >= sa.bindparam("from_offset", type_=sa.BigInteger),
            ledger_transaction.c.log_offset < sa.bindparam("to_offset", type_=sa.BigInteger),
            ledger_transaction.c.page_number > last_page_of_earlier_log,
        )
        .subquery("chosen")
    )
)
"""Those of `partition` from `from_offset` to `to_offset` − 1, in order."""
