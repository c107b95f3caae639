"""The body of every error."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType, defstruct

from adapters.inbound.http.problem_codes import ProblemCode
from adapters.schemas.explanation import EXPLANATION
from adapters.schemas.fields import PositionText, TransactionId
from adapters.schemas.transactions import RejectedTransaction

Problem: Final = defstruct(
    "Problem",
    [
        ("code", ProblemCode),
        ("title", str),
        ("status", Annotated[int, Meta(ge=400, le=599)]),
        ("detail", Annotated[str, Meta(description="For people; it may change.")]),
        ("request_id", Annotated[str, Meta(description="That of the `X-Request-Id`.")]),
        ("field", Annotated[str | UnsetType, Meta(description="What is wrong.")], UNSET),
        ("transaction_id", TransactionId | UnsetType, UNSET),
        ("position", PositionText | UnsetType, UNSET),
        ("may_have_been_accepted", bool | UnsetType, UNSET),
        ("transaction", RejectedTransaction | UnsetType, UNSET),
        *EXPLANATION,
    ],
    kw_only=True,
    namespace={
        "__doc__": "Problem details (RFC 9457). `code` is for programs; the other members explain."
    },
)
