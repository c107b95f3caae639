"""What must hold of what endpoints were told."""

from typing import Final

import msgspec

from core.entities.outcome_event import OutcomeEvent
from core.entities.webhooks.schedule import fits
from core.ports.webhooks.sender import Call
from tests.simulation.endpoint_owner import Subscription
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.events import Topic


class _Told(msgspec.Struct):
    type: str
    data: msgspec.Raw


_decoder: Final = msgspec.json.Decoder(_Told)


def look_at_deliveries(subscription: Subscription, topic: Topic, findings: Findings) -> None:
    """That its endpoint took every event of its types that was told since it was made, and that
    each call told of such an event, in its own words and under its own id.
    """
    endpoint, calls = subscription.endpoint, subscription.receiver.taken
    taken = {one.message_id for one in calls}
    since = [one for told in topic.told_since(subscription.since) for one in told]
    missed = [str(one.event_id) for one in since if fits(endpoint, one.type)]
    missed = [one for one in dict.fromkeys(missed) if one not in taken]
    findings.expect(not missed, Promise.DELIVERED, f"{endpoint.url} was never told of {missed}")
    told = {str(event_id): event for event_id, event in topic.events.items()}
    for call in calls:
        event = told.get(call.message_id)
        findings.expect(
            event is not None and fits(endpoint, event.type) and _tells(call, event),
            Promise.DELIVERED,
            f"{endpoint.url} was told of {call.message_id} by {call.body!r}, which is not "
            f"what was published: {event}",
        )


def _tells(call: Call, event: OutcomeEvent) -> bool:
    body = _decoder.decode(call.body)
    return body.type == event.type and bytes(body.data) == event.data
