"""How endpoints and deliveries look in JSON."""

from collections.abc import Sequence

from adapters.representations import Json, optional_time_text, time_text
from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState
from core.entities.webhooks.endpoint import Endpoint


def endpoint_shape(endpoint: Endpoint) -> Json:
    """An endpoint, without its secret."""
    return {
        "endpoint_id": str(endpoint.endpoint_id),
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": sorted(endpoint.event_types),
        "status": endpoint.status.value,
        "disabled_because": endpoint.disabled_because and endpoint.disabled_because.value,
        "failures_in_a_row": endpoint.health.failures_in_a_row,
        "paused_until": optional_time_text(endpoint.health.paused_until),
        "created_at": time_text(endpoint.created_at),
    }


def delivery_shape(delivery: Delivery) -> Json:
    """A delivery."""
    waits = delivery.state is DeliveryState.WAITING
    return {
        "event_id": str(delivery.event_id),
        "type": delivery.type,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_at": time_text(delivery.created_at),
        "next_attempt_at": time_text(delivery.next_attempt_at) if waits else None,
        "last_attempt_at": optional_time_text(delivery.last_attempt_at),
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
    }


def attempts_shape(attempts: Sequence[Attempt]) -> list[Json]:
    """The calls of a delivery; what is no UTF-8 in an answer is replaced."""
    return [
        {
            "at": time_text(one.at),
            "duration_seconds": round(one.duration_seconds, 6),
            "status": one.status,
            "error": one.error,
            "answer": one.answer.decode(errors="replace"),
        }
        for one in attempts
    ]
