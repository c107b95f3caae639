"""JSON objects, read exactly: a number is the text it was written as, a name stands once."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from adapters.inbound.http.problems import Problem, ProblemError, invalid_field, shown

MAX_DEPTH: Final = 32


class JsonNumber(str):
    """The text of a JSON number, digit for digit. No arithmetic has touched it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The fields of a request's body. Raises `ProblemError` naming the field that is wrong."""

    fields: Mapping[str, object]

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Return if there are no other fields than these."""
        if not self.fields.keys() <= known:
            unknown = next(name for name in self.fields if name not in known)
            raise ProblemError(invalid_field(shown(unknown), "is not a field of this body"))

    def text(self, name: str) -> str:
        """The string in a field that must be there."""
        value = self._required(name)
        # Not isinstance: a JsonNumber is a str to Python and no string to JSON.
        if type(value) is not str:
            raise ProblemError(invalid_field(name, "must be a string"))
        return value

    def optional_text(self, name: str) -> str | None:
        """The string in a field that may be absent; null is absent, too."""
        return None if self.fields.get(name) is None else self.text(name)

    def decimal_text(self, name: str) -> str:
        """The text of a number, or a string in its place, in a field that must be there."""
        value = self._required(name)
        if not isinstance(value, str):
            raise ProblemError(invalid_field(name, "must be a number, or a string of one"))
        return str(value)

    def _required(self, name: str) -> object:
        if name not in self.fields:
            raise ProblemError(invalid_field(name, "is missing"))
        return self.fields[name]


def json_object(body: bytes) -> JsonObject:
    """The object in `body`. Raises `ProblemError`: 400 if it is no JSON, 422 if no object."""
    value = _parsed(body)
    if not isinstance(value, dict):
        raise ProblemError(invalid_field("body", "must be a JSON object"))
    return JsonObject(value)


def _parsed(body: bytes) -> object:
    if not body:
        raise _malformed("is empty")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("is not UTF-8") from None
    if _is_too_deep(text):
        raise _malformed(f"is nested more than {MAX_DEPTH} deep")
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError):
        raise _malformed("is not JSON") from None


def _is_too_deep(text: str) -> bool:
    # How deep Python's own parser can go depends on its version and on the stack at hand.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for character in _outside_strings(text):
        depth += (character in "[{") - (character in "]}")
        if depth > MAX_DEPTH:
            return True
    return False


def _outside_strings(text: str) -> str:
    """`text` without what stands between quotation marks. (A broken text may stay broken.)"""
    return "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ProblemError(invalid_field(shown(_repeated(pairs)), "must be given once"))
    return fields


def _repeated(pairs: list[tuple[str, object]]) -> str:
    counts = Counter(name for name, _ in pairs)
    return next(name for name, count in counts.items() if count > 1)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _malformed(reason: str) -> ProblemError:
    return ProblemError(Problem(400, "malformed_body", f"The body {reason}.", {"field": "body"}))


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_fields,
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=_no_number,
)
