"""How much money was in a user's accounts at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from core.entities.log_position import LogPosition
from core.entities.statement import BalanceAt
from core.errors import LogUnavailableError
from core.ports.clock import Clock
from core.ports.command_log import CommandLog
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import AccountNotFoundError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed

LOG_CLOCK_TOLERANCE: Final = timedelta(seconds=5)
"""How far the log's clock may be behind ours, and its replicas behind it: a record of such a time
could still be written, or become visible.
"""


class PastBalances(NamedTuple):
    """Balances after all that was posted at `at` or before.

    `complete` promises that nothing of that time can come any more. Without it, something may: not
    all of the log up to then is posted, or the log could not be asked.
    """

    at: datetime
    is_complete: bool
    balances: Sequence[BalanceAt]


@dataclass(frozen=True, slots=True)
class ReadPastBalances:
    """Finds an account's last entry by its time, in as many steps as its history has digits."""

    checks: Checks
    log: CommandLog
    reader: LedgerReader
    watch: PositionWatch
    clock: Clock

    async def of_one(
        self, user_id: str, currency: str | None, at: datetime, position: str | None
    ) -> PastBalances:
        """The balance of one account, not before the ledger has passed `position`.

        Raises `InvalidFieldError`, `AccountNotFoundError`, `NotYetPostedError`,
        `LedgerUnavailableError`.
        """
        code = self.checks.currency(currency).code
        past = await self._read(user_id, code, at, position)
        if not past.balances:
            raise AccountNotFoundError(user_id, code)
        return past

    async def of_all(self, user_id: str, at: datetime, position: str | None) -> PastBalances:
        """The same of every account of the user; `AccountNotFoundError` if there is none."""
        past = await self._read(user_id, None, at, position)
        if not past.balances:
            raise AccountNotFoundError(user_id)
        return past

    async def _read(
        self, user_id: str, currency: str | None, at: datetime, position: str | None
    ) -> PastBalances:
        self.checks.user_id(user_id)
        await ensure_passed(self.watch, self.checks.position(position))
        # First, so that what is read is at least as far as what is promised of it.
        is_complete = await self._is_complete(at)
        return PastBalances(at, is_complete, await self.reader.balances_at(user_id, currency, at))

    async def _is_complete(self, at: datetime) -> bool:
        if at > self.clock.now() - LOG_CLOCK_TOLERANCE:
            return False
        try:
            log = await self.log.offsets_after(at)
        except LogUnavailableError:
            return False
        positions = await self.reader.positions()
        return all(
            _is_posted(positions.get(partition), log.topic_id, offset)
            for partition, offset in log.offsets.items()
        )


def _is_posted(position: LogPosition | None, topic_id: str, next_offset: int) -> bool:
    """Whether all before `next_offset` of this log is; an earlier log's offsets say nothing."""
    if position is None:
        return next_offset == 0
    return (
        position.halted is None
        and position.topic_id in {None, topic_id}
        and position.next_offset >= next_offset
    )
