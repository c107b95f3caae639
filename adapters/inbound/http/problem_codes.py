"""Every problem that a client can meet: a closed set of codes, each with what it means."""

from enum import StrEnum
from typing import Self


class ProblemCode(StrEnum):
    """The `code` of a problem. Codes stay as they are; new ones may come."""

    meaning: str
    """A sentence for whoever writes a client."""

    def __new__(cls, code: str, meaning: str = "") -> Self:
        """A code with its meaning; looked up, the code alone is enough."""
        one = str.__new__(cls, code)
        one._value_ = code
        one.meaning = meaning
        return one

    # What posting decides (`RejectionCode`), some of it known to reads as well.
    ACCOUNT_NOT_FOUND = (
        "account_not_found",
        "No such account was ever opened: none to read (404), or none to take money from (422).",
    )
    INSUFFICIENT_FUNDS = (
        "insufficient_funds",
        "Rejected: `needed` is more than `available`.",
    )
    BALANCE_LIMIT_EXCEEDED = (
        "balance_limit_exceeded",
        "Rejected: the balance, or what is held, would not fit 64 bits of minor units.",
    )
    ACCOUNT_FROZEN = (
        "account_frozen",
        "Rejected: the account may not do this; `account_status` says how it is frozen.",
    )
    ACCOUNT_CLOSED = ("account_closed", "Rejected: the account is closed.")
    BALANCE_NOT_ZERO = (
        "balance_not_zero",
        "Rejected: only an account with nothing in it, and nothing held, is closed.",
    )
    OVERDRAFT_IN_USE = (
        "overdraft_in_use",
        "Rejected: the new limit is less than what is `in_use`.",
    )
    HOLD_NOT_FOUND = (
        "hold_not_found",
        "No hold was placed under this id (404: none can have been, or a read).",
    )
    HOLD_CLOSED = (
        "hold_closed",
        "Rejected: the hold was captured, voided or expired; `hold_status` says which.",
    )
    HOLD_EXCEEDED = ("hold_exceeded", "Rejected: `needed` is more than is `remaining`.")
    TRANSACTION_NOT_FOUND = (
        "transaction_not_found",
        "There is no transaction of this id (404: none can be, or a read).",
    )
    NOT_REVERSIBLE = (
        "not_reversible",
        "Rejected: it moved nothing, is a reversal, or has several legs and an amount was given.",
    )
    REVERSAL_EXCEEDED = (
        "reversal_exceeded",
        "Rejected: `needed` is more than is `remaining` to be reversed.",
    )
    SAME_ACCOUNT = (
        "same_account",
        "Rejected: the money would go to the account that it comes from.",
    )
    INVALID_AMOUNT = (
        "invalid_amount",
        "Rejected: more decimals than the currency of the hold or transaction has.",
    )
    DISCARDED = (
        "discarded",
        "Rejected: it could not be read or applied, and an operator gave it up for this `reason`.",
    )

    # What is refused before it becomes a command, or instead of an answer.
    WEBHOOK_NOT_FOUND = ("webhook_not_found", "There is no webhook endpoint of this id.")
    DELIVERY_NOT_FOUND = (
        "delivery_not_found",
        "The endpoint was told nothing of this id, or so long ago that it is forgotten.",
    )
    TOO_MANY_WEBHOOKS = (
        "too_many_webhooks",
        "There are as many webhook endpoints as may be.",
    )
    WEBHOOK_DISABLED = (
        "webhook_disabled",
        "The endpoint is disabled, so it is not called; enable it first.",
    )
    IDEMPOTENCY_CONFLICT = (
        "idempotency_conflict",
        "The key was used for another command, whose `transaction_id` is named.",
    )
    INVALID_FIELD = (
        "invalid_field",
        "`field` is not what it should be; `detail` says what it should be.",
    )
    TOO_MANY_EXPORTS = (
        "too_many_exports",
        "As many statements and receipts as may be at a time are being made; try again.",
    )
    TOO_MANY_STREAMS = (
        "too_many_streams",
        "As many streams as may be at a time are open, or catch up; try again.",
    )
    EVENTS_GONE = (
        "events_gone",
        "Events after that id are not kept any more; `detail` says where to look instead.",
    )
    NOT_YET_POSTED = (
        "not_yet_posted",
        "The ledger has not passed the `position` yet.",
    )

    NOT_YET_SIGNED = (
        "not_yet_signed",
        "The transaction is not decided yet, or no head behind it is signed yet; try again.",
    )
    PROOFS_NOT_SIGNED = (
        "proofs_not_signed",
        "This ledger signs no heads, or did not keep hashes yet when this was posted.",
    )

    # What is wrong with a request as such.
    MALFORMED_BODY = ("malformed_body", "Not JSON, not UTF-8, empty, or nested too deep.")
    MALFORMED_REQUEST = ("malformed_request", "Not HTTP/1.1.")
    PATH_NOT_FOUND = ("path_not_found", "There is nothing at this path.")
    METHOD_NOT_ALLOWED = (
        "method_not_allowed",
        "The path does not take this method; `Allow` says what it takes.",
    )
    BODY_TIMEOUT = ("body_timeout", "The body did not arrive in time.")
    BODY_TOO_LARGE = ("body_too_large", "The body is larger than this call takes.")
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported_media_type",
        "The body is of another Content-Type than this call takes; `Accept` says what it takes.",
    )
    UNSUPPORTED_CONTENT_ENCODING = (
        "unsupported_content_encoding",
        "Content-Encoding was used.",
    )
    EXPECTATION_FAILED = (
        "expectation_failed",
        "An `Expect` other than `100-continue`.",
    )

    # What is nobody's decision.
    LOG_UNAVAILABLE = (
        "log_unavailable",
        (
            "The command log is away. Of a command, `may_have_been_accepted` says whether it was "
            "perhaps written."
        ),
    )
    PIPELINE_FULL = (
        "pipeline_full",
        (
            "Too many commands wait. Nothing was written, of a batch nothing at all; by the pace "
            "at which they are worked off there is room after `Retry-After`."
        ),
    )
    LEDGER_UNAVAILABLE = ("ledger_unavailable", "The ledger is away.")
    EVENTS_UNAVAILABLE = ("events_unavailable", "The events are away.")
    INTERNAL_ERROR = ("internal_error", "A bug of ours; the `request_id` finds it in the logs.")
