"""Outcome events as server-sent events, as the HTML standard has them."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import hdrs, web
from aiohttp_sse import EventSourceResponse

from adapters.inbound.http.answers import SERVER
from adapters.inbound.http.connection import Connection
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.request_id import REQUEST_ID, X_REQUEST_ID
from core.entities.feed_bookmark import FeedBookmark
from core.errors import StreamOverError
from core.ports.live_events import EventStream, LiveEvent

EVENT_STREAM: Final = "text/event-stream"
LAST_EVENT_ID_HEADER: Final = "Last-Event-ID"
RETRY_MS: Final = 1_000
"""When a client that was cut off comes back."""
MAX_ID_CHARACTERS: Final = 512
"""Longer ones go with the last event of a run alone; whoever is cut off before sees some again."""

_log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


async def event_answer(
    request: web.Request, stream: EventStream, limits: HttpLimits
) -> web.StreamResponse:
    """The events of the stream, until it, the client or the time that a stream may take ends."""
    headers = {
        hdrs.CONTENT_TYPE: EVENT_STREAM,
        hdrs.SERVER: SERVER,
        X_REQUEST_ID: request[REQUEST_ID],
    }
    if request.method == hdrs.METH_HEAD:
        head = web.StreamResponse(headers={**headers, hdrs.CACHE_CONTROL: "no-store"})
        await head.prepare(request)
        return head
    # A client that takes nothing is cut off by its connection.
    answer = EventSourceResponse(
        headers=headers, ping_interval=limits.stream_mark_seconds, send_timeout=None
    )
    answer.headers[hdrs.CACHE_CONTROL] = "no-store"
    await answer.prepare(request)
    if isinstance(request.protocol, Connection):
        request.protocol.when_lost(stream.close)
    try:
        async with answer:
            await _send(answer, stream, limits)
        await answer.write_eof()
    except ConnectionError:
        _log.info("event_stream_not_taken")
    except Exception as error:  # noqa: BLE001 (there is no answer left to tell it by)
        _log.error("event_stream_broken_off", exc_info=error)
    return answer


async def _send(answer: EventSourceResponse, stream: EventStream, limits: HttpLimits) -> None:
    # What is told from now on is not missed, even by who is cut off before the first event.
    await answer.write(b"retry: %d\r\n" % RETRY_MS + _mark(stream.bookmark))
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.stream_seconds):
            await _send_events(answer, stream, limits)


async def _send_events(
    answer: EventSourceResponse, stream: EventStream, limits: HttpLimits
) -> None:
    marked = stream.bookmark
    while True:
        try:
            async with asyncio.timeout(limits.stream_mark_seconds):
                events = await stream.next()
        except TimeoutError:
            if stream.bookmark != marked:
                marked = stream.bookmark
                await answer.write(_mark(marked))
        except StreamOverError as over:
            _log.info("event_stream_over", reason=over.reason)
            return
        else:
            marked = events[-1].bookmark
            for one in events:
                await answer.send(
                    one.event.data.decode(errors="replace"), _id(one, events[-1]), one.event.type
                )


def _mark(bookmark: FeedBookmark) -> bytes:
    """An id without an event: a client remembers it, and nothing is fired."""
    return b"id: %s\r\n\r\n" % str(bookmark).encode()


def _id(one: LiveEvent, last: LiveEvent) -> str | None:
    text = str(one.bookmark)
    return text if len(text) <= MAX_ID_CHARACTERS or one is last else None
