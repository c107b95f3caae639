"""A hold as it stands."""

from dataclasses import dataclass
from uuid import UUID

from core.entities.hold import Hold
from core.entities.receipt import Pending
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import HoldNotFoundError, TransactionNotFoundError
from core.usecases.checks import our_id
from core.usecases.freshness import ensure_passed
from core.usecases.read_transaction import ReadTransaction


@dataclass(frozen=True, slots=True)
class ReadHold:
    """An accepted hold is never unknown: before it is placed, it is pending."""

    reader: LedgerReader
    read_transaction: ReadTransaction
    watch: PositionWatch

    async def __call__(self, hold_id: str, position: str | None) -> Hold | Pending:
        """The hold, not before the ledger has passed `position`; or that its command is pending.

        Raises `InvalidFieldError`, `HoldNotFoundError` (also where the command was rejected),
        `NotYetPostedError` for a hold that is placed, `LedgerUnavailableError`, and
        `LogUnavailableError` where only the log could tell.
        """
        wanted = our_id(hold_id, HoldNotFoundError)
        place = self.read_transaction.checks.position(position)
        hold = await self.reader.hold(wanted)
        if hold is not None:
            if place is None:
                return hold
            await ensure_passed(self.watch, place)
            return await self._placed(wanted)
        try:
            found = await self.read_transaction(hold_id, position)
        except TransactionNotFoundError:
            raise HoldNotFoundError(hold_id) from None
        if isinstance(found, Pending):
            return found
        # It was decided in between.
        return await self._placed(wanted)

    async def _placed(self, wanted: UUID) -> Hold:
        hold = await self.reader.hold(wanted)
        if hold is None:
            raise HoldNotFoundError(str(wanted))
        return hold
