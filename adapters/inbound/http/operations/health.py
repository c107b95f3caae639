"""The operations for those who look after a process. Whatever their query says, they answer."""

from typing import Final

from adapters.inbound.http.handlers.health import HealthHandlers
from adapters.inbound.http.operation import Answer, Operation, Tag
from adapters.inbound.http.schemas.answers import Liveness, Readiness

HealthOperation = Operation[HealthHandlers]

HEALTH: Final[tuple[HealthOperation, ...]] = (
    HealthOperation(
        method="GET",
        path="/livez",
        handler=lambda health: health.live,
        operation_id="getLiveness",
        tag=Tag.HEALTH,
        summary="Whether the process answers",
        answers=(Answer(200, "It does.", Liveness),),
    ),
    HealthOperation(
        method="GET",
        path="/readyz",
        handler=lambda health: health.ready,
        operation_id="getReadiness",
        tag=Tag.HEALTH,
        summary="Whether commands can be accepted",
        answers=(
            Answer(200, "They can; a dependency of reads alone may be down.", Readiness),
            Answer(503, "They cannot.", Readiness),
        ),
    ),
    HealthOperation(
        method="GET",
        path="/metrics",
        handler=lambda health: health.metrics,
        operation_id="getMetrics",
        tag=Tag.HEALTH,
        summary="Metrics for Prometheus",
        answers=(Answer(200, "In the text format of Prometheus.", str, "text/plain"),),
    ),
)
