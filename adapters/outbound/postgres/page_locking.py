"""Reading what a page's commands name, under locks that hold until the page is stored.

Why no two pages can wait for each other in a circle, whatever they name. A page first creates
the missing accounts in the order of keys, and meanwhile waits for creators only, of higher keys
than any that it has created itself. Then it locks all of them, in the same order. By then each of
them is committed or its own (only opened accounts are ever committed, and those stay), so it waits
for no creator any more, but for lockers only, of higher keys than any that it has locked itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from adapters.outbound.postgres.database import Connection
from adapters.outbound.postgres.rows import account_of
from core.entities.account import AccountKey
from core.entities.command import LoggedCommand
from core.entities.page import NOTHING_NAMED, LedgerState, Named, PageRun
from core.entities.transaction_id import shard_of_id
from core.errors import FencedError, LedgerUnavailableError
from core.posting.naming import accounts_named, transaction_ids

_FENCE: Final = """
UPDATE log_position
SET next_offset = $4, published_offset = greatest(published_offset, $5), last_record_hash = $6,
    condemned_in_a_row = 0, updated_at = $7, told_page = greatest(told_page, $8)
WHERE partition = $1 AND epoch = $2 AND next_offset = $3 AND halted IS NULL
"""

_CREATE: Final = """
INSERT INTO account (shard, user_id, currency)
SELECT shard, user_id, currency
FROM unnest($1::smallint[], $2::text[], $3::text[]) AS missing (shard, user_id, currency)
ORDER BY shard, user_id COLLATE "C", currency COLLATE "C"
ON CONFLICT DO NOTHING
"""

# The rows are looked up one by one, by key, in the order of `named`: lateral, so that no plan made
# while the table was small can do otherwise. Ids belong to one partition, whose fence is passed,
# so none can appear after this looked.
_LOCK_NAMED: Final = """
named AS MATERIALIZED (
    SELECT shard, user_id, currency
    FROM {keys} AS named (shard, user_id, currency)
    ORDER BY shard, user_id COLLATE "C", currency COLLATE "C"
), locked AS MATERIALIZED (
    SELECT one.* FROM named CROSS JOIN LATERAL (
        SELECT account.shard, account.user_id, account.currency, balance::text, held,
               overdraft_limit, status, sequence, opened_at, last_entry_at, metadata
        FROM account
        WHERE account.shard = named.shard AND account.user_id = named.user_id
            AND account.currency = named.currency
        FOR NO KEY UPDATE
    ) AS one
)
SELECT locked.*, NULL::uuid AS transaction_id, NULL::bytea AS fingerprint FROM locked
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       known.transaction_id, known.fingerprint
FROM {ids} AS named (shard, transaction_id)
CROSS JOIN LATERAL (
    SELECT transaction_id, fingerprint FROM ledger_transaction AS one
    WHERE one.shard = named.shard AND one.transaction_id = named.transaction_id
    LIMIT 1
) AS known
"""

_FENCE_ALONE: Final = f"UNION ALL SELECT {', '.join(['NULL'] * 13)} FROM fence"  # noqa: S608

_LOCK: Final = "WITH" + _LOCK_NAMED.format(
    keys="unnest($1::smallint[], $2::text[], $3::text[])",
    ids="unnest($4::smallint[], $5::uuid[])",
)

# Both in one round trip. What reads from `fence` waits for it, so the order is the same. The
# statement looks at the books as of its start; if the fence had to wait, and is passed all the
# same, no page of this partition was stored meanwhile: it would have moved the position.
_PASS_FENCE_AND_LOCK: Final = (
    f"WITH fence AS ({_FENCE} RETURNING true AS is_passed),"
    + _LOCK_NAMED.format(
        keys="fence, unnest($9::smallint[], $10::text[], $11::text[])",
        ids="fence, unnest($12::smallint[], $13::uuid[])",
    )
    + _FENCE_ALONE
)


class Locked(NamedTuple):
    """What the page's commands name. `unopened` are the accounts that were created for it."""

    state: LedgerState
    unopened: frozenset[AccountKey]

    @property
    def keys(self) -> frozenset[AccountKey]:
        """All of the accounts."""
        return self.unopened | self.state.accounts.keys()


class MissingAccountError(LedgerUnavailableError):
    """An account that was taken to exist does not."""


def keys_named(commands: Sequence[LoggedCommand], named: Named = NOTHING_NAMED) -> list[AccountKey]:
    """Every account that the commands name, in the order of locking."""
    return sorted(accounts_named(commands, named))


async def pass_fence(connection: Connection, run: PageRun, now: datetime) -> None:
    """Move the position, and hold it until the transaction ends. Raises `FencedError`."""
    if await connection.execute(_FENCE, *_fence_values(run, now)) != "UPDATE 1":
        raise _fenced(run)


async def create_accounts(connection: Connection, missing: Sequence[AccountKey]) -> None:
    """Create those of the accounts that do not exist, not opened."""
    if missing:
        await connection.execute(_CREATE, *_columns(missing))


async def lock(
    connection: Connection,
    keys: Sequence[AccountKey],
    commands: Sequence[LoggedCommand],
    named: Named,
) -> Locked:
    """Lock the accounts, and find the fingerprints of ids that are known.

    Raises `MissingAccountError` unless all of the accounts exist.
    """
    if not commands:
        return Locked(LedgerState({}, {}), frozenset())
    rows = await connection.fetch(_LOCK, *_lock_values(keys, commands))
    return _locked(keys, rows, named)


async def pass_fence_and_lock(
    connection: Connection,
    run: PageRun,
    now: datetime,
    keys: Sequence[AccountKey],
    commands: Sequence[LoggedCommand],
) -> Locked:
    """`pass_fence` and `lock` at once, for accounts that exist; there is at least one."""
    rows = await connection.fetch(
        _PASS_FENCE_AND_LOCK, *_fence_values(run, now), *_lock_values(keys, commands)
    )
    if not rows:
        raise _fenced(run)
    found = [row for row in rows if row["shard"] is not None or row["transaction_id"]]
    return _locked(keys, found, NOTHING_NAMED)


def _fence_values(run: PageRun, now: datetime) -> tuple[object, ...]:
    return (
        *(run.partition, run.epoch, run.first_offset, run.next_offset),
        *(run.published_offset, run.last_record_hash, now, run.told_page),
    )


def _fenced(run: PageRun) -> FencedError:
    return FencedError(
        f"partition {run.partition} is not at offset {run.first_offset} "
        f"under epoch {run.epoch} any more"
    )


def _lock_values(
    keys: Sequence[AccountKey], commands: Sequence[LoggedCommand]
) -> tuple[object, ...]:
    ids = transaction_ids(commands)
    return (*_columns(keys), [shard_of_id(one) for one in ids], ids)


def _columns(keys: Sequence[AccountKey]) -> Sequence[Sequence[object]]:
    return list(zip(*keys, strict=True)) or ((), (), ())


def _locked(keys: Sequence[AccountKey], rows: Sequence[asyncpg.Record], named: Named) -> Locked:
    accounts = [account_of(row) for row in rows if row["shard"] is not None]
    if len(accounts) != len(keys):
        raise MissingAccountError("an account that was opened earlier does not exist")
    return Locked(
        LedgerState(
            accounts={one.key: one for one in accounts if one.opened_at is not None},
            fingerprints={
                row["transaction_id"]: row["fingerprint"] for row in rows if row["shard"] is None
            },
            named=named,
        ),
        unopened=frozenset(one.key for one in accounts if one.opened_at is None),
    )
