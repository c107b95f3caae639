"""What the document says of one operation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from adapters.inbound.http.answers import PROBLEM_JSON
from adapters.inbound.http.openapi.examples import Example
from adapters.inbound.http.openapi.schemas import REFERENCES, Schemas
from adapters.inbound.http.operation import (
    ANY_PROBLEMS,
    UNMATCHED_PROBLEMS,
    Answer,
    Operation,
    Parameter,
)
from adapters.inbound.http.parameters import ANSWERED_REQUEST_ID, RETRY_AFTER
from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.schemas.problem import Problem
from adapters.representations import Json

PROBLEM_CODES: Final = "x-problem-codes"
"""Beside a response of problems: the codes that its operation can give with that status."""
_EXAMPLES: Final = "#/components/examples/"


@dataclass(frozen=True, slots=True)
class Describe:
    """Describes operations, with these schemas and examples."""

    schemas: Schemas
    examples: Mapping[str, Example]
    problems: Mapping[str, Json]

    def __call__(self, operation: Operation[Any]) -> Json:
        """An OpenAPI Operation Object."""
        example = self.examples.get(operation.operation_id, Example())
        described: Json = {
            "operationId": operation.operation_id,
            "tags": [operation.tag.value],
            "summary": operation.summary,
            "description": operation.description,
            "parameters": [*self._parameters(operation, example)],
            "requestBody": self._body(operation, example),
            "responses": self._responses(operation, example),
        }
        return {name: value for name, value in described.items() if value}

    def any_problem(self) -> Json:
        """What any request can be answered with, whatever operation it meant."""
        codes = (*ANY_PROBLEMS, *UNMATCHED_PROBLEMS)
        description = "\n".join(["What any request can meet.", "", *meanings(codes)])
        return self._problem(description, codes, {}, {})

    def _parameters(self, operation: Operation[Any], example: Example) -> Iterator[Json]:
        for parameter in operation.path_parameters:
            shown = {"example": example.path[parameter.name]} if example.path else {}
            yield self._parameter(parameter, "path") | {"required": True} | shown
        for parameter in operation.query:
            yield self._parameter(parameter, "query")
        for parameter in operation.headers:
            yield self._parameter(parameter, "header")

    def _parameter(self, parameter: Parameter, place: str) -> Json:
        return {"name": parameter.name, "in": place, **self._header(parameter)}

    def _header(self, parameter: Parameter) -> Json:
        schema = self.schemas.schema(parameter.kind)
        if parameter.default is not None:
            schema = {**schema, "default": parameter.default}
        return {
            "description": parameter.description,
            "required": parameter.is_required,
            "schema": schema,
        }

    def _body(self, operation: Operation[Any], example: Example) -> Json:
        if not operation.bodies:
            return {}
        usual, *_ = operation.bodies
        content: Json = {
            body.media_type: {"schema": self.schemas.schema(body.shape)}
            for body in operation.bodies
        }
        if example.body is not None:
            content[usual.media_type]["example"] = example.body
        return {"required": usual.is_required, "content": content}

    def _responses(self, operation: Operation[Any], example: Example) -> Json:
        responses: dict[str, Json] = {}
        for answer in operation.answers:
            described = responses.setdefault(str(answer.status), self._answer(answer))
            described["content"] |= self._content(answer, example)
        for status, codes in sorted(operation.problems.items()):
            description = "\n".join([f"{HTTPStatus(status).phrase}.", "", *meanings(codes)])
            headers = {RETRY_AFTER.name: self._header(RETRY_AFTER)} if status == 503 else {}
            shown = self._problems_shown(status, codes)
            responses[str(status)] = self._problem(description, codes, headers, shown)
        return {**responses, "default": {"$ref": "#/components/responses/AnyProblem"}}

    def _problems_shown(self, status: int, codes: Sequence[ProblemCode]) -> Json:
        names = [name for code in codes if (name := f"{code}_{status}") in self.problems]
        return {"examples": {name: {"$ref": f"{_EXAMPLES}{name}"} for name in names}}

    def _answer(self, answer: Answer) -> Json:
        headers = (ANSWERED_REQUEST_ID, *answer.headers)
        return {
            "description": answer.description,
            "headers": {header.name: self._header(header) for header in headers},
            "content": {},
        }

    def _content(self, answer: Answer, example: Example) -> Json:
        schema = self.schemas.schema(answer.shape)
        return {answer.media_type: {"schema": schema, **_shown(example, answer.status)}}

    def _problem(
        self, description: str, codes: Sequence[ProblemCode], headers: Json, shown: Json
    ) -> Json:
        schema = {"$ref": f"{REFERENCES}{Problem.__name__}"}
        request_id = {ANSWERED_REQUEST_ID.name: self._header(ANSWERED_REQUEST_ID)}
        return {
            "description": description,
            "headers": {**request_id, **headers},
            "content": {PROBLEM_JSON: {"schema": schema, **shown}},
            PROBLEM_CODES: [code.value for code in codes],
        }


def _shown(example: Example, status: int) -> Json:
    answer = example.answers.get(str(status))
    return {} if answer is None else {"example": answer}


def meanings(codes: Iterable[ProblemCode]) -> Iterator[str]:
    """A line of Markdown for each code."""
    for code in codes:
        yield f"- `{code}`: {code.meaning}"
