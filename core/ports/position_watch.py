"""Waiting for the ledger to get somewhere."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from core.entities.position import Position
from core.entities.transaction import Transaction


class PositionWatch(Protocol):
    """Waits on behalf of many callers at the price of one.

    How many may wait at a time is limited; beyond that a call answers at once, as if its time
    were up. A ledger that is away is waited for, too.
    """

    async def passed(self, position: Position, within_seconds: float) -> bool:
        """True once the ledger has passed `position`; False when the time is up."""
        ...

    async def outcome(
        self, transaction_id: UUID, position: Position, within_seconds: float
    ) -> Transaction | None:
        """The transaction, once the ledger has passed `position`; None when the time is up, or if
        the record there became no transaction.
        """
        ...

    async def outcomes(
        self, asked: Sequence[tuple[UUID, Position]], within_seconds: float
    ) -> Sequence[Transaction | None]:
        """The same for many at once, in the order in which they are asked for."""
        ...
