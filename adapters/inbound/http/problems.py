"""Problem details (RFC 9457): every error as one shape, with a code that stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from aiohttp import hdrs, web

from adapters.inbound.http.answers import PROBLEM_JSON, json_answer
from adapters.inbound.http.problem_codes import ProblemCode
from core.errors import (
    CommandUnconfirmedError,
    EventsUnavailableError,
    LedgerUnavailableError,
    LogUnavailableError,
    PipelineFullError,
    UnavailableError,
)
from core.refusals import (
    AccountNotFoundError,
    IdempotencyConflictError,
    InvalidFieldError,
    NotYetPostedError,
    Refusal,
    RefusalKind,
)

RETRY_AFTER: Final[Mapping[str, str]] = {hdrs.RETRY_AFTER: "1"}
"""Seconds, where no pace tells more: what is away is looked for every second, pages are posted
within about that, and when an export ends nobody knows."""
_MAX_SHOWN_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: `code` is for programs, `detail` for people, `members` explain."""

    status: int
    code: ProblemCode
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, request_id: str) -> web.Response:
        """The problem as an answer to the request of this id."""
        return json_answer(self.body(request_id), self.status, self.headers, PROBLEM_JSON)

    def body(self, request_id: str) -> dict[str, Any]:
        """The problem as a client reads it."""
        return {
            "code": self.code,
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.members,
        }


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


INTERNAL: Final = Problem(
    500,
    ProblemCode.INTERNAL_ERROR,
    "Something went wrong here. The request_id finds it in our logs.",
)
MALFORMED_REQUEST: Final = Problem(
    400, ProblemCode.MALFORMED_REQUEST, "What was sent is not a well-formed HTTP/1.1 request."
)


def invalid_field(name: str, reason: str) -> Problem:
    """A field that is not what it should be; `reason` completes "`name` ..."."""
    return Problem(422, ProblemCode.INVALID_FIELD, f"{name} {reason}", {"field": name})


def shown(name: str) -> str:
    """A name that a client made up, fit to be repeated to it."""
    start = name[:_MAX_SHOWN_CHARACTERS]
    return "".join(character if character.isprintable() else "?" for character in start)


def problem_of(error: Exception) -> Problem | None:
    """The problem that `error` is to a client; None if it is a surprise."""
    match error:
        case ProblemError():
            return error.problem
        case Refusal():
            return Problem(
                _status(error.kind),
                ProblemCode(error.code),
                str(error),
                _facts(error),
                _headers(error.kind),
            )
        case UnavailableError():
            return _unavailable(error)
        case web.HTTPException():
            return _of_aiohttp(error)
    return None


def _status(kind: RefusalKind) -> int:
    match kind:
        case RefusalKind.INVALID | RefusalKind.CONFLICT:
            return 422
        case RefusalKind.NOT_FOUND:
            return 404
        case RefusalKind.GONE:
            return 410
        case RefusalKind.NOT_YET | RefusalKind.BUSY:
            return 503
    assert_never(kind)


def _headers(kind: RefusalKind) -> Mapping[str, str]:
    return RETRY_AFTER if _status(kind) == 503 else {}


def _facts(refusal: Refusal) -> dict[str, str]:
    match refusal:
        case InvalidFieldError():
            return {"field": refusal.field}
        case AccountNotFoundError():
            of_user = {"user_id": refusal.user_id}
            return (
                of_user if refusal.currency is None else {**of_user, "currency": refusal.currency}
            )
        case IdempotencyConflictError():
            return {"transaction_id": str(refusal.transaction_id)}
        case NotYetPostedError():
            return {"position": str(refusal.position)}
    return {}


def _unavailable(error: UnavailableError) -> Problem | None:
    # The error's own text may name hosts and users, which are no business of a client.
    match error:
        case CommandUnconfirmedError():
            return _unconfirmed(error)
        case PipelineFullError():
            return _full(error)
        case LogUnavailableError():
            code, detail = ProblemCode.LOG_UNAVAILABLE, "The command log is away. Try again later."
        case LedgerUnavailableError():
            code, detail = ProblemCode.LEDGER_UNAVAILABLE, "The ledger is away. Try again later."
        case EventsUnavailableError():
            code, detail = ProblemCode.EVENTS_UNAVAILABLE, "The events are away. Try again later."
        case _:
            # Nothing that HTTP asks for depends on anything else.
            return None
    return Problem(503, code, detail, headers=RETRY_AFTER)


def _unconfirmed(error: CommandUnconfirmedError) -> Problem:
    if error.may_have_been_accepted:
        detail = (
            "The command log did not confirm in time: the command may have been accepted. "
            "Look its transaction up, or try again with the same Idempotency-Key."
        )
    else:
        detail = "The command log is away: the command was not accepted. Try again later."
    members = {
        "may_have_been_accepted": error.may_have_been_accepted,
        "transaction_id": str(error.transaction_id),
    }
    return Problem(503, ProblemCode.LOG_UNAVAILABLE, detail, members, RETRY_AFTER)


def _full(error: PipelineFullError) -> Problem:
    return Problem(
        503,
        ProblemCode.PIPELINE_FULL,
        "Too many commands wait already: nothing was accepted. Try again after Retry-After.",
        {"may_have_been_accepted": error.may_have_been_accepted},
        {hdrs.RETRY_AFTER: str(error.retry_after_seconds)},
    )


def _of_aiohttp(error: web.HTTPException) -> Problem | None:
    match error:
        case web.HTTPNotFound():
            return Problem(404, ProblemCode.PATH_NOT_FOUND, "There is nothing at this path.")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return Problem(
                405,
                ProblemCode.METHOD_NOT_ALLOWED,
                f"This path takes {allowed}.",
                headers={hdrs.ALLOW: allowed},
            )
        case web.HTTPExpectationFailed():
            return Problem(417, ProblemCode.EXPECTATION_FAILED, "Expectation Failed.")
    # aiohttp has more of them, which nothing here makes it raise.
    return None
