"""Whether an answer is one that the OpenAPI document describes: no other status, code or field."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from adapters.inbound.http.openapi.described import PROBLEM_CODES
from adapters.inbound.http.openapi.document import openapi_document
from adapters.inbound.http.operations.all import ALL
from tests.unit.closed_schema import closed

DOCUMENT = "urn:openapi"
STATUS_OF_ANY = {
    "malformed_request": 400,
    "path_not_found": 404,
    "method_not_allowed": 405,
    "expectation_failed": 417,
    "internal_error": 500,
}
"""What any request can meet: the document has one response for all of these."""


@cache
def document() -> dict[str, Any]:
    return openapi_document(ALL)


def assert_described(
    method: str, path: str, status: int, headers: Mapping[str, str], body: object
) -> None:
    """Raise `AssertionError` where the answer to a request is none of the operation's."""
    pointer, operation = _operation(method, path)
    status_key = str(status) if str(status) in operation["responses"] else "default"
    answer = _resolved(operation["responses"][status_key])
    for name, header in answer["headers"].items():
        assert name in headers or not header["required"], f"{method} {path}: no {name}"
    media_type = headers["Content-Type"].partition(";")[0]
    assert media_type in answer["content"], f"{method} {path}: {media_type}"
    if "json" not in media_type:
        return
    at = f"{pointer}/responses/{status_key}/content/{_escaped(media_type)}/schema"
    if status_key == "default":
        at = f"/components/responses/AnyProblem/content/{_escaped(media_type)}/schema"
    codes = answer.get(PROBLEM_CODES)
    if codes is not None:
        assert isinstance(body, dict)
        assert body["code"] in codes, f"{method} {path} {status}: {body}"
        assert body["status"] == status, f"{method} {path} {status}: {body}"
    if status_key == "default":
        assert isinstance(body, dict)
        assert STATUS_OF_ANY[body["code"]] == status, f"{method} {path} {status}: {body}"
    errors = [error.message for error in _validator(at).iter_errors(body)]
    assert not errors, f"{method} {path} {status}: {errors} in {body}"


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
    raw_path = path.partition("?")[0]
    for template, operations in document()["paths"].items():
        if method.lower() in operations and _pattern(template).fullmatch(raw_path):
            return f"/paths/{_escaped(template)}/{method.lower()}", operations[method.lower()]
    # What the router refuses is answered as any request may be.
    return "", {"responses": {"default": {"$ref": "#/components/responses/AnyProblem"}}}


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[a-z_]+\\\}", "[^/]*", re.escape(template)))


def _resolved(answer: dict[str, Any]) -> dict[str, Any]:
    reference = answer.get("$ref")
    if reference is None:
        return answer
    resolved: dict[str, Any] = document()["components"]["responses"][reference.rsplit("/")[-1]]
    return resolved


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"{DOCUMENT}#{pointer}"}, registry=_registry(), format_checker=FormatChecker()
    )


@cache
def _registry() -> Registry[Any]:
    contents = {"$id": DOCUMENT, **closed(document())}
    resource: Resource[Any] = Resource.from_contents(contents, default_specification=DRAFT202012)
    registry: Registry[Any] = resource @ Registry()
    return registry


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
