"""The operations of a process that has the API: what its description describes."""

from typing import Any, Final

from adapters.inbound.http.operation import Operation
from adapters.inbound.http.operations.commands import COMMANDS
from adapters.inbound.http.operations.descriptions import DESCRIPTIONS
from adapters.inbound.http.operations.events import EVENTS
from adapters.inbound.http.operations.health import HEALTH
from adapters.inbound.http.operations.proofs import PROOFS
from adapters.inbound.http.operations.reads import READS
from adapters.inbound.http.operations.webhooks import WEBHOOKS

API: Final = (*COMMANDS, *READS, *PROOFS, *EVENTS, *WEBHOOKS, *DESCRIPTIONS)
ALL: Final[tuple[Operation[Any], ...]] = (*API, *HEALTH)
