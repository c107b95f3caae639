"""The operator's view of what could not be read or applied, in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from adapters.outbound.memory.books import MemoryBooks
from adapters.records import decode
from core.entities.dead_letter import (
    DeadLetter,
    FiledLetter,
    LetterFilter,
    LetterPlace,
    LetterState,
)
from core.entities.position import Position


class MemoryDeadLetters:
    """`DeadLetters` over `MemoryBooks`."""

    def __init__(self, books: MemoryBooks) -> None:
        self._books = books

    async def letters(
        self, wanted: LetterFilter, after: LetterPlace | None, limit: int
    ) -> Sequence[FiledLetter]:
        """Those that are wanted, in order."""
        chosen = [
            one
            for one in self._all()
            if (after is None or one.place > after)
            and (not wanted.only_held or one.state is LetterState.HELD)
            and wanted.reason in {None, one.letter.reason}
        ]
        return chosen[:limit]

    async def held(self) -> Mapping[int, int]:
        """How many wait, by partition."""
        return Counter(
            one.position.partition for one in self._all() if one.state is LetterState.HELD
        )

    async def at(self, position: Position) -> FiledLetter | None:
        """The newest at this position."""
        return next((one for one in self._newest_first() if one.position == position), None)

    async def of(self, transaction_id: UUID) -> FiledLetter | None:
        """The newest of this id."""
        found = (one for one in self._newest_first() if one.letter.transaction_id == transaction_id)
        return next(found, None)

    def _newest_first(self) -> Iterator[FiledLetter]:
        return reversed(self._all())

    def _all(self) -> list[FiledLetter]:
        filed: list[FiledLetter] = []
        newer: set[UUID] = set()
        for number, _, page, _ in reversed(self._books.pages):
            for letter in reversed(page.dead_letters):
                filed.append(self._filed(number, letter, has_newer=letter.transaction_id in newer))
                newer.add(letter.transaction_id)
        return filed[::-1]

    def _filed(self, number: int, letter: DeadLetter, *, has_newer: bool) -> FiledLetter:
        record = letter.record
        read = record._replace(content=decode(record.value, record.headers))
        decision = self._books.transactions.get(letter.transaction_id)
        return FiledLetter(number, letter._replace(record=read), has_newer, decision)
