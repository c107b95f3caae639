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
)
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed
from core.usecases.paging import place_of

_PAIRS: Final = re.compile(r"[0-9]{1,18}:[0-9]{1,18}(?:,[0-9]{1,18}:[0-9]{1,18})*", re.ASCII)


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
    limit: int = 50
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
    """What a cursor says. Ascending, `pages` were seen of each partition; descending, they are
    where the list began. `place` is the last one that was given, in both.
    """

    pages: Mapping[int, int]
    place: ListPlace | None


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
        newest = await self.reader.newest_pages()
        if draft.order is StatementOrder.DESCENDING:
            return await self._newest_first(
                query, wanted, limit, standing or _Standing(newest, None)
            )
        seen = standing or _Standing({}, None)
        found = await self._find(wanted, newest, seen.pages, seen.place, limit)
        if found.reached is None:
            return TransactionsPage(found.transactions, None, _text(query, _Standing(newest, None)))
        rest = _Standing(_seen(newest, seen.pages, found.reached), found.reached)
        return TransactionsPage(found.transactions, _text(query, rest), None)

    async def _newest_first(
        self, query: Sequence[str], wanted: TransactionFilter, limit: int, begun: _Standing
    ) -> TransactionsPage:
        found = await self._find(wanted, begun.pages, {}, begun.place, limit, descending=True)
        rest = None if found.reached is None else _Standing(begun.pages, found.reached)
        return TransactionsPage(found.transactions, rest and _text(query, rest), None)

    async def _find(
        self,
        wanted: TransactionFilter,
        through: Mapping[int, int],
        after: Mapping[int, int],
        place: ListPlace | None,
        limit: int,
        *,
        descending: bool = False,
    ) -> Found:
        """Pages after `after` up to `through`, as far as the wanted times are in them."""
        since = await self._first_pages(wanted.since)
        until = await self._first_pages(wanted.until)
        pages: dict[int, PageRange] = {}
        for partition, newest in through.items():
            lowest, highest = after.get(partition, 0), newest
            if since is not None:
                lowest = max(lowest, since.get(partition, newest + 1) - 1)
            if until is not None:
                highest = min(highest, until.get(partition, newest))
            if lowest < highest:
                pages[partition] = PageRange(lowest, highest)
        return await self.reader.find(wanted, Stretch(pages, place, descending), limit)

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


def _seen(
    newest: Mapping[int, int], before: Mapping[int, int], reached: ListPlace
) -> Mapping[int, int]:
    """Of each partition, the last page of which nothing is left to be given.

    All pages up to `newest` were there to be read. What appears later in a page before `reached`
    is behind what was seen of its partition, and is given then.
    """
    return {
        partition: max(before.get(partition, 0), min(number, reached.page_number - 1))
        for partition, number in newest.items()
    }


def _text(query: Sequence[str], standing: _Standing) -> str:
    pages = ",".join(f"{partition}:{number}" for partition, number in standing.pages.items())
    place = "" if standing.place is None else f"{standing.place[0]}:{standing.place[1]}"
    return write_cursor(query, (pages, place))


def _parsed(parts: Sequence[str]) -> _Standing:
    """What was written; `ValueError` for anything else."""
    pages, places = map(_numbers, parts)
    if len(places) > 1 or any(partition >= SHARD_COUNT for partition, _ in pages):
        raise ValueError(MEANINGLESS)
    return _Standing(dict(pages), ListPlace(*places[0]) if places else None)


def _numbers(text: str) -> Sequence[tuple[int, int]]:
    if text and not _PAIRS.fullmatch(text):
        raise ValueError(MEANINGLESS)
    pairs = [one.split(":") for one in text.split(",")] if text else []
    return [(int(first), int(second)) for first, second in pairs]
