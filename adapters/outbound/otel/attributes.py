"""What is said of spans, by OpenTelemetry's conventions for HTTP and for messaging.

No user, amount or key is told: who may read traces need not be allowed to read the books.
"""

from typing import Final

HTTP_METHOD: Final = "http.request.method"
HTTP_ROUTE: Final = "http.route"
HTTP_STATUS: Final = "http.response.status_code"
ERROR_TYPE: Final = "error.type"
PARTITION: Final = "messaging.destination.partition.id"
OFFSET: Final = "messaging.kafka.offset"
COUNT: Final = "messaging.batch.message_count"
MESSAGE_ID: Final = "messaging.message.id"
"""The transaction's id: the one by which an operator asks."""


def messaging(operation: str, kind: str, topic: str, count: int) -> dict[str, str | int]:
    """What is said of everything that is done with `count` records of a topic."""
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": topic,
        COUNT: count,
    }
