"""The description says what the API is: no route, parameter, code or example is out of step."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from adapters.inbound.http.app import build_app
from adapters.inbound.http.limits import HttpLimits
from adapters.inbound.http.openapi.document import API_VERSION, openapi_bytes, openapi_document
from adapters.inbound.http.openapi.examples import FILE, recorded_examples
from adapters.inbound.http.operation import ANY_PROBLEMS, UNMATCHED_PROBLEMS, Operation, Tag
from adapters.inbound.http.operations.all import ALL
from adapters.inbound.http.order_bodies import ORDER_BODIES
from adapters.inbound.http.problem_codes import ProblemCode
from core.entities.orders import CommandType
from core.entities.transaction import RejectionCode
from core.refusals import Refusal
from tests.unit.http.recorded_examples import recorded
from tests.unit.http.world import Api, World, parts_of

ROOT = Path(__file__).parents[3]
AN_ID = "01a20697-bf10-7a66-98df-82d7a32740d9"
OF_PATHS = {
    "user_id": "alice",
    "file": "docs.js",
    **dict.fromkeys(("hold_id", "transaction_id", "endpoint_id", "event_id"), AN_ID),
}
PICKY = [one for one in ALL if one.tag is not Tag.HEALTH]
DECLARED = [(one, parameter.name) for one in PICKY for parameter in one.query]


def path_of(operation: Operation[Any]) -> str:
    return operation.path.format(**OF_PATHS)


def named(operation: Operation[Any]) -> str:
    return operation.operation_id


async def test_it_is_openapi_3_1_and_served_as_made(api: Api) -> None:
    answer = await api.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text == openapi_bytes().decode()
    assert answer.body["openapi"].startswith("3.1")
    validate(answer.body)


def test_it_is_made_once() -> None:
    assert openapi_bytes() is openapi_bytes()


def test_its_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == API_VERSION


def test_it_has_the_routes_of_the_app_and_no_others(world: World) -> None:
    app = build_app(parts_of(world, HttpLimits()))
    routed = {(one.method, one.resource.canonical) for one in app.router.routes() if one.resource}
    described = {
        (method.upper(), path)
        for path, operations in openapi_document(ALL)["paths"].items()
        for method in operations
    }
    assert {(method, path) for method, path in routed if method != "HEAD"} == described
    assert {path for method, path in routed if method == "HEAD"} == {
        path for method, path in described if method == "GET"
    }


@pytest.mark.parametrize("operation", ALL, ids=named)
def test_what_the_path_names_is_declared(operation: Operation[Any]) -> None:
    names = {parameter.name for parameter in operation.path_parameters}
    assert operation.path.count("{") == len(names)
    assert all(f"{{{name}}}" in operation.path for name in names)


def test_operation_ids_are_unique() -> None:
    assert len({one.operation_id for one in ALL}) == len(ALL)


@pytest.mark.parametrize("operation", PICKY, ids=named)
async def test_a_parameter_that_is_not_declared_is_refused(
    api: Api, operation: Operation[Any]
) -> None:
    answer = await api.call(operation.method, f"{path_of(operation)}?undeclared=1")
    assert (answer.status, answer.body["code"]) == (422, "invalid_field")
    assert answer.body["field"] == "undeclared"


@pytest.mark.parametrize(
    ("operation", "name"), DECLARED, ids=[f"{one.operation_id}-{name}" for one, name in DECLARED]
)
async def test_a_parameter_that_is_declared_is_read(
    api: Api, operation: Operation[Any], name: str
) -> None:
    wrong = "%20" if name == "reference" else "%22"
    answer = await api.call(operation.method, f"{path_of(operation)}?{name}={wrong}")
    assert answer.status == 422
    assert "is not a parameter" not in answer.body["detail"]
    assert answer.body["field"].lower().replace("-", "_") == name


def _fields() -> Iterator[tuple[CommandType, str]]:
    for type_, body in ORDER_BODIES.items():
        for field in sorted(body.fields):
            yield type_, field


@pytest.mark.parametrize(("type_", "field"), [*_fields()])
async def test_a_field_that_is_described_is_read(api: Api, type_: CommandType, field: str) -> None:
    operation = next(one for one in ALL if one.operation_id == type_.value)
    body = {"method": operation.method, "path": path_of(operation)}
    answer = await api.call(**body, json={field: {"nested": {}}})
    assert answer.status in {404, 422}
    assert "is not a field" not in answer.body["detail"]


@pytest.mark.parametrize("type_", list(ORDER_BODIES))
async def test_a_field_that_is_not_described_is_refused(api: Api, type_: CommandType) -> None:
    operation = next(one for one in ALL if one.operation_id == type_.value)
    answer = await api.call(operation.method, path_of(operation), json={"undescribed": 1})
    assert (answer.status, answer.body["field"]) == (422, "undescribed")


# Codes


def _refusals(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for refusal in of.__subclasses__():
        yield refusal
        yield from _refusals(refusal)


def test_every_code_that_can_be_given_is_listed_with_its_meaning() -> None:
    listed = {code.value for code in ProblemCode}
    assert {refusal.code for refusal in _refusals()} <= listed
    assert {code.value for code in RejectionCode} <= listed
    assert all(code.meaning.endswith(".") for code in ProblemCode)


def test_every_code_that_is_listed_is_some_operations_or_anybodys() -> None:
    given = {code for one in ALL for codes in one.problems.values() for code in codes} | {
        *ANY_PROBLEMS,
        *UNMATCHED_PROBLEMS,
    }
    assert given == set(ProblemCode)


def test_the_page_about_the_api_lists_the_same_codes() -> None:
    table = (ROOT / "docs/api.md").read_text().partition("## Codes")[2].partition("## Health")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {code.strip(" `") for row in rows for code in row.split(",")} == set(ProblemCode)


# Examples


async def test_the_examples_are_what_is_answered() -> None:
    now = await recorded()
    kept = json.loads(FILE.read_text())
    assert now["operations"].keys() == kept["operations"].keys()
    for operation_id, example in kept["operations"].items():
        assert example == now["operations"][operation_id], operation_id
    assert now["problems"] == kept["problems"]


def test_every_operation_that_answers_json_has_an_example() -> None:
    with_json = {
        one.operation_id for one in ALL if any("json" in to.media_type for to in one.answers)
    }
    assert with_json - recorded_examples().operations.keys() == {"getAsyncapi", "getOpenapi"}


def test_all_problems_but_those_hard_to_bring_about_have_an_example() -> None:
    given = {
        f"{code}_{status}" for one in ALL for status, of in one.problems.items() for code in of
    }
    assert given - recorded_examples().problems.keys() == {
        "balance_limit_exceeded_422",
        "body_timeout_408",
        "discarded_422",
        "malformed_request_400",
        "path_not_found_404",
        "too_many_exports_503",
        "too_many_streams_503",
    }


# The page


async def test_the_page_asks_for_nothing_that_is_not_here(api: Api) -> None:
    page = await api.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "://" not in page.text
    parts = [part.split('"')[0] for part in page.text.split('="docs/')[1:]]
    assert len(parts) == 4
    for part in parts:
        found = await api.get(f"/docs/{part}")
        assert found.status == 200
        assert len(found.text) > 100
        assert found.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["", "none.js", "..%2Fapp.py", "%2E%2E%2Fapp.py", "__init__.py"])
async def test_the_page_has_no_other_parts(api: Api, name: str) -> None:
    answer = await api.get(f"/docs/{name}")
    assert (answer.status, answer.body["code"]) == (404, "path_not_found")
