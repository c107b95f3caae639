"""A hold as it stands."""

from dataclasses import dataclass

from core.entities.hold import Hold
from core.entities.receipt import Pending
from core.ports.ledger_reader import LedgerReader
from core.refusals import HoldNotFoundError, TransactionNotFoundError
from core.usecases.checks import our_id
from core.usecases.read_transaction import ReadTransaction


@dataclass(frozen=True, slots=True)
class ReadHold:
    """An accepted hold is never unknown: before it is placed, it is pending."""

    reader: LedgerReader
    read_transaction: ReadTransaction

    async def __call__(self, hold_id: str, position: str | None) -> Hold | Pending:
        """The hold, or that the command for it is pending.

        Raises `InvalidFieldError`, `HoldNotFoundError` (also where the command was rejected),
        `LedgerUnavailableError`, and `LogUnavailableError` where only the log could tell.
        """
        wanted = our_id(hold_id, HoldNotFoundError)
        hold = await self.reader.hold(wanted)
        if hold is not None:
            return hold
        try:
            found = await self.read_transaction(hold_id, position)
        except TransactionNotFoundError:
            raise HoldNotFoundError(hold_id) from None
        if isinstance(found, Pending):
            return found
        # It was decided in between.
        hold = await self.reader.hold(wanted)
        if hold is None:
            raise HoldNotFoundError(hold_id)
        return hold
