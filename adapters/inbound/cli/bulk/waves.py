"""Which rows may be sent at once without changing what the file's order means.

The log keeps the order of one user's own commands: those whose place is that user. It knows no
order between a user's withdrawal and another user's transfer to that user, so such rows are kept
apart: the second is sent when the first is decided. Money that only comes in may come in any order.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from adapters.inbound.cli.bulk.row_keys import KeyedRow

MAX_WAVE_ROWS: Final = 2_000
LANES: Final = 4


class Wave:
    """Rows of a file that follow each other, none of which waits for another user's."""

    def __init__(self) -> None:
        self.rows: list[KeyedRow] = []
        self._paying: set[str] = set()
        self._receiving: set[str] = set()

    def takes(self, keyed: KeyedRow) -> bool:
        """Whether the row may be sent together with these."""
        row = keyed.row
        waits_for_money = row.takes and row.place in self._receiving
        overtakes_payment = row.receiver in self._paying
        return len(self.rows) < MAX_WAVE_ROWS and not waits_for_money and not overtakes_payment

    def add(self, keyed: KeyedRow) -> None:
        """The row, behind the others."""
        self.rows.append(keyed)
        if keyed.row.takes:
            self._paying.add(keyed.row.place)
        if keyed.row.receiver is not None:
            self._receiving.add(keyed.row.receiver)


def waves(rows: Iterable[KeyedRow]) -> Iterator[Sequence[KeyedRow]]:
    """The rows, in order, cut where a row has to wait for those before it."""
    wave = Wave()
    for row in rows:
        if not wave.takes(row):
            yield wave.rows
            wave = Wave()
        wave.add(row)
    if wave.rows:
        yield wave.rows


def lanes(wave: Sequence[KeyedRow]) -> Sequence[Sequence[KeyedRow]]:
    """The wave in parts that can be under way at once: a user's commands stay in one, in order."""
    parts: list[list[KeyedRow]] = [[] for _ in range(LANES)]
    for one in wave:
        parts[zlib.crc32(one.row.place.encode()) % LANES].append(one)
    return [part for part in parts if part]
