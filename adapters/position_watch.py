"""Waiting for the ledger at the price of one small query for all who wait."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import structlog

from adapters.background import end
from core.entities.position import Position
from core.entities.transaction import Transaction
from core.errors import LedgerUnavailableError
from core.ports.ledger_reader import LedgerReader

POLL_SECONDS: Final = 0.004
AWAY_POLL_SECONDS: Final = 0.25
MAX_READ_AT_ONCE: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Waiter:
    position: Position
    transaction_id: UUID | None
    result: "asyncio.Future[Transaction | None]"


class LedgerPositionWatch:
    """A `PositionWatch` that asks any `LedgerReader`, only while somebody waits."""

    def __init__(self, reader: LedgerReader, max_waiters: int) -> None:
        self._reader = reader
        self._max_waiters = max_waiters
        # In the order in which they came, which is the order in which they are answered.
        self._waiters: dict[_Waiter, None] = {}
        self._someone_waits = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="position-watch")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._watching is not None:
            await end(self._watching)

    def release(self) -> None:
        """Answer all who wait, and all who come later, as if their time were up."""
        self._max_waiters = 0
        for waiter in self._waiters:
            if not waiter.result.done():
                waiter.result.set_exception(TimeoutError())

    async def passed(self, position: Position, within_seconds: float) -> bool:
        """Whether the ledger passes the position in time."""
        try:
            await self._wait(position, None, within_seconds)
        except TimeoutError:
            return False
        return True

    async def outcome(
        self, transaction_id: UUID, position: Position, within_seconds: float
    ) -> Transaction | None:
        """The transaction, if the ledger passes the position in time."""
        try:
            return await self._wait(position, transaction_id, within_seconds)
        except TimeoutError:
            return None

    async def outcomes(
        self, asked: Sequence[tuple[UUID, Position]], within_seconds: float
    ) -> Sequence[Transaction | None]:
        """The transactions whose positions the ledger passes in time."""
        return await asyncio.gather(*(self.outcome(*one, within_seconds) for one in asked))

    async def _wait(
        self, position: Position, transaction_id: UUID | None, within_seconds: float
    ) -> Transaction | None:
        if len(self._waiters) >= self._max_waiters:
            raise TimeoutError
        waiter = _Waiter(position, transaction_id, asyncio.get_running_loop().create_future())
        self._waiters[waiter] = None
        self._someone_waits.set()
        try:
            async with asyncio.timeout(within_seconds):
                return await waiter.result
        finally:
            self._waiters.pop(waiter, None)

    async def _watch(self) -> None:
        while True:
            await self._someone_waits.wait()
            self._someone_waits.clear()
            while self._waiters:
                pause_seconds = await self._serve_or_log()
                await asyncio.sleep(pause_seconds)

    async def _serve_or_log(self) -> float:
        try:
            return await self._serve()
        except Exception:  # noqa: BLE001 (whatever it is, those who come later still wait for us)
            _log.exception("position_watch_failed")
            return AWAY_POLL_SECONDS

    async def _serve(self) -> float:
        """Answer those whose position is passed; seconds until it is worth asking again."""
        try:
            next_offsets = await self._reader.next_offsets()
            ready = [
                waiter
                for waiter in self._waiters
                if waiter.position.offset < next_offsets.get(waiter.position.partition, 0)
            ]
            for start in range(0, len(ready), MAX_READ_AT_ONCE):
                await self._answer(ready[start : start + MAX_READ_AT_ONCE])
        except LedgerUnavailableError:
            return AWAY_POLL_SECONDS
        return POLL_SECONDS

    async def _answer(self, ready: list[_Waiter]) -> None:
        wanted = [one.transaction_id for one in ready if one.transaction_id is not None]
        known = await self._reader.transactions(wanted) if wanted else {}
        for waiter in ready:
            self._waiters.pop(waiter, None)
            if not waiter.result.done():
                outcome = known.get(waiter.transaction_id) if waiter.transaction_id else None
                waiter.result.set_result(outcome)
