"""Reading one's own writes."""

from typing import Final

from core.entities.position import Position
from core.ports.position_watch import PositionWatch
from core.refusals import NotYetPostedError

READ_WAIT_SECONDS: Final = 2.0
"""How long a read waits for the ledger to pass the position it names."""


async def ensure_passed(watch: PositionWatch, position: Position | None) -> None:
    """Return once the ledger has passed `position`; `NotYetPostedError` when it has not in time."""
    if position is not None and not await watch.passed(position, READ_WAIT_SECONDS):
        raise NotYetPostedError(position)
