"""Transactions in the order of posting, page by page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from core.entities.cursor import MEANINGLESS, write_cursor
from core.entities.orders import CommandType
from core.entities.shard import SHARD_COUNT
from core.entities.statement import StatementOrder
from core.entities.transaction import Transaction, TransactionStatus
from core.entities.transaction_list import (
    Found,
    ListPlace,
    PageRange,
    Stretch,
    TransactionFilter,
    end_of_page,
)
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.usecases.checks import DEFAULT_LIST_LIMIT, Checks
from core.usecases.freshness import ensure_passed
from core.usecases.paging import place_of

_PLACE: Final = re.compile(r"([0-9]{1,4}):([0-9]{1,18}):([0-9]{1,18})", re.ASCII)
_BEFORE_ALL: Final = ListPlace(0, 0)
_AFTER_ALL: Final = end_of_page(10**18 - 1)


@dataclass(frozen=True, slots=True)
class TransactionsDraft:
    """A list as asked for: times and order are parsed, the other texts are not checked."""

    user_id: str | None = None
    reference: str | None = None
    type: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: StatementOrder = StatementOrder.ASCENDING
    limit: int = DEFAULT_LIST_LIMIT
    cursor: str | None = None
    position: str | None = None


class TransactionsPage(NamedTuple):
    """Some transactions. `next_cursor` leads to the next ones there are now; `newer_cursor`, at the
    end of an ascending list, to those that will be posted.
    """

    transactions: Sequence[Transaction]
    next_cursor: str | None
    newer_cursor: str | None


class _Standing(NamedTuple):
    """What a cursor says. Ascending, `places` tell up to where each partition's transactions were
    given; descending, where the list began, and all from `before` on was given.
    """

    places: Mapping[int, ListPlace]
    before: ListPlace | None = None


@dataclass(frozen=True, slots=True)
class ListTransactions:
    """Lists what was decided, oldest first or newest first.

    Ascending, what is posted late, from a partition that lags behind, comes late: whoever goes on
    with the cursor gets every transaction, once. Descending, the list is what it was at its first
    page.
    """

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, draft: TransactionsDraft) -> TransactionsPage:
        """One page of the list; it may have fewer transactions than it could, even none.

        Raises `InvalidFieldError`, `NotYetPostedError`, `LedgerUnavailableError`.
        """
        wanted, limit = self._filter(draft), self.checks.limit(draft.limit)
        query = ("transactions", draft.order, *(str(one) for one in wanted))
        standing = place_of(draft.cursor, query, _parsed, parts=2)
        await ensure_passed(self.watch, self.checks.position(draft.position))
        newest = await self._newest()
        if draft.order is StatementOrder.DESCENDING:
            return await self._newest_first(query, wanted, limit, standing or _Standing(newest))
        given = {} if standing is None else standing.places
        found = await self._find(wanted, given, newest, None, limit)
        if found.reached is None:
            return TransactionsPage(found.transactions, None, _text(query, _Standing(newest)))
        rest = _Standing(_given(given, newest, found.reached))
        return TransactionsPage(found.transactions, _text(query, rest), None)

    async def _newest_first(
        self, query: Sequence[str], wanted: TransactionFilter, limit: int, begun: _Standing
    ) -> TransactionsPage:
        found = await self._find(wanted, {}, begun.places, begun.before or _AFTER_ALL, limit)
        rest = None if found.reached is None else _Standing(begun.places, found.reached)
        return TransactionsPage(found.transactions, rest and _text(query, rest), None)

    async def _newest(self) -> Mapping[int, ListPlace]:
        pages = await self.reader.newest_pages()
        return {partition: end_of_page(number) for partition, number in pages.items()}

    async def _find(
        self,
        wanted: TransactionFilter,
        after: Mapping[int, ListPlace],
        through: Mapping[int, ListPlace],
        before: ListPlace | None,
        limit: int,
    ) -> Found:
        """Of each partition what is between, as far as the wanted times are in it; with `before`
        from there backwards.
        """
        since = await self._first_pages(wanted.since)
        until = await self._first_pages(wanted.until)
        ranges: dict[int, PageRange] = {}
        for partition, (newest, _) in through.items():
            lowest, highest = after.get(partition, _BEFORE_ALL), newest
            if since is not None:
                lowest = max(lowest, end_of_page(since.get(partition, newest + 1) - 1))
            if until is not None:
                highest = min(highest, until.get(partition, newest))
            if lowest < end_of_page(highest):
                ranges[partition] = PageRange(lowest, highest)
        stretch = Stretch(ranges, before, descending=before is not None)
        return await self.reader.find(wanted, stretch, limit)

    async def _first_pages(self, time: datetime | None) -> Mapping[int, int] | None:
        return None if time is None else await self.reader.first_pages_from(time)

    def _filter(self, draft: TransactionsDraft) -> TransactionFilter:
        checks = self.checks
        checks.period(draft.since, draft.until)
        return TransactionFilter(
            user_id=None if draft.user_id is None else checks.user_id(draft.user_id),
            reference=checks.reference(draft.reference),
            type=checks.one_of(CommandType, draft.type, "type"),
            status=checks.one_of(TransactionStatus, draft.status, "status"),
            since=draft.since,
            until=draft.until,
        )


def _given(
    before: Mapping[int, ListPlace], newest: Mapping[int, ListPlace], reached: ListPlace
) -> Mapping[int, ListPlace]:
    """Up to where each partition's transactions were given, after a page that ends at `reached`.

    All of each partition up to `newest` was there to be read. What appears later, though its page
    has a lesser number than that of `reached`, is behind what was given of its partition.
    """
    return {
        partition: max(before.get(partition, _BEFORE_ALL), min(place, reached))
        for partition, place in newest.items()
    }


def _text(query: Sequence[str], standing: _Standing) -> str:
    places = ",".join(f"{one}:{place[0]}:{place[1]}" for one, place in standing.places.items())
    before = standing.before
    return write_cursor(query, (places, "" if before is None else f"0:{before[0]}:{before[1]}"))


def _parsed(parts: Sequence[str]) -> _Standing:
    """What was written; `ValueError` for anything else."""
    places, before = map(_places, parts)
    return _Standing(places, before.get(0))


def _places(text: str) -> Mapping[int, ListPlace]:
    places: dict[int, ListPlace] = {}
    for one in text.split(",") if text else ():
        match = _PLACE.fullmatch(one)
        if match is None or int(match[1]) >= SHARD_COUNT:
            raise ValueError(MEANINGLESS)
        places[int(match[1])] = ListPlace(int(match[2]), int(match[3]))
    return places
