"""One hash over all that the books say, by which two databases are the same books."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.outbound.postgres.database import Connection, Database
from adapters.outbound.postgres.errors import ledger_errors

ROWS_AT_ONCE: Final = 5_000

# What follows from the log, and in which order it is read. Not here: epochs, the times at which
# rows were written, how far outcomes are told, sentences of dead letters, and webhooks.
_TABLES: Final = {
    "account": (
        "shard, user_id, currency",
        "balance, held, overdraft_limit, status, sequence, opened_at, last_entry_at, metadata",
    ),
    "hold": (
        "shard, hold_id",
        (
            "user_id, currency, amount, exponent, captured, status, to_user_id, expires_at, "
            "placed_at, log_partition"
        ),
    ),
    "ledger_transaction": (
        "shard, transaction_id",
        (
            "type, status, user_id, amount, currency, exponent, reference, metadata, details, "
            "reversed_id, client, idempotency_key, fingerprint, request_id, log_partition, "
            "log_offset, page_number, accepted_at, posted_at, rejection_code, rejection_figures, "
            "rejection_currency, rejection_facts"
        ),
    ),
    "entry": (
        "shard, user_id, currency, sequence",
        "transaction_id, leg, log_partition, log_offset, amount, balance_after, posted_at",
    ),
    "party": ("user_id, log_partition, page_number, log_offset", ""),
    "page": (
        "number",
        (
            "partition, first_offset, next_offset, transaction_count, entry_count, rules_version, "
            "head, may_cross"
        ),
    ),
    "dead_letter": (
        "partition, page_number, log_offset",
        "transaction_id, reason, recorded_at, key, value, header_names, header_values",
    ),
    "log_position": ("partition", "next_offset, last_record_hash, secret"),
}


@dataclass(frozen=True, slots=True)
class PostgresDigest:
    """Reads every row, in keyset pages; what is posted meanwhile may be in it or not."""

    database: Database

    async def __call__(self) -> Mapping[str, bytes]:
        """The SHA-256 of each table. Raises `LedgerUnavailableError`."""
        async with self.database.connection() as connection:
            with ledger_errors():
                await connection.execute("SET TIME ZONE 'UTC'")
                return {
                    table: await _digest(connection, table, key, columns)
                    for table, (key, columns) in _TABLES.items()
                }


async def _digest(connection: Connection, table: str, key: str, columns: str) -> bytes:
    """Of the rows as PostgreSQL writes them, in the order of their key."""
    digest = hashlib.sha256(table.encode())
    names = ", ".join(part for part in (key, columns) if part)
    width = key.count(",") + 1
    places = ", ".join(f"${number}" for number in range(1, width + 1))
    order = f"ORDER BY {key} LIMIT {ROWS_AT_ONCE}"
    chosen = f"SELECT {key}, ROW({names})::text AS written FROM {table}"  # noqa: S608 (our names)
    rows = await connection.fetch(f"{chosen} {order}")
    while rows:
        for row in rows:
            digest.update(row["written"].encode() + b"\n")
        last = list(rows[-1].values())[:width]
        rows = await connection.fetch(f"{chosen} WHERE ({key}) > ({places}) {order}", *last)
    return digest.digest()
