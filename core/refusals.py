"""Every refusal that a caller can meet: its kind, its code, the facts that explain it.

What posting refuses is no exception but a transaction (`core.entities.transaction.RejectionCode`).
"""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from core.entities.position import Position


class RefusalKind(StrEnum):
    """What a way in needs to know to answer: HTTP maps each kind to a status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_YET = "not_yet"
    BUSY = "busy"
    GONE = "gone"


class Refusal(Exception):
    """The caller asked for something that it cannot have. `code` is stable."""

    kind: ClassVar[RefusalKind]
    code: ClassVar[str]


class InvalidFieldError(Refusal):
    """A field of the request is not what it should be; `reason` completes "`field` ..."."""

    kind = RefusalKind.INVALID
    code = "invalid_field"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class AccountNotFoundError(Refusal):
    """No entry was ever posted to this account; without a currency, to none of the user's."""

    kind = RefusalKind.NOT_FOUND
    code = "account_not_found"

    def __init__(self, user_id: str, currency: str | None = None) -> None:
        account = "account" if currency is None else f"{currency} account"
        super().__init__(f"no {account} of {user_id} was ever posted to")
        self.user_id = user_id
        self.currency = currency


class TransactionNotFoundError(Refusal):
    """No command was ever accepted under this id."""

    kind = RefusalKind.NOT_FOUND
    code = "transaction_not_found"

    def __init__(self, transaction_id: str) -> None:
        super().__init__("no command was accepted under this id")
        self.transaction_id = transaction_id


class HoldNotFoundError(Refusal):
    """No hold was ever accepted under this id."""

    kind = RefusalKind.NOT_FOUND
    code = "hold_not_found"

    def __init__(self, hold_id: str) -> None:
        super().__init__("no hold was accepted under this id")
        self.hold_id = hold_id


class WebhookNotFoundError(Refusal):
    """There is no webhook endpoint of this id, or not any more."""

    kind = RefusalKind.NOT_FOUND
    code = "webhook_not_found"

    def __init__(self, endpoint_id: str) -> None:
        super().__init__("there is no webhook endpoint of this id")
        self.endpoint_id = endpoint_id


class DeliveryNotFoundError(Refusal):
    """The endpoint was told nothing of this id, or so long ago that it is forgotten."""

    kind = RefusalKind.NOT_FOUND
    code = "delivery_not_found"

    def __init__(self, event_id: str) -> None:
        super().__init__("this endpoint has no delivery of this id")
        self.event_id = event_id


class TooManyWebhooksError(Refusal):
    """There are as many endpoints as may be."""

    kind = RefusalKind.CONFLICT
    code = "too_many_webhooks"

    def __init__(self, most: int) -> None:
        super().__init__(f"there are {most} webhook endpoints already, as many as may be")
        self.most = most


class WebhookDisabledError(Refusal):
    """A disabled endpoint is not called, not even to try it."""

    kind = RefusalKind.CONFLICT
    code = "webhook_disabled"

    def __init__(self, endpoint_id: str) -> None:
        super().__init__("this endpoint is disabled: enable it first")
        self.endpoint_id = endpoint_id


class IdempotencyConflictError(Refusal):
    """The idempotency key belongs to another command, whose transaction is named."""

    kind = RefusalKind.CONFLICT
    code = "idempotency_conflict"

    def __init__(self, transaction_id: UUID) -> None:
        super().__init__("this Idempotency-Key was used for another command")
        self.transaction_id = transaction_id


class NotYetPostedError(Refusal):
    """The ledger has not passed the position that the caller wants to read at."""

    kind = RefusalKind.NOT_YET
    code = "not_yet_posted"

    def __init__(self, position: Position) -> None:
        super().__init__(f"the ledger has not passed position {position} yet")
        self.position = position


class NotSignedError(Refusal):
    """No signed head is behind the transaction, and none will be."""

    kind = RefusalKind.NOT_FOUND
    code = "proofs_not_signed"

    def __init__(self) -> None:
        super().__init__(
            "this ledger signs no heads, or did not keep hashes yet when this was posted"
        )


class NotYetSignedError(Refusal):
    """The transaction is not decided yet, or no head behind it is signed yet."""

    kind = RefusalKind.NOT_YET
    code = "not_yet_signed"

    def __init__(self) -> None:
        super().__init__("no head behind this transaction is signed yet: try again")


class EventsGoneError(Refusal):
    """Events after this place are not kept any more, or it is a place of another topic."""

    kind = RefusalKind.GONE
    code = "events_gone"

    def __init__(self) -> None:
        super().__init__(
            "events after that one are not kept any more: read what you missed with "
            "GET /transactions, whose newer_cursor leads on, and follow the stream anew"
        )


class TooManyStreamsError(Refusal):
    """As many streams of events are open, or catch up, as this process bears."""

    kind = RefusalKind.BUSY
    code = "too_many_streams"

    def __init__(self) -> None:
        super().__init__("as many streams are open, or catch up, as may be at a time")
