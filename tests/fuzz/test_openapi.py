"""Whatever is asked of the API, the answer is one that its description describes.

Schemathesis draws requests from the description, such as it allows and such as it forbids: what
lies on the edges of each schema, and then cases by chance. A failure shows the request as a curl
command. `make fuzz` draws ten times as many, from another seed each time.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from adapters.inbound.http.batch_body import NDJSON
from adapters.inbound.http.openapi.document import openapi_document
from adapters.inbound.http.openapi.examples import recorded_examples
from adapters.inbound.http.operations.all import ALL
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.request_id import X_REQUEST_ID, is_request_id
from tests.fuzz.served_in_thread import served_in_thread
from tests.unit.http.conformance import assert_described
from tests.unit.http.recorded_examples import Recorder, ask_for_commands
from tests.unit.http.world import World

EXAMPLES: Final = recorded_examples().operations
CASES: Final = int(os.environ.get("OPENAPI_CASES", "100"))
"""By chance, of each operation; it has fewer where it takes no parameters."""
SEED: Final = int(os.environ.get("OPENAPI_SEED", "0"))
SCHEMA: Final = schemathesis.openapi.from_dict(openapi_document(ALL))
Case = schemathesis.Case[Any]
NOT_YET: Final = (ProblemCode.NOT_YET_POSTED, ProblemCode.NOT_YET_SIGNED)
"""The refusals in 5xx that a client may cause, by asking early."""
NOT_HELD_AGAINST_IT: Final = [
    # An answer in 5xx is judged below: the ledger may not have come there yet.
    not_a_server_error,
    # What is well-formed is still refused: users have no money, cursors are of other queries.
    positive_data_acceptance,
]


@schemathesis.serializer(NDJSON)
def ndjson(_: schemathesis.SerializationContext, value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogateescape")


@SCHEMA.hook
def flatmap_path_parameters(
    context: schemathesis.HookContext, path_parameters: dict[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """More often than not, what is named is there: it is what the description's examples name."""
    drawn = st.just(path_parameters)
    operation = context.operation
    name = None if operation is None else operation.definition.raw["operationId"]
    known = EXAMPLES.get(name or "")
    return drawn if known is None or not known.path else st.just({**known.path}) | drawn


@pytest.fixture
def url() -> Iterator[str]:
    """The address of the product on books of its own, which hold what the examples are about."""
    with served_in_thread(World(), lambda api: ask_for_commands(Recorder(api))) as one:
        yield one


@SCHEMA.parametrize()
@seed(SEED)
@settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    # The books are the same for all cases of an operation, and grow with them.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_is_described(case: Case, url: str) -> None:
    response = case.call(base_url=url)
    borne_with = [negative_data_rejection] if _bears_with_it(case) else []
    case.validate_response(
        response,
        excluded_checks=[*NOT_HELD_AGAINST_IT, *borne_with],
        transport_kwargs={"base_url": url},
    )
    headers = {name.title(): values[0] for name, values in response.headers.items()}
    has_json = "json" in headers.get("Content-Type", "")
    body: Any = json.loads(response.content) if has_json and response.content else None
    if response.request.method != "HEAD":
        path = response.request.path_url
        assert_described(response.request.method or "", path, response.status_code, headers, body)
    if response.status_code >= 500:
        assert body["code"] in NOT_YET


def _bears_with_it(case: Case) -> bool:
    """Whether the answer may be a good one although something in the request is wrong."""
    headers: Mapping[str, str] = case.headers or {}
    request_id = headers.get(X_REQUEST_ID)
    is_replaced = request_id is not None and not is_request_id(request_id)
    # A bad item of a batch does not stop the others.
    return is_replaced or case.operation.path == "/batch"
