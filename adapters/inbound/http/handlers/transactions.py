"""`GET /transactions/{transaction_id}`."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.query import query_of
from adapters.representations import Json, Representations
from core.entities.receipt import Pending
from core.usecases.read_transaction import ReadTransaction

_PARAMETERS: Final = frozenset({"position"})
_HELD_FOR_OPERATOR: Final = "held_for_operator"


@dataclass(frozen=True, slots=True)
class TransactionHandlers:
    """Tells what became of a command."""

    read_transaction: ReadTransaction
    representations: Representations

    async def transaction(self, request: web.Request) -> web.Response:
        """The transaction, or that it is pending."""
        query = query_of(request, _PARAMETERS)
        found = await self.read_transaction(
            request.match_info["transaction_id"], query.get("position")
        )
        if isinstance(found, Pending):
            return json_answer(_pending(found))
        return json_answer(self.representations.transaction(found))


def _pending(pending: Pending) -> Json:
    body = {"transaction_id": str(pending.transaction_id), "status": "pending"}
    if pending.position is not None:
        body["position"] = str(pending.position)
    if pending.held_for_operator:
        body["code"] = _HELD_FOR_OPERATOR
    return body
