"""The parameters of queries, paths and headers: each is declared here, once."""

from typing import Annotated, Final

from aiohttp import hdrs
from msgspec import Meta

from adapters.inbound.http.command_answers import IDEMPOTENCY_REPLAYED
from adapters.inbound.http.event_answer import LAST_EVENT_ID_HEADER
from adapters.inbound.http.idempotency_key import IDEMPOTENCY_KEY
from adapters.inbound.http.operation import Parameter
from adapters.inbound.http.prefer import MAX_WAIT_SECONDS, PREFER, PREFERENCE_APPLIED
from adapters.inbound.http.request_id import X_REQUEST_ID
from adapters.inbound.http.schemas.inputs import IdempotencyKey
from adapters.schemas.fields import (
    CurrencyCode,
    EndpointId,
    HoldId,
    PositionText,
    Reference,
    Time,
    TransactionId,
    UserId,
)
from adapters.statements.negotiation import JSON
from adapters.statements.registry import MEDIA_TYPES
from core.entities.account import AccountStatus
from core.entities.hold import HoldStatus
from core.entities.orders import CommandType
from core.entities.statement import StatementOrder
from core.entities.transaction import TransactionStatus
from core.entities.webhooks.delivery import DeliveryState
from core.usecases.checks import DEFAULT_LIST_LIMIT, MAX_LIST_LIMIT

# In queries

CURRENCY: Final = Parameter("currency", CurrencyCode, "By default the ledger's default currency.")
CURRENCY_OR_ALL: Final = Parameter(
    "currency",
    Annotated[str, Meta(pattern="^([A-Z]{3}|all)$", examples=["USD", "all"])],
    "By default the ledger's default currency; `all` for every account of the user.",
)
AT: Final = Parameter(
    "at", Time, "As it stood at this time, included. Any offset, with `+` as `%2B`."
)
OF_USER: Final = Parameter(
    "user_id", UserId, "Of this user's commands, money and holds alone, in either direction."
)
PROVEN_TO: Final = Parameter(
    "user_id",
    UserId,
    "Whose entries are shown; one of the parties. By default those of the one user that there is, "
    "and where there are several, nobody's.",
)
PARTITION: Final = Parameter("partition", Annotated[int, Meta(ge=0)], "Of this partition alone.")
REFERENCE: Final = Parameter("reference", Reference, "With this reference alone.")
TYPE: Final = Parameter("type", CommandType, "Of this type alone.")
TRANSACTION_STATUS: Final = Parameter("status", TransactionStatus, "Of this status alone.")
FORMAT: Final = Parameter(
    "format",
    Annotated[str, Meta(extra_json_schema={"enum": [JSON, *MEDIA_TYPES]})],
    "Pages as JSON, or the whole period as a file. By default as `Accept` says.",
)
ANY_CURRENCY: Final = Parameter("currency", CurrencyCode, "Of this currency alone.")
POSITION: Final = Parameter(
    "position",
    PositionText,
    "Of a receipt: answers once the ledger has passed it, or 503 `not_yet_posted` after two "
    "seconds. That is how to read one's own writes.",
)
LIMIT: Final = Parameter(
    "limit",
    Annotated[int, Meta(ge=1, le=MAX_LIST_LIMIT)],
    "How many a page has at most.",
    DEFAULT_LIST_LIMIT,
)
CURSOR: Final = Parameter(
    "cursor",
    Annotated[str, Meta(min_length=1)],
    "The `next_cursor` of the page before; the other parameters stay as they were.",
)
FROM: Final = Parameter("from", Time, "Not before this time. Any offset, with `+` as `%2B`.")
TO: Final = Parameter("to", Time, "Before this time. Any offset, with `+` as `%2B`.")
ACCEPTED_FROM: Final = FROM._replace(description="Accepted at this time or later.")
ACCEPTED_BEFORE: Final = TO._replace(description="Accepted before this time.")
ORDER: Final = Parameter(
    "order", StatementOrder, "Newest or oldest first.", StatementOrder.DESCENDING.value
)
HOLD_STATUS: Final = Parameter("status", HoldStatus, "Of this status alone.")
ACCOUNT_STATUS: Final = Parameter("status", AccountStatus, "Of this status alone.")
OLDEST_FIRST: Final = ORDER._replace(
    default=StatementOrder.ASCENDING.value,
    description="Ascending, what is posted later comes later, whatever its time; descending, the "
    "list is what it was at its first page.",
)
DELIVERY_STATE: Final = Parameter("state", DeliveryState, "In this state alone.")
LAST_EVENT_ID_IN_QUERY: Final = Parameter(
    "last_event_id",
    Annotated[str, Meta(min_length=1)],
    "For clients that cannot set headers; the header counts where both are there.",
)
KEY_IN_QUERY: Final = Parameter(
    "idempotency_key",
    Annotated[str, Meta(min_length=1, examples=["order-17"])],
    "A key as it was given, or a batch's key, a space, and the number of the item. Alone: no "
    "other parameter goes with it.",
)

# In paths

USER_ID: Final = Parameter("user_id", UserId, "Whose.")
HOLD_ID: Final = Parameter("hold_id", HoldId, "The `transaction_id` of the command `hold`.")
TRANSACTION_ID: Final = Parameter("transaction_id", TransactionId, "As in the receipt.")

ENDPOINT_ID: Final = Parameter("endpoint_id", EndpointId, "Of the webhook endpoint.")
EVENT_ID: Final = Parameter(
    "event_id", TransactionId, "The transaction's, or that of a test call: `webhook-id`."
)

# In headers of requests

KEY: Final = Parameter(
    IDEMPOTENCY_KEY,
    IdempotencyKey,
    "The same key with the same command is the same transaction, for as long as the ledger "
    "exists. Quoted (RFC 8941) and bare are one key.",
)
PREFER_WAIT: Final = Parameter(
    PREFER,
    Annotated[str, Meta(examples=["wait=5"])],
    f"`wait=N` (RFC 7240) holds the answer until the command is decided, N seconds at most, "
    f"{MAX_WAIT_SECONDS} at most.",
)
ACCEPT: Final = Parameter(
    "Accept",
    Annotated[str, Meta(examples=["text/csv"])],
    "Which format (RFC 9110), unless `format` says so. JSON where it names none of ours.",
)
LAST_EVENT_ID: Final = Parameter(
    LAST_EVENT_ID_HEADER,
    str,
    "The `id` that came last: the stream goes on right after it. Browsers send it by themselves.",
)
REQUEST_ID: Final = Parameter(
    X_REQUEST_ID,
    Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,128}$")],
    "Follows the request through answers, logs and records. Another one than that, or none, is "
    "replaced by a new one.",
)

# In headers of answers

ANSWERED_REQUEST_ID: Final = REQUEST_ID._replace(
    description="The request's own id, or a new one.", is_required=True
)
LOCATION: Final = Parameter(
    hdrs.LOCATION, str, "The transaction, read at the receipt's position.", is_required=True
)
REPLAYED: Final = Parameter(
    IDEMPOTENCY_REPLAYED,
    Annotated[str, Meta(extra_json_schema={"enum": ["true"]})],
    "The key was used before, and this is what it became.",
)
APPLIED: Final = Parameter(
    PREFERENCE_APPLIED, Annotated[str, Meta(pattern="^wait=[0-9]{1,2}$")], "What was applied."
)
DISPOSITION: Final = Parameter(
    hdrs.CONTENT_DISPOSITION, str, "Of a file: `attachment`, with its name."
)
RETRY_AFTER: Final = Parameter(
    hdrs.RETRY_AFTER, Annotated[str, Meta(pattern="^[0-9]+$")], "Seconds.", is_required=True
)
