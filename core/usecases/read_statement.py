"""The entries of an account, page by page."""

from dataclasses import dataclass

from core.entities.account import user_account
from core.entities.orders import CommandType
from core.entities.statement import (
    MAX_ENTRIES_LOOKED_AT,
    Period,
    Statement,
    StatementCursor,
    StatementOrder,
    StatementQuery,
)
from core.ports.ledger_reader import LedgerReader
from core.ports.position_watch import PositionWatch
from core.refusals import AccountNotFoundError, InvalidFieldError
from core.usecases.checks import Checks
from core.usecases.freshness import ensure_passed
from core.usecases.statement_draft import StatementDraft


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """Reads by key, never by offset: any page costs the same, and what is posted meanwhile
    neither repeats nor hides an entry.
    """

    checks: Checks
    reader: LedgerReader
    watch: PositionWatch

    async def __call__(self, draft: StatementDraft) -> Statement:
        """One page of the statement that `draft` asks for.

        Raises `InvalidFieldError`, `AccountNotFoundError`, `NotYetPostedError`,
        `LedgerUnavailableError`.
        """
        query = self._query(draft)
        await ensure_passed(self.watch, self.checks.position(draft.position))
        through = query.cursor.last_sequence if query.cursor else None
        period = await self.reader.period(query.account, query.since, query.until, through)
        if period is None:
            raise AccountNotFoundError(query.account.user_id, query.account.currency)
        first, last = _range(query, period)
        first, last, beyond = _looked_at(query, first, last)
        # One more than asked for tells whether there is a next page.
        entries = await self.reader.entries(
            query.account, first, last, query.order, query.limit + 1, kind=query.type
        )
        if len(entries) > query.limit:
            beyond = entries[query.limit].sequence
        return Statement(
            account=query.account,
            entries=tuple(entries[: query.limit]),
            opening_balance=period.opening_balance,
            closing_balance=period.closing_balance,
            next_cursor=None if beyond is None else _cursor_at(beyond, query, period),
        )

    def _query(self, draft: StatementDraft) -> StatementQuery:
        checks = self.checks
        limit = checks.limit(draft.limit)
        checks.period(draft.since, draft.until)
        query = StatementQuery(
            account=user_account(
                checks.user_id(draft.user_id), checks.currency(draft.currency).code
            ),
            since=draft.since,
            until=draft.until,
            type=checks.one_of(CommandType, draft.type, "type"),
            order=draft.order,
            limit=limit,
            cursor=_cursor(draft.cursor),
        )
        if query.cursor is not None and query.cursor.query_digest != query.digest():
            raise InvalidFieldError("cursor", "must come from an answer to this same query")
        return query


def _cursor(text: str | None) -> StatementCursor | None:
    if text is None:
        return None
    try:
        return StatementCursor.parse(text)
    except ValueError as error:
        raise InvalidFieldError("cursor", str(error)) from None


def _range(query: StatementQuery, period: Period) -> tuple[int, int]:
    if query.cursor is None:
        return period.first_sequence, period.last_sequence
    if query.order is StatementOrder.ASCENDING:
        return max(query.cursor.next_sequence, period.first_sequence), period.last_sequence
    return period.first_sequence, min(query.cursor.next_sequence, period.last_sequence)


def _looked_at(query: StatementQuery, first: int, last: int) -> tuple[int, int, int | None]:
    """The sequences to look at for one page, and where the next page begins if they end sooner.

    All of them, where each is wanted: reading ends with the page's last.
    """
    if query.type is None or last - first < MAX_ENTRIES_LOOKED_AT:
        return first, last, None
    if query.order is StatementOrder.ASCENDING:
        return first, first + MAX_ENTRIES_LOOKED_AT - 1, first + MAX_ENTRIES_LOOKED_AT
    return last - MAX_ENTRIES_LOOKED_AT + 1, last, last - MAX_ENTRIES_LOOKED_AT


def _cursor_at(sequence: int, query: StatementQuery, period: Period) -> StatementCursor:
    return StatementCursor(sequence, period.last_sequence, query.digest())
