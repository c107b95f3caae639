"""The columns of tables. A column that no row fills is not shown."""

from typing import Final, NamedTuple


class Column(NamedTuple):
    """A field of the API's, under a heading. Numbers stand at the right; only text is folded."""

    field: str
    label: str
    is_number: bool = False
    is_text: bool = False


_USER: Final = Column("user_id", "user", is_text=True)
_FROM: Final = Column("from_user_id", "from", is_text=True)
_TO: Final = Column("to_user_id", "to", is_text=True)
_CURRENCY: Final = Column("currency", "currency")
_AMOUNT: Final = Column("amount", "amount", is_number=True)
_BALANCE: Final = Column("balance", "balance", is_number=True)
_HELD: Final = Column("held", "held", is_number=True)
_AVAILABLE: Final = Column("available", "available", is_number=True)
_SEQUENCE: Final = Column("sequence", "sequence", is_number=True)
_BALANCE_AFTER: Final = Column("balance_after", "balance after", is_number=True)
_REFERENCE: Final = Column("reference", "reference", is_text=True)
_TRANSACTION: Final = Column("transaction_id", "transaction")
_STATUS: Final = Column("status", "status")
_TYPE: Final = Column("type", "type")

BALANCES: Final = (
    _USER,
    _CURRENCY,
    _BALANCE,
    _HELD,
    _AVAILABLE,
    _SEQUENCE,
    Column("as_of", "as of"),
    Column("at", "at"),
)
FINDINGS: Final = (
    Column("page_number", "page", is_number=True),
    _USER,
    _CURRENCY,
    Column("figure", "figure"),
    Column("due", "due", is_number=True),
    Column("found", "found", is_number=True),
    Column("sequence", "entry", is_number=True),
    _TRANSACTION,
)
ENTRIES: Final = (_USER, _CURRENCY, _AMOUNT, _BALANCE_AFTER, _SEQUENCE)
LEGS: Final = (
    _FROM,
    _TO,
    _AMOUNT,
    _CURRENCY,
)
STATEMENT: Final = (
    Column("posted_at", "posted at"),
    _TYPE,
    _AMOUNT,
    _BALANCE_AFTER,
    Column("other_user_id", "other user", is_text=True),
    _REFERENCE,
    Column("hold_id", "hold"),
    Column("reverses", "reverses"),
    _TRANSACTION,
)
TRANSACTIONS: Final = (
    Column("posted_at", "posted at"),
    _STATUS,
    Column("code", "code"),
    _TYPE,
    _USER,
    _FROM,
    _TO,
    _AMOUNT,
    _CURRENCY,
    _REFERENCE,
    _TRANSACTION,
)
HOLDS: Final = (
    Column("hold_id", "hold"),
    _STATUS,
    _TO,
    _AMOUNT,
    Column("captured", "captured", is_number=True),
    Column("remaining", "remaining", is_number=True),
    _CURRENCY,
    Column("placed_at", "placed at"),
    Column("expires_at", "expires at"),
)
DEAD_LETTERS: Final = (
    Column("position", "position"),
    Column("recorded_at", "recorded at"),
    Column("reason", "reason"),
    Column("state", "state"),
    _TRANSACTION,
    Column("detail", "detail", is_text=True),
)
OUTCOMES: Final = (
    Column("dead_letter", "dead letter"),
    Column("position", "position"),
    _STATUS,
    Column("code", "code"),
    _TRANSACTION,
    Column("detail", "detail", is_text=True),
)
"""Of what was decided about dead letters."""
WEBHOOKS: Final = (
    Column("endpoint_id", "endpoint"),
    Column("url", "url", is_text=True),
    _STATUS,
    Column("disabled_because", "because"),
    Column("failures_in_a_row", "failures", is_number=True),
    Column("paused_until", "paused until"),
    Column("event_types", "types", is_text=True),
    Column("description", "description", is_text=True),
)
DELIVERIES: Final = (
    Column("event_id", "event"),
    _TYPE,
    Column("state", "state"),
    Column("attempts", "attempts", is_number=True),
    Column("last_status", "status", is_number=True),
    Column("last_error", "error", is_text=True),
    Column("last_attempt_at", "last attempt at"),
    Column("next_attempt_at", "next attempt at"),
)
ATTEMPTS: Final = (
    Column("at", "at"),
    Column("duration_seconds", "seconds", is_number=True),
    _STATUS,
    Column("error", "error", is_text=True),
    Column("answer", "answer", is_text=True),
)
"""Of one delivery."""
TRACE: Final = (
    Column("step", "step"),
    Column("at", "at"),
    Column("after", "after", is_number=True),
    Column("what", "what", is_text=True),
)
ACCOUNTS: Final = (
    _USER,
    _CURRENCY,
    _STATUS,
    _BALANCE,
    _HELD,
    Column("overdraft_limit", "overdraft limit", is_number=True),
    _AVAILABLE,
    Column("opened_at", "opened at"),
)
