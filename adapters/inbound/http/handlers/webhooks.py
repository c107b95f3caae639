"""`/webhooks`: endpoints, and what they were told."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from msgspec import Struct

from adapters.inbound.http.answers import json_answer
from adapters.inbound.http.body_bytes import body_bytes
from adapters.inbound.http.json_body import JsonObject, json_object
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.query import limit_in, query_of
from adapters.inbound.http.schemas.webhooks import (
    ReplayBody,
    RotateBody,
    WebhookBody,
    WebhookChangeBody,
)
from adapters.inbound.http.webhook_shapes import attempts_shape, delivery_shape, endpoint_shape
from adapters.representations import time_text
from core.usecases.webhooks.add_endpoint import AddEndpoint
from core.usecases.webhooks.call_endpoint import CallEndpoint
from core.usecases.webhooks.change_endpoint import ChangeDraft, ChangeEndpoint
from core.usecases.webhooks.read_deliveries import ReadDeliveries
from core.usecases.webhooks.read_endpoint import ReadEndpoint
from core.usecases.webhooks.remove_endpoint import RemoveEndpoint
from core.usecases.webhooks.replay_events import ReplayEvents
from core.usecases.webhooks.rotate_secret import RotateSecret

_NOTHING: Final = JsonObject({})


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """What can be done about webhooks."""

    add: AddEndpoint
    read: ReadEndpoint
    change: ChangeEndpoint
    remove: RemoveEndpoint
    rotate: RotateSecret
    call: CallEndpoint
    replay: ReplayEvents
    read_deliveries: ReadDeliveries


@dataclass(frozen=True, slots=True)
class WebhookHandlers:
    """Manages who is told. No money moves here, so nothing of it goes through the log."""

    usecases: WebhookUseCases
    limits: HttpLimits

    async def add(self, request: web.Request) -> web.Response:
        """A new endpoint, with its secret."""
        query_of(request)
        body = await self._body(request, WebhookBody)
        added = await self.usecases.add(
            body.text("url"),
            body.optional_text("description"),
            body.optional_texts("event_types"),
        )
        return json_answer(endpoint_shape(added.endpoint) | {"secret": added.secret}, 201)

    async def all(self, request: web.Request) -> web.Response:
        """Every endpoint."""
        query_of(request)
        endpoints = await self.usecases.read.all()
        return json_answer({"webhooks": [endpoint_shape(one) for one in endpoints]})

    async def one(self, request: web.Request) -> web.Response:
        """The endpoint."""
        query_of(request)
        return json_answer(endpoint_shape(await self.usecases.read(_endpoint_id(request))))

    async def change(self, request: web.Request) -> web.Response:
        """The endpoint after a change."""
        query_of(request)
        body = await self._body(request, WebhookChangeBody)
        draft = ChangeDraft(
            url=body.optional_text("url"),
            description=body.optional_text("description"),
            event_types=body.optional_texts("event_types"),
            status=body.optional_text("status"),
        )
        after = await self.usecases.change(_endpoint_id(request), draft)
        return json_answer(endpoint_shape(after))

    async def remove(self, request: web.Request) -> web.Response:
        """The endpoint as it was last."""
        query_of(request)
        return json_answer(endpoint_shape(await self.usecases.remove(_endpoint_id(request))))

    async def rotate(self, request: web.Request) -> web.Response:
        """A new secret. It needs no body."""
        query_of(request)
        body = await self._body(request, RotateBody) if request.body_exists else _NOTHING
        rotated = await self.usecases.rotate(
            _endpoint_id(request), body.optional_decimal_text("overlap_seconds")
        )
        return json_answer(
            {
                "endpoint_id": str(rotated.endpoint_id),
                "secret": rotated.secret,
                "old_secret_expires_at": time_text(rotated.old_expires_at),
            }
        )

    async def test(self, request: web.Request) -> web.Response:
        """Where the test call's delivery is found."""
        query_of(request)
        endpoint_id = _endpoint_id(request)
        event_id = await self.usecases.call(endpoint_id)
        return json_answer({"endpoint_id": endpoint_id, "event_id": str(event_id)}, 202)

    async def replay(self, request: web.Request) -> web.Response:
        """From when on everything is told again."""
        query_of(request)
        body = await self._body(request, ReplayBody)
        endpoint_id = _endpoint_id(request)
        since = await self.usecases.replay(endpoint_id, body.text("from"))
        return json_answer({"endpoint_id": endpoint_id, "since": time_text(since)}, 202)

    async def deliveries(self, request: web.Request) -> web.Response:
        """One page of the log."""
        query = query_of(request)
        page = await self.usecases.read_deliveries(
            _endpoint_id(request), query.get("state"), limit_in(query), query.get("cursor")
        )
        return json_answer(
            {
                "endpoint_id": str(page.endpoint_id),
                "deliveries": [delivery_shape(one) for one in page.deliveries],
                "next_cursor": page.next_cursor,
            }
        )

    async def delivery(self, request: web.Request) -> web.Response:
        """One delivery with its calls."""
        query_of(request)
        delivery, attempts = await self.usecases.read_deliveries.one(
            _endpoint_id(request), request.match_info["event_id"]
        )
        return json_answer(delivery_shape(delivery) | {"attempts_made": attempts_shape(attempts)})

    async def _body(self, request: web.Request, shape: type[Struct]) -> JsonObject:
        content = await body_bytes(request, self.limits.max_body_bytes, self.limits.body_seconds)
        body = json_object(content)
        body.refuse_unknown(frozenset(shape.__struct_encode_fields__))
        return body


def _endpoint_id(request: web.Request) -> str:
    return request.match_info["endpoint_id"]
