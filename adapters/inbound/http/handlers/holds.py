"""`GET /hold/{hold_id}` and `GET /holds/{user_id}`."""

from dataclasses import dataclass

from aiohttp import web

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.handlers.transactions import pending_body
from adapters.inbound.http.query import limit_in, query_of
from adapters.representations import Representations
from core.entities.receipt import Pending
from core.usecases.list_holds import ListHolds
from core.usecases.read_hold import ReadHold


@dataclass(frozen=True, slots=True)
class HoldHandlers:
    """Tells what is set aside."""

    read_hold: ReadHold
    list_holds: ListHolds
    representations: Representations

    async def hold(self, request: web.Request) -> web.Response:
        """The hold as it stands, or that it is pending."""
        query = query_of(request)
        found = await self.read_hold(request.match_info["hold_id"], query.get("position"))
        if isinstance(found, Pending):
            return json_answer(pending_body(found, "hold_id"))
        return json_answer(self.representations.hold(found))

    async def holds(self, request: web.Request) -> web.Response:
        """One page of a user's holds."""
        query = query_of(request)
        page = await self.list_holds(
            request.match_info["user_id"],
            query.get("status"),
            limit_in(query),
            query.get("cursor"),
            query.get("position"),
        )
        return json_answer(
            {
                "user_id": page.user_id,
                "holds": [self.representations.hold(one) for one in page.holds],
                "next_cursor": page.next_cursor,
            }
        )
