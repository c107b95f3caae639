"""Signed heads in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.rows import dead_letter_of, transactions_of
from adapters.outbound.postgres.signed_head_queries import (
    DEAD_LETTERS,
    NEWEST,
    SIGNED_PAGES,
    STORE,
    STRETCH,
    TRANSACTIONS,
    UNSIGNED,
    page_end_of,
    signed_head_of,
    signed_page_of,
)
from core.entities.chain import GENESIS
from core.entities.page import Outcomes
from core.entities.signed_head import PageEnd, SignedHead
from core.entities.transaction_id import shard_of_id
from core.ports.signed_heads import Stretch


@dataclass(frozen=True, slots=True)
class PostgresSignedHeads:
    """`SignedHeads` and `Proofs` in PostgreSQL."""

    database: Database

    async def newest(self) -> Mapping[int, SignedHead]:
        """The newest of each partition."""
        async with self.database.connection() as connection:
            heads = [signed_head_of(row) for row in await NEWEST.rows(connection)]
        return {one.statement.partition: one for one in heads}

    async def unsigned_pages(self, partition: int, limit: int) -> Sequence[PageEnd]:
        """Told pages behind the newest signed head."""
        async with self.database.connection() as connection:
            rows = await UNSIGNED.rows(connection, partition=partition, at_most=limit)
        return [page_end_of(row) for row in rows]

    async def store(self, head: SignedHead) -> bool:
        """Keep a signed head."""
        values = {
            **head.statement._asdict(),
            "key_id": head.key_id,
            "signature": head.signature,
        }
        async with self.database.connection() as connection:
            return await STORE.row(connection, **values) is not None

    async def signed_pages(
        self, partition: int, after_page: int, limit: int
    ) -> Sequence[tuple[SignedHead, PageEnd | None]]:
        """Signed heads, each with its page."""
        async with self.database.connection() as connection:
            rows = await SIGNED_PAGES.rows(
                connection, partition=partition, after_page=after_page, at_most=limit
            )
        return [signed_page_of(row) for row in rows]

    async def stretch(self, transaction_id: UUID) -> Stretch | None:
        """What leads from a transaction to a signed head."""
        async with self.database.connection() as connection:
            row = await STRETCH.row(
                connection, shard=shard_of_id(transaction_id), transaction_id=transaction_id
            )
        if row is None:
            return None
        return Stretch(
            first_page=row["first_page"],
            offsets=range(row["first_offset"], row["next_offset"]),
            head_before=row["head_before"] or GENESIS,
            secret=row["secret"],
            signed_head=signed_head_of(row),
        )

    async def outcomes(self, stretch: Stretch, offsets: range) -> Outcomes:
        """What became of some of its records."""
        statement = stretch.signed_head.statement
        where = {
            "partition": statement.partition,
            "from_page": stretch.first_page,
            "to_page": statement.page_number,
            "from_offset": offsets.start,
            "to_offset": offsets.stop,
        }
        async with self.database.connection() as connection:
            transactions = await TRANSACTIONS.rows(connection, **where)
            dead_letters = await DEAD_LETTERS.rows(connection, **where)
        return Outcomes(
            transactions_of(transactions), [dead_letter_of(row) for row in dead_letters]
        )
