"""A slice of holds, in memory."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from adapters.outbound.memory.audit.places import page_numbers
from adapters.outbound.memory.books import MemoryBooks
from core.entities.audit import MAX_SLICE_FINDINGS, Counts, HoldPlace, Slice
from core.entities.finding import Figure, Finding
from core.entities.hold import Hold, HoldStatus
from core.entities.orders import CaptureHold, ExpireHold, PlaceHold, VoidHold
from core.entities.transaction import Transaction
from core.entities.transaction_id import shard_of_id


class HoldSlice:
    """What the transactions say of the holds of a slice."""

    def __init__(self, books: MemoryBooks) -> None:
        self._books = books
        self._page_numbers = page_numbers(books)
        self._touching: dict[UUID, list[Transaction]] = {}
        for one in books.transactions.values():
            order = one.command.order
            if isinstance(order, CaptureHold | VoidHold | ExpireHold) and one.rejection is None:
                self._touching.setdefault(order.hold_id, []).append(one)

    def checked(
        self, shards: Sequence[int], begin: HoldPlace | None, limit: int
    ) -> Slice[HoldPlace]:
        """The slice."""
        places = sorted(HoldPlace(shard_of_id(one), one) for one in self._books.holds)
        rest = [one for one in places if one.shard in shards and (begin is None or one > begin)]
        listed = rest[:limit]
        findings = [found for one in listed for found in self._compared(one.hold_id)]
        next_place = listed[-1] if len(rest) >= limit else None
        return Slice(Counts(holds=len(listed)), findings[:MAX_SLICE_FINDINGS], next_place)

    def _compared(self, hold_id: UUID) -> Iterator[Finding]:
        hold, due = self._books.holds[hold_id], self._due(hold_id)
        touching = self._touching.get(hold_id, [])
        newest = touching[-1].command.transaction_id if touching else hold_id
        for figure, expected, found in (
            (Figure.HOLD_ACCOUNT, due and _account(due), _account(hold)),
            (Figure.HOLD_AMOUNT, due and str(due.amount), str(hold.amount)),
            (Figure.HOLD_CAPTURED, due and str(due.captured), str(hold.captured)),
            (Figure.HOLD_STATUS, due and due.status.value, hold.status.value),
        ):
            if expected != found:
                number = self._page_numbers.get(newest)
                yield Finding(figure, expected, found, hold.account, None, hold_id, number)

    def _due(self, hold_id: UUID) -> Hold | None:
        placed = self._books.transactions.get(hold_id)
        if placed is None or not isinstance(placed.command.order, PlaceHold):
            return None
        order, status, captured = placed.command.order, HoldStatus.OPEN, 0
        for one in self._touching.get(hold_id, []):
            ending = one.command.order
            if isinstance(ending, CaptureHold):
                captured += 0 if one.money is None else one.money.amount
                is_over = ending.final or captured == order.money.amount
                status = HoldStatus.CAPTURED if is_over else status
            else:
                is_void = isinstance(ending, VoidHold)
                status = HoldStatus.VOIDED if is_void else HoldStatus.EXPIRED
        return self._books.holds[hold_id]._replace(
            account=self._books.holds[hold_id].account._replace(
                user_id=order.user_id, currency=order.money.currency
            ),
            amount=order.money.amount,
            captured=captured,
            status=status,
        )


def _account(hold: Hold) -> str:
    return f"{hold.account.user_id} {hold.account.currency}"
