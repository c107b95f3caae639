"""`GET /statement/{user_id}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.query import limit_in, query_of
from adapters.inbound.http.timestamps import parse_time
from adapters.representations import Json, Representations, time_text
from core.entities.statement import (
    Statement,
    StatementEntry,
    StatementOrder,
)
from core.refusals import InvalidFieldError
from core.usecases.read_statement import ReadStatement
from core.usecases.statement_draft import StatementDraft

_ORDERS: Final = {order.value: order for order in StatementOrder}

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatementHandlers:
    """Tells how the money came and went."""

    read_statement: ReadStatement
    representations: Representations

    async def statement(self, request: web.Request) -> web.Response:
        """One page of a statement."""
        query = query_of(request)
        draft = StatementDraft(
            user_id=request.match_info["user_id"],
            currency=query.get("currency"),
            since=_time(query, "from"),
            until=_time(query, "to"),
            order=_order(query),
            limit=limit_in(query),
            cursor=query.get("cursor"),
            position=query.get("position"),
        )
        return json_answer(self._body(await self.read_statement(draft)))

    def _body(self, statement: Statement) -> Json:
        amount = self.representations.amount
        _, user_id, currency = statement.account
        cursor = statement.next_cursor
        return {
            "user_id": user_id,
            "currency": currency,
            "opening_balance": amount(statement.opening_balance, currency),
            "closing_balance": amount(statement.closing_balance, currency),
            "entries": [self._entry(entry, currency) for entry in statement.entries],
            "next_cursor": None if cursor is None else str(cursor),
        }

    def _entry(self, entry: StatementEntry, currency: str) -> Json:
        return {
            "sequence": entry.sequence,
            "transaction_id": str(entry.transaction_id),
            "type": entry.type.value,
            "amount": self.representations.amount(entry.amount, currency),
            "balance_after": self.representations.amount(entry.balance_after, currency),
            "posted_at": time_text(entry.posted_at),
            "reference": entry.reference,
        }


def _time(query: Query, name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise InvalidFieldError(name, str(error)) from None


def _order(query: Query) -> StatementOrder:
    text = query.get("order", StatementOrder.DESCENDING)
    if text not in _ORDERS:
        raise InvalidFieldError("order", f"must be {' or '.join(_ORDERS)}")
    return _ORDERS[text]
