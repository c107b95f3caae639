"""Every metric of Counterfoil. docs/metrics.md is made from it: `counterfoil metrics`."""

from enum import StrEnum
from typing import Final

from adapters.metrics.spec import (
    API,
    BOTH,
    PROCESSOR,
    WEBHOOKS,
    CounterSpec,
    GaugeSpec,
    HistogramSpec,
    Label,
    Spec,
)
from core.entities.dead_letter import DeadLetterReason
from core.entities.orders import CommandType
from core.entities.transaction import TransactionStatus
from core.entities.webhooks.delivery import DeliveryState
from core.entities.webhooks.endpoint import DisabledBecause, EndpointStatus
from core.entities.webhooks.schedule import PAUSED
from core.errors import StreamEnd

BATCH: Final = "batch"
"""The type of commands that came in one."""
UNMATCHED: Final = "unmatched"
"""The route of what has none."""
OTHER_METHOD: Final = "other"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER_METHOD)


class CutReason(StrEnum):
    """Why a connection was closed on a client."""

    SLOW_HEAD = "slow_head"
    SLOW_READER = "slow_reader"
    TOO_MANY = "too_many"


class RetryCause(StrEnum):
    """What has to be overcome: a dependency that is away, another owner, a bug of ours."""

    KAFKA = "kafka"
    POSTGRES = "postgres"
    FENCED = "fenced"
    BUG = "bug"


class WebhookOutcome(StrEnum):
    """How a call of an endpoint ended: taken, answered by any other status, or not answered."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


ENDPOINT_STANDINGS: Final = (EndpointStatus.ENABLED.value, PAUSED, *DisabledBecause)
"""What an endpoint is: called, left in peace for a while, or why it is not called at all."""

_SECONDS: Final = "seconds"
_RECORDS: Final = "records"
_COMMANDS: Final = "commands"
_DELIVERIES: Final = "deliveries"
_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

_PARTITION: Final = Label("partition", meaning="a number, from 0")
_METHOD: Final = Label("method", METHODS)
_ROUTE: Final = Label(
    "route", meaning=f"a path of the API as /openapi.json has it, or `{UNMATCHED}`"
)
_NO_CLIENTS: Final = frozenset({CommandType.EXPIRE, CommandType.DISCARD})
_TYPE: Final = Label("type", (*(one for one in CommandType if one not in _NO_CLIENTS), BATCH))

HTTP_REQUESTS: Final = CounterSpec(
    name="counterfoil_http_requests_total",
    unit="requests",
    process=BOTH,
    meaning="Requests answered.",
    labels=(_ROUTE, _METHOD, Label("status", meaning="the status of the answer")),
)
HTTP_REQUEST_SECONDS: Final = HistogramSpec(
    name="counterfoil_http_request_duration_seconds",
    unit=_SECONDS,
    process=BOTH,
    meaning="From the end of a request's head to its answer.",
    labels=(_ROUTE, _METHOD),
    buckets=(*_FAST, 10, 30),
)
HTTP_CONNECTIONS: Final = GaugeSpec(
    name="counterfoil_http_connections",
    unit="connections",
    process=BOTH,
    meaning="Connections that are open.",
)
HTTP_CONNECTIONS_CUT: Final = CounterSpec(
    name="counterfoil_http_connections_cut_total",
    unit="connections",
    process=BOTH,
    meaning="Connections closed for being too slow or too many.",
    labels=(Label("reason", tuple(CutReason)),),
)

COMMANDS_ACCEPTED: Final = CounterSpec(
    name="counterfoil_commands_accepted_total",
    unit=_COMMANDS,
    process=API,
    meaning="Commands written to the log, and keys replayed.",
    labels=(_TYPE, Label("replayed", ("true", "false"))),
)
COMMANDS_REFUSED: Final = CounterSpec(
    name="counterfoil_commands_refused_total",
    unit=_COMMANDS,
    process=API,
    meaning="Commands that were not accepted; a batch refused as a whole counts once.",
    labels=(_TYPE, Label("code", meaning="the `code` of the problem")),
)
ACCEPT_SECONDS: Final = HistogramSpec(
    name="counterfoil_accept_duration_seconds",
    unit=_SECONDS,
    process=API,
    meaning="From a command, or a batch, handed to the log to its confirmation, or its failure.",
    buckets=_FAST,
)
COMMANDS_IN_FLIGHT: Final = GaugeSpec(
    name="counterfoil_commands_in_flight",
    unit=_COMMANDS,
    process=API,
    meaning="Commands that wait for the log's confirmation.",
)
WAITERS: Final = GaugeSpec(
    name="counterfoil_waiters",
    unit="waits",
    process=API,
    meaning="Commands and reads that wait for the ledger to pass a position.",
)
PARTITION_FULL: Final = GaugeSpec(
    name="counterfoil_partition_full",
    unit="0 or 1",
    process=API,
    meaning="1 while commands of the partition are refused, since too many wait to be posted.",
    labels=(_PARTITION,),
)

EVENT_STREAMS: Final = GaugeSpec(
    name="counterfoil_event_streams",
    unit="streams",
    process=API,
    meaning="Streams of events that are open.",
)
EVENTS_STREAMED: Final = CounterSpec(
    name="counterfoil_events_streamed_total",
    unit="events",
    process=API,
    meaning="Events sent by streams; one sent by two of them counts twice.",
)
EVENT_STREAMS_ENDED: Final = CounterSpec(
    name="counterfoil_event_streams_ended_total",
    unit="streams",
    process=API,
    meaning=(
        "Streams of events that ended: the client too slow, the events away, the process stopping, "
        "or closed by the client while it waited. Clients come back with `Last-Event-ID`."
    ),
    labels=(Label("reason", tuple(StreamEnd)),),
)

PAGES: Final = CounterSpec(
    name="counterfoil_pages_posted_total",
    unit="pages",
    process=PROCESSOR,
    meaning="Pages posted.",
)
RECORDS: Final = CounterSpec(
    name="counterfoil_records_posted_total",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records of posted pages.",
)
TRANSACTIONS: Final = CounterSpec(
    name="counterfoil_transactions_total",
    unit="transactions",
    process=PROCESSOR,
    meaning="Transactions decided.",
    labels=(Label("status", tuple(TransactionStatus)),),
)
REPEATS: Final = CounterSpec(
    name="counterfoil_repeated_records_total",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records whose transaction was there already.",
)
CONFLICTS: Final = CounterSpec(
    name="counterfoil_conflicting_records_total",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records that bore the id of another command.",
)
MOOT: Final = CounterSpec(
    name="counterfoil_moot_records_total",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning=(
        "Expiries of holds that were not due, or had ended already, and discards of what is no "
        "dead letter."
    ),
)
DEAD_LETTERS: Final = CounterSpec(
    name="counterfoil_dead_letters_total",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records kept for an operator.",
    labels=(Label("reason", tuple(DeadLetterReason)),),
)
DEAD_LETTERS_HELD: Final = GaugeSpec(
    name="counterfoil_partition_dead_letters_held",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning=(
        "Dead letters of the partition that wait for an operator, when that was looked at last: "
        "every 15 s."
    ),
    labels=(_PARTITION,),
)
PAGE_SECONDS: Final = HistogramSpec(
    name="counterfoil_page_duration_seconds",
    unit=_SECONDS,
    process=PROCESSOR,
    meaning="From a page's records in hand to its commit.",
    buckets=(*_FAST, 15),
)
PAGE_RECORDS: Final = HistogramSpec(
    name="counterfoil_page_records",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records in a page.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000),
)
ACCEPTED_TO_POSTED_SECONDS: Final = HistogramSpec(
    name="counterfoil_accepted_to_posted_seconds",
    unit=_SECONDS,
    process=PROCESSOR,
    meaning=(
        "From the log's time of a page's first record, which waited longest, to the page's commit; "
        "one value a page. The clocks of broker and processor are compared."
    ),
    buckets=(*_FAST, 10, 30, 60, 300, 1_800),
)
RETRIES: Final = CounterSpec(
    name="counterfoil_retries_total",
    unit="attempts",
    process=PROCESSOR,
    meaning="Attempts to take over, read, post or publish that failed and are made again.",
    labels=(Label("cause", tuple(RetryCause)),),
)
PUBLISH_FAILURES: Final = CounterSpec(
    name="counterfoil_publish_failures_total",
    unit="attempts",
    process=PROCESSOR,
    meaning="Attempts to publish outcomes that failed and will be made again.",
)
FENCES_HIT: Final = CounterSpec(
    name="counterfoil_fences_hit_total",
    unit="attempts",
    process=PROCESSOR,
    meaning="Changes that the ledger refused, since another worker owns the partition.",
)
COMMITS_UNKNOWN: Final = CounterSpec(
    name="counterfoil_commits_unknown_total",
    unit="pages",
    process=PROCESSOR,
    meaning="Pages whose commit was answered by an error; the position was read to know.",
)
HALTS: Final = CounterSpec(
    name="counterfoil_halts_total",
    unit="halts",
    process=PROCESSOR,
    meaning="Partitions halted by this process, to wait for an operator.",
)
LAG: Final = GaugeSpec(
    name="counterfoil_partition_lag_records",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records of the partition not yet posted.",
    labels=(_PARTITION,),
)
OLDEST_UNPOSTED_SECONDS: Final = GaugeSpec(
    name="counterfoil_partition_oldest_unposted_record_age_seconds",
    unit=_SECONDS,
    process=PROCESSOR,
    meaning=(
        "Age of the partition's oldest record not yet posted; 0 if all are, or if it came since "
        "the last look, 5 s before."
    ),
    labels=(_PARTITION,),
)
UNPUBLISHED: Final = GaugeSpec(
    name="counterfoil_partition_unpublished_records",
    unit=_RECORDS,
    process=PROCESSOR,
    meaning="Records of the partition that are posted, and whose outcomes are not published yet.",
    labels=(_PARTITION,),
)
HALTED: Final = GaugeSpec(
    name="counterfoil_partition_halted",
    unit="0 or 1",
    process=PROCESSOR,
    meaning="1 while the partition waits for an operator, otherwise 0.",
    labels=(_PARTITION,),
)

UNSIGNED_SECONDS: Final = GaugeSpec(
    name="counterfoil_partition_unsigned_age_seconds",
    unit=_SECONDS,
    process=PROCESSOR,
    meaning=(
        "For so long the partition has had pages to sign, and none was signed. There is none where "
        "no key is set."
    ),
    labels=(_PARTITION,),
)

INTEGRITY_AGE_SECONDS: Final = GaugeSpec(
    name="counterfoil_integrity_check_age_seconds",
    unit=_SECONDS,
    process=PROCESSOR,
    meaning=(
        "Since the partition's accounts and holds were last checked as a whole; before the first "
        "time, since the check of them began."
    ),
    labels=(_PARTITION,),
)
INTEGRITY_FINDINGS: Final = GaugeSpec(
    name="counterfoil_integrity_findings",
    unit="figures",
    process=PROCESSOR,
    meaning="Figures of the partition's accounts and holds that are off; at most 100 are kept.",
    labels=(_PARTITION,),
)

WEBHOOK_ATTEMPTS: Final = CounterSpec(
    name="counterfoil_webhook_attempts_total",
    unit="calls",
    process=WEBHOOKS,
    meaning="Calls of endpoints.",
    labels=(Label("outcome", tuple(WebhookOutcome)),),
)
WEBHOOK_ATTEMPT_SECONDS: Final = HistogramSpec(
    name="counterfoil_webhook_attempt_duration_seconds",
    unit=_SECONDS,
    process=WEBHOOKS,
    meaning="From the beginning of a call to its end.",
    buckets=(*_FAST, 10, 15),
)
WEBHOOKS_DONE: Final = CounterSpec(
    name="counterfoil_webhook_deliveries_done_total",
    unit=_DELIVERIES,
    process=WEBHOOKS,
    meaning="Deliveries that were taken, or used up their schedule.",
    labels=(Label("state", (DeliveryState.DELIVERED, DeliveryState.FAILED)),),
)
WEBHOOKS_DISABLED: Final = CounterSpec(
    name="counterfoil_webhook_endpoints_disabled_total",
    unit="endpoints",
    process=WEBHOOKS,
    meaning="Endpoints that are called no more, since they said so or failed for days.",
    labels=(Label("because", (DisabledBecause.GONE, DisabledBecause.FAILING)),),
)
WEBHOOK_ENDPOINTS: Final = GaugeSpec(
    name="counterfoil_webhook_endpoints",
    unit="endpoints",
    process=WEBHOOKS,
    meaning="Endpoints by what they are: called, paused, or why they are not called.",
    labels=(Label("status", tuple(ENDPOINT_STANDINGS)),),
)
WEBHOOKS_WAITING: Final = GaugeSpec(
    name="counterfoil_webhook_deliveries_waiting",
    unit=_DELIVERIES,
    process=WEBHOOKS,
    meaning="Deliveries that wait, of endpoints that are not disabled.",
)
WEBHOOKS_OLDEST_SECONDS: Final = GaugeSpec(
    name="counterfoil_webhook_oldest_waiting_delivery_age_seconds",
    unit=_SECONDS,
    process=WEBHOOKS,
    meaning="Age of the oldest of these; 0 if none waits.",
)
WEBHOOK_INTAKE_LAG: Final = GaugeSpec(
    name="counterfoil_webhook_intake_lag_events",
    unit="events",
    process=WEBHOOKS,
    meaning="Events that were published and not taken in, when that was looked at last.",
)
WEBHOOK_EVENTS_LOST: Final = CounterSpec(
    name="counterfoil_webhook_events_lost_total",
    unit="times",
    process=WEBHOOKS,
    meaning="Times that the topic no longer held what was to be taken in next.",
)

CATALOGUE: Final[tuple[Spec, ...]] = (
    HTTP_REQUESTS,
    HTTP_REQUEST_SECONDS,
    HTTP_CONNECTIONS,
    HTTP_CONNECTIONS_CUT,
    COMMANDS_ACCEPTED,
    COMMANDS_REFUSED,
    ACCEPT_SECONDS,
    COMMANDS_IN_FLIGHT,
    WAITERS,
    PARTITION_FULL,
    EVENT_STREAMS,
    EVENTS_STREAMED,
    EVENT_STREAMS_ENDED,
    PAGES,
    RECORDS,
    TRANSACTIONS,
    REPEATS,
    CONFLICTS,
    MOOT,
    DEAD_LETTERS,
    DEAD_LETTERS_HELD,
    PAGE_SECONDS,
    PAGE_RECORDS,
    ACCEPTED_TO_POSTED_SECONDS,
    RETRIES,
    PUBLISH_FAILURES,
    FENCES_HIT,
    COMMITS_UNKNOWN,
    HALTS,
    LAG,
    OLDEST_UNPOSTED_SECONDS,
    UNPUBLISHED,
    HALTED,
    UNSIGNED_SECONDS,
    INTEGRITY_AGE_SECONDS,
    INTEGRITY_FINDINGS,
    WEBHOOK_ATTEMPTS,
    WEBHOOK_ATTEMPT_SECONDS,
    WEBHOOKS_DONE,
    WEBHOOKS_DISABLED,
    WEBHOOK_ENDPOINTS,
    WEBHOOKS_WAITING,
    WEBHOOKS_OLDEST_SECONDS,
    WEBHOOK_INTAKE_LAG,
    WEBHOOK_EVENTS_LOST,
)
