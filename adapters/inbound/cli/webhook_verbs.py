"""Webhook endpoints: managed, tried, looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.inbound.cli.answers import Answer, JsonObject, objects_in
from adapters.inbound.cli.columns import DELIVERIES, WEBHOOKS
from adapters.inbound.cli.exchange import Request
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.paging import pages
from adapters.inbound.cli.paths import path
from adapters.inbound.cli.service import Service

_ALL: Final = "webhooks"


@dataclass(frozen=True, slots=True)
class WebhookVerbs:
    """Each asks once and prints. They raise what `Service.get` raises."""

    service: Service
    output: Output

    async def add(
        self, url: str, description: str | None, event_types: Sequence[str] | None
    ) -> None:
        """`POST /webhooks`."""
        asked = {"url": url, "description": description, "event_types": event_types}
        self.output.one((await self._change("POST", path(_ALL), asked)).body)
        self.output.note("The secret is told this once: give it to the receiver.")

    async def list(self) -> None:
        """`GET /webhooks`."""
        found = objects_in((await self.service.get(path(_ALL))).body, _ALL) or []
        self.output.many(WEBHOOKS, found, _row)
        if not found:
            self.output.note("no webhook endpoints")

    async def show(self, endpoint_id: str) -> None:
        """`GET /webhooks/{id}`."""
        self.output.one((await self.service.get(path(_ALL, endpoint_id))).body)

    async def change(self, endpoint_id: str, changes: Mapping[str, object]) -> None:
        """`PATCH /webhooks/{id}`."""
        self.output.one((await self._change("PATCH", path(_ALL, endpoint_id), changes)).body)

    async def remove(self, endpoint_id: str) -> None:
        """`DELETE /webhooks/{id}`."""
        self.output.one((await self._change("DELETE", path(_ALL, endpoint_id))).body)

    async def rotate(self, endpoint_id: str, overlap_seconds: int | None) -> None:
        """`POST /webhooks/{id}/rotate`."""
        asked = {"overlap_seconds": overlap_seconds}
        answer = await self._change("POST", path(_ALL, endpoint_id, "rotate"), asked)
        self.output.one(answer.body)

    async def test(self, endpoint_id: str) -> None:
        """`POST /webhooks/{id}/test`."""
        answer = await self._change("POST", path(_ALL, endpoint_id, "test"))
        self.output.one(answer.body)
        event_id = answer.body.get("event_id")
        self.output.note(
            f"How it went: counterfoil webhook deliveries {endpoint_id} --event {event_id}"
        )

    async def replay(self, endpoint_id: str, event_id: str) -> None:
        """`POST /webhooks/{id}/replay`."""
        where = path(_ALL, endpoint_id, "replay")
        self.output.one((await self._change("POST", where, {"from": event_id})).body)

    async def delivery(self, endpoint_id: str, event_id: str) -> None:
        """`GET /webhooks/{id}/deliveries/{event_id}`."""
        where = path(_ALL, endpoint_id, "deliveries", event_id)
        self.output.one((await self.service.get(where)).body)

    async def deliveries(self, endpoint_id: str, state: str | None, limit: int | None) -> None:
        """`GET /webhooks/{id}/deliveries`; the newest `limit`, or all."""
        where, shown = path(_ALL, endpoint_id, "deliveries"), 0
        async for page in pages(self.service, where, {"state": state}, "deliveries", limit):
            rows = objects_in(page, "deliveries") or []
            self.output.many(DELIVERIES, rows)
            shown += len(rows)
            if shown == limit and page.get("next_cursor") is not None:
                self.output.more()
        if shown == 0:
            self.output.note("no deliveries")

    async def _change(
        self, method: str, where: str, asked: Mapping[str, object] | None = None
    ) -> Answer:
        given = {name: one for name, one in (asked or {}).items() if one is not None}
        body = msgspec.json.encode(given) if given else None
        return await self.service.change(Request(method, where, body))


def _row(endpoint: JsonObject) -> JsonObject:
    types = endpoint.get("event_types")
    if not isinstance(types, list):
        return endpoint
    # No type named is every type, which an empty cell would not say.
    return {**endpoint, "event_types": ", ".join(map(str, types)) or "all"}
