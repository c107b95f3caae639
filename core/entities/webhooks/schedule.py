"""When a call that failed is made again, and what follows for its endpoint.

A delivery has a schedule of its own. An endpoint that fails several times in a row is paused, by
the same schedule, and tried with one delivery at the end of each pause: a thousand that wait do not
knock on a door that is shut. One success opens it for all of them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState, Made
from core.entities.webhooks.endpoint import (
    WELL,
    DisabledBecause,
    Endpoint,
    EndpointStatus,
    Health,
)

SCHEDULE: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the one before each attempt is made, by Standard Webhooks: three days in all."""
PAUSES: Final = SCHEDULE[1:]
"""How long an endpoint is left in peace, pause by pause."""
FAILURES_TO_PAUSE: Final = 5
"""In a row, without a success between them."""
JITTER: Final = 0.1
"""By so much of itself a wait may be longer, lest all come back at the same moment."""
MAX_RETRY_AFTER: Final = timedelta(hours=1)
_GONE: Final = 410
_ASKS_FOR_PEACE: Final = frozenset({429, 503})

Fraction = Callable[[], float]
"""Chance: a number from 0 (included) to 1 (not)."""


class SettledDelivery(NamedTuple):
    """What an attempt makes of its delivery."""

    made: Made
    state: DeliveryState
    next_attempt_at: datetime


class Settled(NamedTuple):
    """What attempts make of their endpoint and deliveries, at this time.

    `reopened`: it failed so often that it was paused, and now takes calls again; all that waits is
    due at once.
    """

    at: datetime
    endpoint: Endpoint
    deliveries: Sequence[SettledDelivery]
    reopened: bool


def is_tripped(health: Health) -> bool:
    """Whether the endpoint is given one call at a time, at the end of each pause."""
    return health.failures_in_a_row >= FAILURES_TO_PAUSE


def settled(
    endpoint: Endpoint, called_url: str, made: Sequence[Made], now: datetime, fraction: Fraction
) -> Settled:
    """What follows from these attempts, made at `called_url`, for an endpoint as it is now.

    An address that it has left meanwhile says nothing of the one that it has: the old one is
    likely to answer that it is gone.
    """
    before = endpoint.health
    for one in sorted(made, key=_ended_at) if called_url == endpoint.url else ():
        endpoint = _after(endpoint, one.attempt, now, fraction)
    return Settled(
        now,
        endpoint,
        [_settled_delivery(endpoint, one, now, fraction) for one in made],
        reopened=is_tripped(before) and not is_tripped(endpoint.health),
    )


def _ended_at(one: Made) -> datetime:
    return one.attempt.at + timedelta(seconds=one.attempt.duration_seconds)


def _after(endpoint: Endpoint, attempt: Attempt, now: datetime, fraction: Fraction) -> Endpoint:
    if attempt.is_success:
        return endpoint._replace(health=WELL)
    if attempt.status == _GONE:
        return endpoint._replace(
            status=EndpointStatus.DISABLED, disabled_because=DisabledBecause.GONE
        )
    failures, pauses, paused_until = endpoint.health
    health = Health(failures + 1, pauses, _later(paused_until, _asked_for(attempt, now)))
    is_paused = paused_until is not None and paused_until > now
    if not is_tripped(health) or is_paused:
        return endpoint._replace(health=health)
    if pauses == len(PAUSES):
        return _given_up(endpoint._replace(health=health))
    pause_ends = now + _jittered(PAUSES[pauses], fraction)
    return endpoint._replace(
        health=Health(failures + 1, pauses + 1, _later(health.paused_until, pause_ends))
    )


def _given_up(endpoint: Endpoint) -> Endpoint:
    if endpoint.status is EndpointStatus.DISABLED:
        return endpoint
    return endpoint._replace(
        status=EndpointStatus.DISABLED, disabled_because=DisabledBecause.FAILING
    )


def _settled_delivery(
    endpoint: Endpoint, made: Made, now: datetime, fraction: Fraction
) -> SettledDelivery:
    if made.attempt.is_success:
        return SettledDelivery(made, DeliveryState.DELIVERED, now)
    if is_tripped(endpoint.health) or endpoint.status is EndpointStatus.DISABLED:
        return SettledDelivery(made, DeliveryState.WAITING, endpoint.health.paused_until or now)
    attempts = made.delivery.attempts + 1
    if attempts >= len(SCHEDULE):
        return SettledDelivery(made, DeliveryState.FAILED, now)
    own = now + _jittered(SCHEDULE[attempts], fraction)
    asked_for = _asked_for(made.attempt, now)
    return SettledDelivery(made, DeliveryState.WAITING, max(own, asked_for or own))


def _asked_for(attempt: Attempt, now: datetime) -> datetime | None:
    """Until when the endpoint asked to be left in peace (`Retry-After`), within bounds."""
    seconds = attempt.retry_after_seconds
    if seconds is None or attempt.status not in _ASKS_FOR_PEACE:
        return None
    return now + min(timedelta(seconds=seconds), MAX_RETRY_AFTER)


def _jittered(wait: timedelta, fraction: Fraction) -> timedelta:
    return wait * (1 + JITTER * fraction())


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [time for time in (one, other) if time is not None]
    return max(known, default=None)


def fits(endpoint: Endpoint, event_type: str) -> bool:
    """Whether the endpoint is to be told of an event of this type.

    A disabled one is, too: what it missed waits for it, unless it said that it is gone for good.
    """
    wants = not endpoint.event_types or event_type in endpoint.event_types
    return wants and endpoint.disabled_because is not DisabledBecause.GONE


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Whether it is to be tried now."""
    return delivery.state is DeliveryState.WAITING and delivery.next_attempt_at <= now


def is_callable(endpoint: Endpoint, now: datetime) -> bool:
    """Whether the endpoint may be called now."""
    paused_until = endpoint.health.paused_until
    return endpoint.status is EndpointStatus.ENABLED and (
        paused_until is None or paused_until <= now
    )


PAUSED: Final = "paused"


def standing_of(endpoint: Endpoint, now: datetime) -> str:
    """In a word, what it is: why it is not called, `paused`, or `enabled`."""
    if endpoint.disabled_because is not None:
        return endpoint.disabled_because.value
    return endpoint.status.value if is_callable(endpoint, now) else PAUSED
