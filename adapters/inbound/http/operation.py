"""An operation of the API, declared once: the route and its description are made from it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from aiohttp import web

from adapters.inbound.http.answers import JSON
from adapters.inbound.http.problem_codes import ProblemCode

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Handlers = TypeVar("Handlers")


class AnyOf(NamedTuple):
    """A body of one of several shapes."""

    shapes: Sequence[Any]


class ListOf(NamedTuple):
    """A body that is a list of so many."""

    items: Any
    min_items: int
    max_items: int


class Tag(StrEnum):
    """What an operation is about, in the order in which the description shows them."""

    COMMANDS = "commands"
    TRANSACTIONS = "transactions"
    ACCOUNTS = "accounts"
    HOLDS = "holds"
    PROOFS = "proofs"
    WEBHOOKS = "webhooks"
    EVENTS = "events"
    HEALTH = "health"
    DESCRIPTION = "description"


class Parameter(NamedTuple):
    """A named value beside the body: in the query, the path or a header of request or answer.

    `kind` is a type that msgspec can describe. `default` is what its absence means, if that is a
    value.
    """

    name: str
    kind: Any
    description: str
    default: object = None
    is_required: bool = False


class Body(NamedTuple):
    """What a request carries."""

    shape: Any
    media_type: str = JSON
    is_required: bool = True


class Answer(NamedTuple):
    """An answer that is no problem; one for each media type of a status."""

    status: int
    description: str
    shape: Any
    media_type: str = JSON
    headers: Sequence[Parameter] = ()


Problems = Mapping[int, Sequence[ProblemCode]]
"""By status, the codes of the problems that an operation can be answered with.

Beside those that any request can meet: `ANY_PROBLEMS`.
"""
NO_PROBLEMS: Final[Problems] = MappingProxyType({})
ANY_PROBLEMS: Final = (
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.EXPECTATION_FAILED,
    ProblemCode.INTERNAL_ERROR,
)
UNMATCHED_PROBLEMS: Final = (ProblemCode.PATH_NOT_FOUND, ProblemCode.METHOD_NOT_ALLOWED)
"""What no operation answers, but the router in its place."""


class Operation(NamedTuple, Generic[Handlers]):
    """One method of one path. A query parameter that is not declared is refused.

    `path` names its parameters in braces; each takes anything but a slash, so that the use case
    and not the router refuses an id.
    """

    method: str
    path: str
    handler: Callable[[Handlers], Handler]
    operation_id: str
    tag: Tag
    summary: str
    answers: Sequence[Answer]
    description: str = ""
    path_parameters: Sequence[Parameter] = ()
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    bodies: Sequence[Body] = ()
    """One for each media type; the first is the usual one."""
    problems: Problems = NO_PROBLEMS
