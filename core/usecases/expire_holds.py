"""Nobody asks for the expiry of a hold, so the processor does."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.entities.command import Command, fingerprint_of
from core.entities.orders import CommandType, ExpireHold
from core.entities.transaction_id import keyed_transaction_id, shard_of_id
from core.errors import LogUnavailableError
from core.ports.clock import Clock
from core.ports.command_log import CommandLog
from core.ports.ledger import Ledger

EXPIRY_CLIENT: Final = "@expiry"
"""No client can have this name."""
MAX_AT_ONCE: Final = 1_000
"""Of one partition: one that lags keeps none of the others waiting."""
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Asked:
    """When the expiry of a hold may be asked for again, should it still be open then."""

    again_at: datetime
    pause: timedelta


@dataclass(frozen=True, slots=True)
class ExpireHolds:
    """Puts a command into the log for each hold whose time is over.

    Its id derives from the hold's, so that however often it is asked for, it happens once. One
    that comes too early by the log's clock changes nothing; it is asked for again.
    """

    ledger: Ledger
    log: CommandLog
    clock: Clock
    _asked: dict[UUID, _Asked] = field(default_factory=dict, init=False, repr=False)

    async def __call__(self, partitions: Collection[int]) -> int:
        """Ask for the expiry of these partitions' due holds; for how many it was asked.

        Raises `LedgerUnavailableError`, `LogUnavailableError`.
        """
        now = self.clock.now()
        due = await self.ledger.due_holds(partitions, now, MAX_AT_ONCE)
        self._forget_all_but(due)
        wanted = [one for one in due if one not in self._asked or self._asked[one].again_at <= now]
        for answer in await self.log.append_all([expiry_of(one) for one in wanted]):
            if isinstance(answer, LogUnavailableError):
                raise answer
        for hold_id in wanted:
            before = self._asked.get(hold_id)
            pause = min(before.pause * 2, LONGEST_PAUSE) if before else FIRST_PAUSE
            self._asked[hold_id] = _Asked(now + pause, pause)
        return len(wanted)

    def _forget_all_but(self, due: Collection[UUID]) -> None:
        still_due = set(due)
        for hold_id in [one for one in self._asked if one not in still_due]:
            del self._asked[hold_id]


def expiry_of(hold_id: UUID) -> Command:
    """The command that frees the hold."""
    order = ExpireHold(hold_id)
    return Command(
        transaction_id=keyed_transaction_id(EXPIRY_CLIENT, str(hold_id), shard_of_id(hold_id)),
        type=CommandType.EXPIRE,
        order=order,
        reference=None,
        metadata=None,
        client=EXPIRY_CLIENT,
        idempotency_key=None,
        fingerprint=fingerprint_of(order, None, None),
        request_id=f"expiry-{hold_id}",
    )
