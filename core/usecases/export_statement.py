"""The statement of a whole period, to be kept."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from core.entities.account import AccountKey, user_account
from core.entities.statement import StatementEntry, StatementHead, StatementOrder
from core.ports.clock import Clock
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import AccountNotFoundError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed

RUN_ENTRIES: Final = 1_000
"""Entries that are read at once: memory does not grow with the period."""


class Export(NamedTuple):
    """A statement's head, and its entries, oldest first; whoever takes them closes `runs`."""

    head: StatementHead
    runs: AsyncGenerator[Sequence[StatementEntry], None]


@dataclass(frozen=True, slots=True)
class ExportStatement:
    """Reads by sequence, in short reads: no snapshot is held open, and what is posted meanwhile is
    not in it.
    """

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch
    clock: Clock

    async def __call__(
        self,
        user_id: str,
        currency: str | None,
        since: datetime | None,
        until: datetime | None,
        *,
        position: str | None = None,
    ) -> Export:
        """The statement from `since` (included) to `until` (not), its first entries already read.

        Raises `InvalidFieldError`, `AccountNotFoundError`, `NotYetPostedError`,
        `LedgerUnavailableError`; the runs, when they are read, the last of these.
        """
        checks = self.checks
        checks.period(since, until)
        key = user_account(checks.user_id(user_id), checks.currency(currency).code)
        await ensure_passed(self.watch, checks.position(position))
        head = await self._head(key, since, until)
        first = await self._run(head, head.first_sequence)
        return Export(head, self._runs(head, first))

    async def _head(
        self, key: AccountKey, since: datetime | None, until: datetime | None
    ) -> StatementHead:
        account = await self.reader.account(key)
        period = await self.reader.period(key, since, until)
        if account is None or account.opened_at is None or period is None:
            raise AccountNotFoundError(key.user_id, key.currency)
        return StatementHead(
            account=key,
            since=since,
            until=until,
            first_sequence=period.first_sequence,
            last_sequence=period.last_sequence,
            opening_balance=period.opening_balance,
            closing_balance=period.closing_balance,
            opened_at=account.opened_at,
            produced_at=self.clock.now(),
        )

    async def _runs(
        self, head: StatementHead, run: Sequence[StatementEntry]
    ) -> AsyncGenerator[Sequence[StatementEntry], None]:
        while run:
            yield run
            run = await self._run(head, run[-1].sequence + 1)

    async def _run(self, head: StatementHead, first: int) -> Sequence[StatementEntry]:
        if first > head.last_sequence:
            return ()
        return await self.reader.entries(
            head.account, first, head.last_sequence, StatementOrder.ASCENDING, RUN_ENTRIES
        )
