"""A user's holds, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.cursor import read_cursor, write_cursor
from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed


class HoldsPage(NamedTuple):
    """Some holds of a user, newest first, and where the next ones begin."""

    user_id: str
    holds: Sequence[Hold]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListHolds:
    """Reads holds in the order in which they were placed, the newest first."""

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(
        self,
        user_id: str,
        status: str | None,
        limit: int,
        cursor: str | None,
        position: str | None,
    ) -> HoldsPage:
        """The user's holds with this status, not before the ledger has passed `position`.

        Raises `InvalidFieldError`, `NotYetPostedError`, `LedgerUnavailableError`.
        """
        wanted = _status(status)
        query = ("holds", self.checks.user_id(user_id), wanted or "")
        before = _before(query, cursor)
        most = self.checks.limit_of(limit)
        await ensure_passed(self.watch, self.checks.position(position))
        # One more than asked for tells whether there is a next page.
        holds = await self.reader.holds(user_id, wanted, before, most + 1)
        if len(holds) <= limit:
            return HoldsPage(user_id, holds, None)
        last = holds[limit - 1]
        place = (last.placed_at.isoformat(), str(last.hold_id))
        return HoldsPage(user_id, holds[:limit], write_cursor(query, place))


def _status(text: str | None) -> HoldStatus | None:
    if text is None:
        return None
    try:
        return HoldStatus(text)
    except ValueError:
        raise InvalidFieldError("status", f"must be one of {', '.join(HoldStatus)}") from None


def _before(query: Sequence[str], cursor: str | None) -> HoldPlace | None:
    if cursor is None:
        return None
    try:
        placed_at, hold_id = read_cursor(query, cursor, parts=2)
        return HoldPlace(datetime.fromisoformat(placed_at).astimezone(UTC), UUID(hold_id))
    except (ValueError, OverflowError) as error:
        raise InvalidFieldError("cursor", str(error)) from None
