"""Loading what a page's commands name by id: holds, earlier transactions, dead letters."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.rows import hold_of, transactions_of
from adapters.outbound.postgres.transaction_queries import BY_IDS
from core.entities.hold import Hold
from core.entities.page import Named, Reversible
from core.entities.transaction_id import shard_of_id
from core.posting.naming import NamedIds

_HOLDS: Final = """
SELECT one.* FROM unnest($1::smallint[], $2::uuid[]) AS named (shard, hold_id)
CROSS JOIN LATERAL (
    SELECT * FROM hold WHERE hold.shard = named.shard AND hold.hold_id = named.hold_id LIMIT 1
) AS one
"""

# A reversal of several legs, which go back only together, has no amount of its own.
_TAKEN_BACK: Final = """
SELECT named.transaction_id, taken_back.amount
FROM unnest($1::smallint[], $2::uuid[]) AS named (shard, transaction_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(coalesce(amount, 1)), 0)::bigint AS amount FROM ledger_transaction
    WHERE ledger_transaction.shard = named.shard
        AND ledger_transaction.reversed_id = named.transaction_id
        AND ledger_transaction.status = 'posted'
    OFFSET 0
) AS taken_back
"""

# A decision about a dead letter lies in the log only after the letter was committed.
_DEAD_LETTERS: Final = """
SELECT DISTINCT transaction_id FROM dead_letter WHERE transaction_id = ANY ($1::uuid[])
"""


async def load_named(connection: Connection, ids: NamedIds) -> Named:
    """Those that there are; their partition's fence has to be passed before."""
    holds = await _holds(connection, ids.holds) if ids.holds else {}
    transactions = await _reversible(connection, ids.transactions) if ids.transactions else {}
    dead_letters = await _dead_letters(connection, ids.dead_letters) if ids.dead_letters else set()
    return Named(holds, transactions, dead_letters)


async def _holds(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Hold]:
    rows = await connection.fetch(_HOLDS, _shards(ids), ids)
    return {one.hold_id: one for one in map(hold_of, rows)}


async def _reversible(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Reversible]:
    rows = await BY_IDS.rows(connection, transaction_ids=ids, shards=_shards(ids))
    taken_back = {
        row["transaction_id"]: row["amount"]
        for row in await connection.fetch(_TAKEN_BACK, _shards(ids), ids)
    }
    found = {one.command.transaction_id: one for one in transactions_of(rows)}
    return {
        one: Reversible(
            found[one].command.type, found[one].money, found[one].entries, taken_back[one]
        )
        for one in found
    }


async def _dead_letters(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    rows = await connection.fetch(_DEAD_LETTERS, ids)
    return {UUID(int=row["transaction_id"].int) for row in rows}


def _shards(ids: Sequence[UUID]) -> list[int]:
    return [shard_of_id(one) for one in ids]
