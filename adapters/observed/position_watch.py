"""How many wait for the ledger."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from adapters.metrics.instruments import AcceptingMetrics
from core.entities.position import Position
from core.entities.transaction import Transaction
from core.ports.position_watch import PositionWatch


@dataclass(frozen=True, slots=True)
class ObservedPositionWatch:
    """A `PositionWatch` that counts those who wait."""

    watch: PositionWatch
    metrics: AcceptingMetrics

    async def passed(self, position: Position, within_seconds: float) -> bool:
        """Whether the ledger passes the position in time."""
        with self._waiting(1):
            return await self.watch.passed(position, within_seconds)

    async def outcome(
        self, transaction_id: UUID, position: Position, within_seconds: float
    ) -> Transaction | None:
        """The transaction, if the ledger passes the position in time."""
        with self._waiting(1):
            return await self.watch.outcome(transaction_id, position, within_seconds)

    async def outcomes(
        self, asked: Sequence[tuple[UUID, Position]], within_seconds: float
    ) -> Sequence[Transaction | None]:
        """The transactions whose positions the ledger passes in time."""
        with self._waiting(len(asked)):
            return await self.watch.outcomes(asked, within_seconds)

    @contextmanager
    def _waiting(self, count: int) -> Iterator[None]:
        self.metrics.waiters.inc(count)
        try:
            yield
        finally:
            self.metrics.waiters.dec(count)
