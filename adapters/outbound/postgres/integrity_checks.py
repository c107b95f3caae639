"""What the check in the background found, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.database import Database
from adapters.outbound.postgres.query import Query
from adapters.outbound.postgres.tables import integrity_check
from core.entities.account import AccountKey
from core.entities.audit import Counts
from core.entities.finding import Figure, Finding
from core.entities.integrity import IntegrityCheck


class _FindingRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    figure: Figure
    due: str | None = None
    found: str | None = None
    shard: int | None = None
    user_id: str | None = None
    currency: str | None = None
    sequence: int | None = None
    transaction_id: UUID | None = None
    page_number: int | None = None


_encoder: Final = msgspec.json.Encoder()

_kept: Final = sa.select(integrity_check)
_ALL: Final = Query(_kept.order_by(integrity_check.c.partition))
_OF: Final = Query(
    _kept.where(integrity_check.c.partition == sa.bindparam("partition", type_=sa.SmallInteger))
)
_first = insert(integrity_check).values(
    {column: sa.bindparam(column.name, type_=column.type) for column in integrity_check.c}
)
_KEEP: Final = Query(
    _first.on_conflict_do_update(
        index_elements=[integrity_check.c.partition],
        set_={one.name: one for one in _first.excluded if one.name != "partition"},
    ).returning(integrity_check.c.partition)
)


@dataclass(frozen=True, slots=True)
class PostgresIntegrityChecks:
    """`IntegrityChecks` in PostgreSQL."""

    database: Database

    async def all(self) -> Sequence[IntegrityCheck]:
        """All that are kept."""
        async with self.database.connection() as connection:
            return [_check_of(row) for row in await _ALL.rows(connection)]

    async def of(self, partition: int) -> IntegrityCheck | None:
        """The partition's."""
        async with self.database.connection() as connection:
            row = await _OF.row(connection, partition=partition)
        return None if row is None else _check_of(row)

    async def keep(self, check: IntegrityCheck) -> None:
        """Keep it."""
        findings = _encoder.encode([_record_of(one) for one in check.findings]).decode()
        async with self.database.connection() as connection:
            await _KEEP.row(
                connection,
                partition=check.partition,
                begun_at=check.begun_at,
                finished_at=check.finished_at,
                checked_at=check.checked_at,
                accounts=check.counts.accounts,
                entries=check.counts.entries,
                holds=check.counts.holds,
                findings=findings,
            )


def _check_of(row: asyncpg.Record) -> IntegrityCheck:
    return IntegrityCheck(
        row["partition"],
        row["begun_at"],
        row["finished_at"],
        row["checked_at"],
        Counts(accounts=row["accounts"], entries=row["entries"], holds=row["holds"]),
        [_finding_of(one) for one in msgspec.convert(row["findings"], list[_FindingRecord])],
    )


def _record_of(finding: Finding) -> _FindingRecord:
    shard, user_id, currency = finding.account or (None, None, None)
    return _FindingRecord(
        finding.figure,
        finding.due,
        finding.found,
        shard,
        user_id,
        currency,
        finding.sequence,
        finding.transaction_id,
        finding.page_number,
    )


def _finding_of(one: _FindingRecord) -> Finding:
    account = None
    if one.shard is not None and one.user_id is not None and one.currency is not None:
        account = AccountKey(one.shard, one.user_id, one.currency)
    return Finding(
        one.figure,
        one.due,
        one.found,
        account,
        one.sequence,
        one.transaction_id,
        one.page_number,
    )
