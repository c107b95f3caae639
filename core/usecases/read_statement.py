"""The entries of an account, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.entities.account import user_account
from core.entities.statement import (
    Period,
    Statement,
    StatementCursor,
    StatementEntry,
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
        # One more than asked for tells whether there is a next page.
        entries = await self.reader.entries(
            query.account, first, last, query.order, query.limit + 1
        )
        return Statement(
            account=query.account,
            entries=tuple(entries[: query.limit]),
            opening_balance=period.opening_balance,
            closing_balance=period.closing_balance,
            next_cursor=_next_cursor(query, period, entries),
        )

    def _query(self, draft: StatementDraft) -> StatementQuery:
        checks = self.checks
        limit = checks.limit(draft.limit)
        if draft.since is not None and draft.until is not None and draft.until < draft.since:
            raise InvalidFieldError("to", "must not be earlier than from")
        query = StatementQuery(
            account=user_account(
                checks.user_id(draft.user_id), checks.currency(draft.currency).code
            ),
            since=draft.since,
            until=draft.until,
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


def _next_cursor(
    query: StatementQuery, period: Period, entries: Sequence[StatementEntry]
) -> StatementCursor | None:
    if len(entries) <= query.limit:
        return None
    return StatementCursor(entries[query.limit].sequence, period.last_sequence, query.digest())
