"""`GET /events`."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.inbound.http.event_answer import LAST_EVENT_ID_HEADER, event_answer
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.query import query_of
from core.usecases.follow_events import EventsDraft, FollowEvents


@dataclass(frozen=True, slots=True)
class EventHandlers:
    """Tells what is decided, as it happens."""

    follow_events: FollowEvents
    limits: HttpLimits

    async def events(self, request: web.Request) -> web.StreamResponse:
        """A stream of outcome events. What is wrong with it is told before it begins."""
        async with self.follow_events(_draft(request, query_of(request))) as stream:
            return await event_answer(request, stream, self.limits)


def _draft(request: web.Request, query: Mapping[str, str]) -> EventsDraft:
    draft = EventsDraft(query.get("user_id"), query.get("status"), query.get("last_event_id"))
    # A browser comes back with the header, and with the query of its first request. Some libraries
    # send an empty one before any event came.
    if header := request.headers.get(LAST_EVENT_ID_HEADER):
        return EventsDraft(draft.user_id, draft.status, header, LAST_EVENT_ID_HEADER)
    return draft
