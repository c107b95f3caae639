"""`GET /statement/{user_id}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiohttp import hdrs, web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.export_answer import export_answer
from adapters.inbound.http.export_slots import ExportSlots
from adapters.inbound.http.query import limit_in, order_in, query_of, time_in
from adapters.representations import Json, Representations, time_text
from adapters.statements.format import StatementFormat
from adapters.statements.negotiation import JSON, format_for
from core.entities.statement import (
    Statement,
    StatementEntry,
    StatementOrder,
)
from core.refusals import InvalidFieldError
from core.usecases.export_statement import ExportStatement
from core.usecases.read_statement import ReadStatement
from core.usecases.statement_draft import StatementDraft

_OF_PAGES: Final = ("limit", "cursor", "order", "type")


@dataclass(frozen=True, slots=True)
class StatementHandlers:
    """Tells how the money came and went."""

    read_statement: ReadStatement
    export_statement: ExportStatement
    representations: Representations
    formats: Mapping[str, StatementFormat]
    slots: ExportSlots

    async def statement(self, request: web.Request) -> web.StreamResponse:
        """One page of a statement, or all of it in a format to be kept."""
        query = query_of(request)
        name = self._format(request, query)
        if name == JSON:
            return await self._page(request, query)
        for parameter in _OF_PAGES:
            if parameter in query:
                raise InvalidFieldError(parameter, f"is not for a whole period as {name}")
        with self.slots.taken(name):
            export = await self.export_statement(
                request.match_info["user_id"],
                query.get("currency"),
                time_in(query, "from"),
                time_in(query, "to"),
                position=query.get("position"),
            )
            return await export_answer(request, export, self.formats[name])

    def _format(self, request: web.Request, query: Mapping[str, str]) -> str:
        if "format" not in query:
            return format_for(request.headers.getall(hdrs.ACCEPT, []), self.formats)
        name = query["format"]
        if name != JSON and name not in self.formats:
            raise InvalidFieldError("format", f"must be one of {', '.join((JSON, *self.formats))}")
        return name

    async def _page(self, request: web.Request, query: Mapping[str, str]) -> web.Response:
        draft = StatementDraft(
            user_id=request.match_info["user_id"],
            currency=query.get("currency"),
            since=time_in(query, "from"),
            until=time_in(query, "to"),
            type=query.get("type"),
            order=order_in(query, StatementOrder.DESCENDING),
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
            "other_user_id": entry.other_user_id,
            "reverses": _optional(entry.reverses),
            "hold_id": _optional(entry.hold_id),
        }


def _optional(transaction_id: UUID | None) -> str | None:
    return None if transaction_id is None else str(transaction_id)
