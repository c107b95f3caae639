"""What clients are answered, but for accounts, holds and transactions, which events show, too."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.schemas.accounts import Account
from adapters.schemas.fields import (
    AmountText,
    CurrencyCode,
    HoldId,
    PositionText,
    Reference,
    Sequence,
    Time,
    TransactionId,
    UserId,
)
from adapters.schemas.holds import Hold
from adapters.schemas.transactions import DecidedTransaction
from core.entities.orders import CommandType

NextCursor = Annotated[
    str | None, Meta(description="Continues the same query; null on the last page.")
]
Complete = Annotated[
    bool,
    Meta(description="True: nothing of that time or earlier can be posted any more."),
]
SCHEMAS: Final = "#/components/schemas"


class Receipt(Struct, kw_only=True):
    """The command is durable in the log. A replayed one may be decided already."""

    transaction_id: TransactionId
    status: Literal["pending", "posted", "rejected"]
    position: PositionText
    accepted_at: Time


class BatchResult(Struct, kw_only=True):
    """What one command of a batch would have been answered alone."""

    http_status: int
    body: Annotated[
        dict[str, Any],
        Meta(
            extra_json_schema={
                "anyOf": [
                    {"$ref": f"{SCHEMAS}/{name}"}
                    for name in ("Receipt", "PostedTransaction", "Problem")
                ]
            }
        ),
    ]
    idempotency_replayed: bool | UnsetType = UNSET


class BatchResults(Struct, kw_only=True):
    """A result for each command, in their order."""

    results: list[BatchResult]


class TransactionsPage(Struct, kw_only=True):
    """Decided transactions."""

    transactions: list[DecidedTransaction]  # type: ignore[valid-type]
    next_cursor: NextCursor
    newer_cursor: Annotated[
        str | UnsetType,
        Meta(description="At the end of an ascending list: continues with what is posted later."),
    ] = UNSET


class PendingHold(Struct, kw_only=True):
    """A hold that is accepted and not decided yet."""

    hold_id: HoldId
    status: Literal["pending"]
    position: PositionText | UnsetType = UNSET
    code: Literal["held_for_operator"] | UnsetType = UNSET


class HoldsPage(Struct, kw_only=True):
    """Holds of one user, newest first."""

    user_id: UserId
    holds: list[Hold]
    next_cursor: NextCursor


class AccountsPage(Struct, kw_only=True):
    """Accounts of all users."""

    accounts: list[Account]
    next_cursor: NextCursor


class CurrencyBalance(Struct, kw_only=True):
    """How much money there is in one currency, as of the account's last entry."""

    currency: CurrencyCode
    balance: AmountText
    held: AmountText
    available: AmountText
    sequence: Sequence
    as_of: Time | None


class Balance(CurrencyBalance, kw_only=True):
    """How much money there is, as of the account's last entry."""

    user_id: UserId


class AllBalances(Struct, kw_only=True):
    """How much money a user has, by currency."""

    user_id: UserId
    balances: list[CurrencyBalance]


class PastCurrencyBalance(Struct, kw_only=True):
    """How much money there was in one currency, after the last entry by then."""

    currency: CurrencyCode
    balance: AmountText
    sequence: Sequence
    as_of: Time | None


class PastBalance(PastCurrencyBalance, kw_only=True):
    """How much money there was."""

    user_id: UserId
    at: Time
    complete: Complete


class AllPastBalances(Struct, kw_only=True):
    """How much money a user had, by currency."""

    user_id: UserId
    at: Time
    complete: Complete
    balances: list[PastCurrencyBalance]


class StatementEntry(Struct, kw_only=True):
    """One entry of a statement."""

    sequence: Sequence
    transaction_id: TransactionId
    type: CommandType
    amount: AmountText
    balance_after: AmountText
    posted_at: Time
    reference: Reference | None
    other_user_id: Annotated[
        UserId | None, Meta(description="Who is on the other side; null is the house.")
    ]
    reverses: Annotated[TransactionId | None, Meta(description="What this one takes back.")]
    hold_id: Annotated[HoldId | None, Meta(description="The hold that a capture is of.")]


class Statement(Struct, kw_only=True):
    """One page of a statement: the balances are those of the whole period."""

    user_id: UserId
    currency: CurrencyCode
    opening_balance: AmountText
    closing_balance: AmountText
    entries: list[StatementEntry]
    next_cursor: NextCursor


class Liveness(Struct, kw_only=True):
    """The process answers."""

    status: Literal["alive"]


class DependencyState(Struct, kw_only=True):
    """Whether a dependency answers; `detail` says why not."""

    status: Literal["up", "down"]
    detail: str | UnsetType = UNSET


class Readiness(Struct, kw_only=True):
    """Whether the process can do its work, and the state of each dependency by name."""

    status: Literal["ready", "not_ready"]
    dependencies: dict[str, DependencyState]
