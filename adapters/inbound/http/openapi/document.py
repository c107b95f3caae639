"""The OpenAPI 3.1 document of operations, made from their declarations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from adapters.inbound.http.openapi.described import Describe, meanings
from adapters.inbound.http.openapi.examples import recorded_examples
from adapters.inbound.http.openapi.schemas import Schemas
from adapters.inbound.http.operation import (
    Operation,
    Tag,
)
from adapters.inbound.http.operations.all import ALL
from adapters.inbound.http.parameters import ANSWERED_REQUEST_ID, RETRY_AFTER
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.schemas.problem import Problem
from adapters.representations import Json

API_VERSION: Final = "0.1.0"
_DESCRIPTION: Final = """\
Takes instructions to move money, and keeps the books.

A command is answered 202 with a receipt as soon as it is durable in the log; whether the money is \
there is decided when it is posted. `Prefer: wait=N` holds the answer until then; a receipt's \
`position` makes any read wait for it; an `Idempotency-Key` makes a retry the same transaction.

Amounts go out as strings with all of their currency's decimals, times in RFC 3339 and UTC. Bodies \
have no duplicate or unknown fields; an optional field that is null is as good as absent. A query \
parameter that is not listed is refused. Whatever takes GET takes HEAD. Every error is a problem \
(RFC 9457) with one of the codes of `ProblemCode`. Objects of answers may gain fields.
"""
_TAGS: Final[Mapping[Tag, str]] = {
    Tag.COMMANDS: "What moves money, or changes what may be done with it.",
    Tag.TRANSACTIONS: "What became of commands.",
    Tag.ACCOUNTS: "Balances, statements, accounts.",
    Tag.HOLDS: "Money that is set aside.",
    Tag.PROOFS: "What convinces others without us: docs/proofs.md.",
    Tag.WEBHOOKS: "Who is told what became of commands, by Standard Webhooks.",
    Tag.EVENTS: "What was decided, told as it happens.",
    Tag.HEALTH: "For those who look after a process.",
    Tag.DESCRIPTION: "The API about itself.",
}


@cache
def openapi_bytes() -> bytes:
    """The document of all operations as JSON. Made when it is asked for first, and kept."""
    return msgspec.json.encode(openapi_document(ALL))


def openapi_document(operations: Sequence[Operation[Any]]) -> Json:
    """The document of these operations."""
    schemas = Schemas.of([Problem, *_shapes(operations)])
    shown = recorded_examples()
    describe = Describe(schemas, shown.operations, shown.problems)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = describe(operation)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Counterfoil",
            "version": API_VERSION,
            "summary": "A financial transaction processor.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag.value, "description": text} for tag, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _with_meanings(schemas.components),
            "responses": {"AnyProblem": describe.any_problem()},
            "examples": {name: {"value": body} for name, body in shown.problems.items()},
        },
    }


def _shapes(operations: Iterable[Operation[Any]]) -> Iterator[Any]:
    yield from (ANSWERED_REQUEST_ID.kind, RETRY_AFTER.kind)
    for operation in operations:
        for body in operation.bodies:
            yield body.shape
        for answer in operation.answers:
            yield answer.shape
            yield from (header.kind for header in answer.headers)
        parameters = (*operation.path_parameters, *operation.query, *operation.headers)
        yield from (parameter.kind for parameter in parameters)


def _with_meanings(components: Json) -> Json:
    codes = components[ProblemCode.__name__]
    codes["description"] = "\n".join([codes["description"], "", *meanings(ProblemCode)])
    return components
