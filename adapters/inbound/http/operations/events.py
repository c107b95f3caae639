"""The operation that streams events."""

from typing import Annotated, Final

from msgspec import Meta

from adapters.inbound.http.api_handlers import ApiOperation
from adapters.inbound.http.event_answer import EVENT_STREAM
from adapters.inbound.http.operation import Answer, Tag
from adapters.inbound.http.parameters import (
    LAST_EVENT_ID,
    LAST_EVENT_ID_IN_QUERY,
    OF_USER,
    REQUEST_ID,
    TRANSACTION_STATUS,
)
from adapters.inbound.http.problem_codes import ProblemCode as Code

_EXAMPLE: Final = (
    "retry: 1000\n"
    "id: AVp1jwAAAQECBwAAAAAAAAA\n\n"
    "id: AVp1jwAAAQECCAAAAAAAAAA\n"
    "event: counterfoil.transaction.posted\n"
    'data: {"transaction_id":"01a20697-bf10-7a66-98df-82d7a32740d9","status":"posted"}\n\n'
)
_STREAM: Final = Annotated[str, Meta(examples=[_EXAMPLE])]

EVENTS: Final[tuple[ApiOperation, ...]] = (
    ApiOperation(
        method="GET",
        path="/events",
        handler=lambda handlers: handlers.events.events,
        operation_id="streamEvents",
        tag=Tag.EVENTS,
        summary="What is decided, as it happens",
        description="Server-sent events, from now on or right after `Last-Event-ID`. Each has as "
        "`data` the transaction as `GET /transactions/{transaction_id}` shows it, and as `event` "
        "`counterfoil.transaction.posted` or `counterfoil.transaction.rejected`. Whoever comes "
        "back with the last `id` misses nothing; an event may come again, with the same "
        "`transaction_id`. An `id` alone is to be remembered as well.",
        query=(OF_USER, TRANSACTION_STATUS, LAST_EVENT_ID_IN_QUERY),
        headers=(REQUEST_ID, LAST_EVENT_ID),
        answers=(Answer(200, "Events, until either side ends it.", _STREAM, EVENT_STREAM),),
        problems={
            410: (Code.EVENTS_GONE,),
            422: (Code.INVALID_FIELD,),
            503: (Code.TOO_MANY_STREAMS, Code.EVENTS_UNAVAILABLE),
        },
    ),
)
