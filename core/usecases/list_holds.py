"""A user's holds, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from core.entities.hold import Hold, HoldPlace, HoldStatus
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed
from core.usecases.paging import page_of, place_of


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
        wanted = self.checks.one_of(HoldStatus, status, "status")
        query = ("holds", self.checks.user_id(user_id), wanted or "")
        before = place_of(cursor, query, _parsed, parts=2)
        most = self.checks.limit(limit)
        await ensure_passed(self.watch, self.checks.position(position))
        found = await self.reader.holds(user_id, wanted, before, most + 1)
        return HoldsPage(user_id, *page_of(found, most, query, _place))


def _place(hold: Hold) -> Sequence[str]:
    return hold.placed_at.isoformat(), str(hold.hold_id)


def _parsed(place: Sequence[str]) -> HoldPlace:
    placed_at, hold_id = place
    return HoldPlace(datetime.fromisoformat(placed_at).astimezone(UTC), UUID(hold_id))
