"""`GET /transactions/{transaction_id}` and `GET /transactions`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.idempotency_key import unquoted
from adapters.inbound.http.query import limit_in, order_in, query_of, time_in
from adapters.representations import Json, Representations
from core.entities.command import ANONYMOUS_CLIENT
from core.entities.receipt import Pending
from core.entities.statement import StatementOrder
from core.entities.transaction import Transaction
from core.refusals import InvalidFieldError
from core.usecases.find_transactions import FindTransactions
from core.usecases.list_transactions import ListTransactions, TransactionsDraft
from core.usecases.read_transaction import ReadTransaction

_KEY: Final = "idempotency_key"
_HELD_FOR_OPERATOR: Final = "held_for_operator"


@dataclass(frozen=True, slots=True)
class TransactionHandlers:
    """Tells what became of a command."""

    read_transaction: ReadTransaction
    find_transactions: FindTransactions
    list_transactions: ListTransactions
    representations: Representations

    async def transaction(self, request: web.Request) -> web.Response:
        """The transaction, or that it is pending."""
        query = query_of(request)
        found = await self.read_transaction(
            request.match_info["transaction_id"], query.get("position")
        )
        if isinstance(found, Pending):
            return json_answer(pending_body(found, "transaction_id"))
        return json_answer(self.representations.transaction(found))

    async def transactions(self, request: web.Request) -> web.Response:
        """Transactions in the order of posting, or the one under an idempotency key."""
        query = query_of(request)
        if _KEY in query:
            for name in query.keys() - {_KEY}:
                raise InvalidFieldError(name, f"is not for a list by {_KEY}")
            found = await self.find_transactions(ANONYMOUS_CLIENT, unquoted(query[_KEY]))
            return json_answer({"transactions": self._shown(found), "next_cursor": None})
        page = await self.list_transactions(
            TransactionsDraft(
                user_id=query.get("user_id"),
                reference=query.get("reference"),
                type=query.get("type"),
                status=query.get("status"),
                since=time_in(query, "from"),
                until=time_in(query, "to"),
                order=order_in(query, StatementOrder.ASCENDING),
                limit=limit_in(query),
                cursor=query.get("cursor"),
                position=query.get("position"),
            )
        )
        body = {"transactions": self._shown(page.transactions), "next_cursor": page.next_cursor}
        if page.newer_cursor is not None:
            body["newer_cursor"] = page.newer_cursor
        return json_answer(body)

    def _shown(self, transactions: Sequence[Transaction]) -> Sequence[Json]:
        return [self.representations.transaction(one) for one in transactions]


def pending_body(pending: Pending, named: str) -> Json:
    """What is known of a command that is not decided yet; its id is the field `named`."""
    body = {named: str(pending.transaction_id), "status": "pending"}
    if pending.position is not None:
        body["position"] = str(pending.position)
    if pending.held_for_operator:
        body["code"] = _HELD_FOR_OPERATOR
    return body
