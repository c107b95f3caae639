"""`GET /transactions/{transaction_id}` and `GET /transactions`."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.idempotency_key import unquoted
from adapters.inbound.http.query import query_of
from adapters.representations import Json, Representations
from core.entities.command import ANONYMOUS_CLIENT
from core.entities.receipt import Pending
from core.refusals import InvalidFieldError
from core.usecases.find_transactions import FindTransactions
from core.usecases.read_transaction import ReadTransaction

_KEY: Final = "idempotency_key"
_HELD_FOR_OPERATOR: Final = "held_for_operator"


@dataclass(frozen=True, slots=True)
class TransactionHandlers:
    """Tells what became of a command."""

    read_transaction: ReadTransaction
    find_transactions: FindTransactions
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
        """The transactions under an idempotency key."""
        query = query_of(request)
        if _KEY not in query:
            raise InvalidFieldError(_KEY, "is missing")
        found = await self.find_transactions(ANONYMOUS_CLIENT, unquoted(query[_KEY]))
        shown = [self.representations.transaction(one) for one in found]
        return json_answer({"transactions": shown, "next_cursor": None})


def pending_body(pending: Pending, named: str) -> Json:
    """What is known of a command that is not decided yet; its id is the field `named`."""
    body = {named: str(pending.transaction_id), "status": "pending"}
    if pending.position is not None:
        body["position"] = str(pending.position)
    if pending.held_for_operator:
        body["code"] = _HELD_FOR_OPERATOR
    return body
