"""An endpoint: an address of somebody else's that is told what becomes of commands."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

MAX_DESCRIPTION_CHARACTERS: Final = 256
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (of every secret, by Standard Webhooks)
SECRET_BYTES: Final = 32
MAX_SECRETS: Final = 5
"""Of one endpoint at a time: each that has not run out signs every call."""
DEFAULT_OVERLAP_SECONDS: Final = 24 * 3_600
MAX_OVERLAP_SECONDS: Final = 7 * 24 * 3_600


class EndpointStatus(StrEnum):
    """Whether an endpoint is called."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledBecause(StrEnum):
    """Why an endpoint is not called: it was told so, it answered 410, or it failed for days."""

    BY_OPERATOR = "by_operator"
    GONE = "gone"
    FAILING = "failing"


class Health(NamedTuple):
    """How the calls of an endpoint went lately: failures since the last success, pauses since
    then, and until when there is one.
    """

    failures_in_a_row: int = 0
    pauses: int = 0
    paused_until: datetime | None = None


WELL: Final = Health()


class Endpoint(NamedTuple):
    """Who is called. No `event_types` means all of them."""

    endpoint_id: UUID
    url: str
    description: str | None
    event_types: frozenset[str]
    status: EndpointStatus
    disabled_because: DisabledBecause | None
    created_at: datetime
    health: Health = WELL


class Change(NamedTuple):
    """What is to be another in an endpoint; None stays as it is."""

    url: str | None = None
    description: str | None = None
    event_types: frozenset[str] | None = None
    status: EndpointStatus | None = None


def changed(endpoint: Endpoint, change: Change) -> Endpoint:
    """The endpoint after the change. Enabling it forgets its failures."""
    endpoint = endpoint._replace(
        url=endpoint.url if change.url is None else change.url,
        description=endpoint.description if change.description is None else change.description,
        event_types=endpoint.event_types if change.event_types is None else change.event_types,
    )
    match change.status:
        case None:
            return endpoint
        case EndpointStatus.ENABLED:
            return endpoint._replace(status=change.status, disabled_because=None, health=WELL)
        case EndpointStatus.DISABLED:
            return endpoint._replace(
                status=change.status, disabled_because=DisabledBecause.BY_OPERATOR
            )
