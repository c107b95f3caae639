"""Whoever brings one endpoint what is due for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import stamina
import structlog

from adapters.inbound.webhooks.bodies import WebhookBodies
from adapters.metrics.catalogue import WebhookOutcome
from adapters.metrics.instruments import WebhookMetrics
from core.entities.webhooks.delivery import Attempt, Claim, Delivery, DeliveryState, Made
from core.entities.webhooks.endpoint import DisabledBecause, Endpoint, EndpointStatus
from core.entities.webhooks.schedule import Settled, settled
from core.errors import UnavailableError
from core.ports.chance import Chance
from core.ports.clock import Clock
from core.ports.webhooks.queue import WebhookQueue
from core.ports.webhooks.sender import Call, WebhookSender

MAX_CLAIMED: Final = 64
"""Of an endpoint that took all of the calls before."""
_SLACK_SECONDS: Final = 30.0

# What is not written down is sent again, so a ledger that is away for a moment is waited for; for
# less than what a claim lasts beyond its calls.
_until_recorded: Final = stamina.AsyncRetryingCaller(
    attempts=None, timeout=_SLACK_SECONDS / 2, wait_initial=0.1, wait_max=2.0, wait_jitter=0.1
).on(UnavailableError)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CourierLimits:
    """How many calls of one endpoint are under way at a time, and how long one takes at most."""

    in_flight: int = 8
    call_seconds: float = 15.0

    @property
    def claim(self) -> timedelta:
        """How long a claim lasts: all of it, were every call to take as long as it may."""
        rounds = -(-MAX_CLAIMED // self.in_flight)
        return timedelta(seconds=rounds * self.call_seconds + _SLACK_SECONDS)


@dataclass(frozen=True, slots=True)
class Courier:
    """Brings an endpoint what is due, until nothing is.

    After a failure no further call is begun before what follows from it is settled: an endpoint
    that fails is not called more often than it must be.
    """

    queue: WebhookQueue
    bodies: WebhookBodies
    sender: WebhookSender
    clock: Clock
    chance: Chance
    metrics: WebhookMetrics
    limits: CourierLimits

    async def bring(self, endpoint_id: UUID, is_stopping: Callable[[], bool]) -> None:
        """Return when nothing is due, or when it is time to stop. Raises
        `LedgerUnavailableError`.
        """
        most = self.limits.in_flight
        while not is_stopping():
            now = self.clock.now()
            claim = await self.queue.claim(endpoint_id, most, now, now + self.limits.claim)
            if claim is None:
                return
            round_ = _Round(self, claim, await self.bodies(claim.deliveries), is_stopping)
            await round_.send()
            await self._record(claim.endpoint, round_.made, round_.unsent)
            most = self.limits.in_flight if round_.has_failed else MAX_CLAIMED

    async def call(self, claim: Claim, delivery: Delivery, body: bytes) -> Attempt:
        """Make one call."""
        attempt = await self.sender.send(
            Call(
                url=claim.endpoint.url,
                message_id=str(delivery.event_id),
                at=self.clock.now(),
                secrets=claim.secrets,
                body=body,
            )
        )
        self.metrics.attempts.labels(_outcome(attempt)).inc()
        self.metrics.attempt_seconds.observe(attempt.duration_seconds)
        return attempt

    async def _record(
        self, before: Endpoint, made: Sequence[Made], unsent: Sequence[Delivery]
    ) -> None:
        def settle(endpoint: Endpoint) -> Settled:
            return settled(endpoint, before.url, made, self.clock.now(), self.chance.fraction)

        result = await _until_recorded(self.queue.record, before.endpoint_id, made, unsent, settle)
        if result is None:
            return
        for one in result.deliveries:
            if one.state is not DeliveryState.WAITING:
                self.metrics.done.labels(one.state).inc()
        self._tell(before, result.endpoint)

    def _tell(self, before: Endpoint, after: Endpoint) -> None:
        """What an operator has to know of an endpoint."""
        because = after.disabled_because
        was_enabled = before.status is EndpointStatus.ENABLED
        # Whoever disabled it while it was called knows.
        if was_enabled and because not in {None, DisabledBecause.BY_OPERATOR}:
            self.metrics.disabled.labels(because).inc()
            _log.error(
                "webhook_endpoint_disabled", endpoint=str(after.endpoint_id), because=because.value
            )
        elif after.health.pauses > before.health.pauses:
            _log.warning(
                "webhook_endpoint_paused",
                endpoint=str(after.endpoint_id),
                until=str(after.health.paused_until),
                failures_in_a_row=after.health.failures_in_a_row,
            )
        elif before.health.pauses > after.health.pauses:
            _log.info("webhook_endpoint_takes_calls_again", endpoint=str(after.endpoint_id))


@dataclass(slots=True)
class _Round:
    """The calls of one claim."""

    courier: Courier
    claim: Claim
    bodies: Mapping[UUID, bytes]
    is_stopping: Callable[[], bool]
    made: list[Made] = field(default_factory=list)
    waiting: deque[Delivery] = field(default_factory=deque)
    has_failed: bool = False

    async def send(self) -> None:
        """Send what there is a body for, so many at a time."""
        self.waiting.extend(one for one in self.claim.deliveries if one.event_id in self.bodies)
        missing = len(self.claim.deliveries) - len(self.waiting)
        if missing:
            # Their claim runs out, and they are tried again: the ledger lost nothing.
            _log.error("webhook_transactions_not_in_the_ledger", deliveries=missing)
        lanes = min(self.courier.limits.in_flight, len(self.waiting))
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(self._lane())

    @property
    def unsent(self) -> Sequence[Delivery]:
        """What was not begun."""
        return list(self.waiting)

    async def _lane(self) -> None:
        while self.waiting and not self.has_failed and not self.is_stopping():
            delivery = self.waiting.popleft()
            attempt = await self.courier.call(self.claim, delivery, self.bodies[delivery.event_id])
            self.made.append(Made(delivery, attempt))
            self.has_failed |= not attempt.is_success


def _outcome(attempt: Attempt) -> WebhookOutcome:
    if attempt.is_success:
        return WebhookOutcome.DELIVERED
    return WebhookOutcome.NO_ANSWER if attempt.status is None else WebhookOutcome.REFUSED
