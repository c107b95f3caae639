"""What follows from calls: for their deliveries, and for their endpoint."""

from datetime import datetime, timedelta
from typing import Final

import pytest

from core.entities.webhooks.delivery import Attempt, Delivery, DeliveryState, Made
from core.entities.webhooks.endpoint import (
    WELL,
    Change,
    DisabledBecause,
    Endpoint,
    EndpointStatus,
    Health,
    changed,
)
from core.entities.webhooks.schedule import (
    FAILURES_TO_PAUSE,
    JITTER,
    MAX_RETRY_AFTER,
    PAUSES,
    SCHEDULE,
    Settled,
    is_callable,
    settled,
)
from tests.builders import NOON, endpoint, unkeyed_id

TRIPPED: Final = FAILURES_TO_PAUSE - 1
"""Failures after which one more pauses."""


def made(
    status: int | None, attempts: int = 0, at: datetime = NOON, retry_after: int | None = None
) -> Made:
    delivery = Delivery(
        endpoint_id=unkeyed_id("endpoint"),
        event_id=unkeyed_id("event"),
        type="type",
        number=1,
        state=DeliveryState.WAITING,
        attempts=attempts,
        created_at=NOON,
        next_attempt_at=NOON,
    )
    error = "no answer" if status is None else None
    return Made(delivery, Attempt(at, 0, status, error, b"", retry_after))


def after(one: Endpoint, *attempts: Made, now: datetime = NOON, fraction: float = 0.0) -> Settled:
    return settled(one, one.url, attempts, now, lambda: fraction)


def failing(failures: int, pauses: int = 0, until: datetime | None = None) -> Endpoint:
    return endpoint(health=Health(failures, pauses, until))


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_delivery(status: int) -> None:
    result = after(failing(3), made(status))

    assert result.deliveries[0].state is DeliveryState.DELIVERED
    assert result.endpoint.health == WELL


@pytest.mark.parametrize("status", [None, 100, 199, 301, 302, 400, 404, 500, 503])
def test_everything_else_is_tried_again(status: int | None) -> None:
    result = after(endpoint(), made(status))

    (one,) = result.deliveries
    assert (one.state, one.next_attempt_at) == (DeliveryState.WAITING, NOON + SCHEDULE[1])
    assert result.endpoint.health.failures_in_a_row == 1


def test_the_schedule_takes_more_than_three_days_and_then_gives_the_delivery_up() -> None:
    waits = []
    for attempts in range(len(SCHEDULE) - 1):
        (one,) = after(endpoint(), made(500, attempts)).deliveries
        assert one.state is DeliveryState.WAITING
        waits.append(one.next_attempt_at - NOON)

    assert waits == list(SCHEDULE[1:])
    assert sum(waits, timedelta()) > timedelta(days=3)
    (last,) = after(endpoint(), made(500, len(SCHEDULE) - 1)).deliveries
    assert last.state is DeliveryState.FAILED


def test_waits_are_longer_by_chance_within_bounds() -> None:
    (one,) = after(endpoint(), made(500, 3), fraction=0.5).deliveries

    assert one.next_attempt_at == NOON + SCHEDULE[4] * (1 + JITTER / 2)


def test_failures_in_a_row_pause_the_endpoint_by_the_same_schedule() -> None:
    one, now = failing(TRIPPED), NOON
    for number, pause in enumerate(PAUSES):
        result = after(one, made(500, number), now=now)
        one = result.endpoint
        assert one.health == Health(FAILURES_TO_PAUSE + number, number + 1, now + pause)
        assert result.deliveries[0].state is DeliveryState.WAITING
        assert result.deliveries[0].next_attempt_at == now + pause
        assert not is_callable(one, now + pause - timedelta(seconds=1))
        assert is_callable(one, now + pause)
        now += pause

    result = after(one, made(500, 20), now=now)

    assert result.endpoint.disabled_because is DisabledBecause.FAILING
    assert result.deliveries[0].state is DeliveryState.WAITING


def test_what_fails_while_an_endpoint_is_paused_makes_the_pause_no_longer() -> None:
    until = NOON + PAUSES[0]

    result = after(failing(FAILURES_TO_PAUSE, 1, until), made(500), made(None))

    assert result.endpoint.health == Health(FAILURES_TO_PAUSE + 2, 1, until)


def test_a_success_opens_a_paused_endpoint_at_once() -> None:
    result = after(failing(9, 4, NOON), made(200))

    assert result.reopened
    assert result.endpoint.health == WELL
    assert not after(failing(TRIPPED), made(200)).reopened


def test_of_calls_at_the_same_time_the_one_that_ended_last_counts() -> None:
    second = timedelta(seconds=1)

    result = after(failing(TRIPPED), made(200, at=NOON + second), made(500))

    assert result.endpoint.health == WELL
    assert [one.state for one in result.deliveries] == [
        DeliveryState.DELIVERED,
        DeliveryState.WAITING,
    ]


def test_who_says_gone_is_called_no_more() -> None:
    result = after(endpoint(), made(410))

    assert result.endpoint.status is EndpointStatus.DISABLED
    assert result.endpoint.disabled_because is DisabledBecause.GONE
    assert result.deliveries[0].state is DeliveryState.WAITING


@pytest.mark.parametrize("status", [410, 500, 200])
def test_an_address_that_was_left_meanwhile_says_nothing_of_the_new_one(status: int) -> None:
    moved = failing(FAILURES_TO_PAUSE, 1, NOON)

    result = settled(moved, "https://old.example/", [made(status)], NOON, lambda: 0.0)

    assert result.endpoint == moved
    assert not result.reopened


def test_one_that_an_operator_disabled_meanwhile_is_not_said_to_fail() -> None:
    off = changed(failing(20, len(PAUSES), NOON), Change(status=EndpointStatus.DISABLED))

    assert after(off, made(500)).endpoint.disabled_because is DisabledBecause.BY_OPERATOR


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_peace_gets_it_within_bounds(status: int) -> None:
    result = after(endpoint(), made(status, retry_after=60))
    endless = after(endpoint(), made(status, retry_after=10**9))

    until = NOON + timedelta(seconds=60)
    assert result.endpoint.health.paused_until == until
    assert result.deliveries[0].next_attempt_at == until
    assert endless.endpoint.health.paused_until == NOON + MAX_RETRY_AFTER


def test_who_asks_for_peace_with_any_other_status_does_not() -> None:
    assert after(endpoint(), made(500, retry_after=60)).endpoint.health.paused_until is None
