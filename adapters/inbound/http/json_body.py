"""JSON objects, read exactly: a number is the text it was written as, a name stands once."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final, NoReturn

from adapters.inbound.http.problem_codes import ProblemCode
from adapters.inbound.http.problems import Problem, ProblemError, invalid_field, shown
from adapters.inbound.http.timestamps import parse_time

MAX_DEPTH: Final = 32
_NO_BRACKETS: Final = re.compile(r"[^\[\]{}]+")
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


class JsonNumber(str):
    """The text of a JSON number, digit for digit. No arithmetic has touched it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The fields of a request's body. Raises `ProblemError` naming the field that is wrong."""

    fields: Mapping[str, object]
    within: str = ""
    """Where the object is, before the names of its fields."""

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Return if there are no other fields than these."""
        if not self.fields.keys() <= known:
            unknown = next(name for name in self.fields if name not in known)
            raise self._invalid(shown(unknown), "is not a field of this body")

    def text(self, name: str) -> str:
        """The string in a field that must be there."""
        value = self._required(name)
        # Not isinstance: a JsonNumber is a str to Python and no string to JSON.
        if type(value) is not str:
            raise self._invalid(name, "must be a string")
        return value

    def optional_text(self, name: str) -> str | None:
        """The string in a field that may be absent; null is absent, too."""
        return None if self.fields.get(name) is None else self.text(name)

    def decimal_text(self, name: str) -> str:
        """The text of a number, or a string in its place, in a field that must be there."""
        value = self._required(name)
        if not isinstance(value, str):
            raise self._invalid(name, "must be a number, or a string of one")
        return str(value)

    def optional_decimal_text(self, name: str) -> str | None:
        """The same of a field that may be absent; null is absent, too."""
        return None if self.fields.get(name) is None else self.decimal_text(name)

    def optional_boolean(self, name: str, default: bool) -> bool:
        """True or false, in a field that may be absent; null is absent, too."""
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._invalid(name, "must be true or false")
        return value

    def optional_time(self, name: str) -> datetime | None:
        """The time in a field that may be absent; null is absent, too."""
        text = self.optional_text(name)
        if text is None:
            return None
        try:
            return parse_time(text)
        except ValueError as error:
            raise self._invalid(name, str(error)) from None

    def optional_pairs(self, name: str) -> Mapping[str, str] | None:
        """The object of strings in a field that may be absent; null is absent, too."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, _Repeated):
            raise self._invalid(name, f"has {shown(value.name)} more than once")
        if not isinstance(value, dict) or any(type(one) is not str for one in value.values()):
            raise self._invalid(name, "must be an object whose values are strings")
        return value

    def optional_texts(self, name: str) -> Sequence[str] | None:
        """The array of strings in a field that may be absent; null is absent, too."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or any(type(one) is not str for one in value):
            raise self._invalid(name, "must be an array of strings")
        return value

    def objects(self, name: str) -> "Sequence[JsonObject]":
        """The array of objects in a field that must be there."""
        value = self._required(name)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._invalid(name, "must be an array of objects")
        return [JsonObject(one, f"{name}[{number}].") for number, one in enumerate(value)]

    def with_text(self, name: str, text: str) -> "JsonObject":
        """The object, and one more field that the body could not have."""
        return JsonObject({**self.fields, name: text})

    def without(self, names: frozenset[str]) -> "JsonObject":
        """The object, but for these fields."""
        return JsonObject({name: one for name, one in self.fields.items() if name not in names})

    def _required(self, name: str) -> object:
        value = self.fields.get(name)
        if value is None:
            raise self._invalid(name, "is missing")
        return value

    def _invalid(self, name: str, reason: str) -> ProblemError:
        return ProblemError(invalid_field(f"{self.within}{name}", reason))


@dataclass(frozen=True, slots=True)
class _Repeated:
    """An object in which a name stands more than once."""

    name: str


def json_object(body: bytes) -> JsonObject:
    """The object in `body`. Raises `ProblemError`: 400 if it is no JSON, 422 if no object."""
    return object_of(_parsed(body))


def json_array(body: bytes) -> Sequence[object]:
    """What the array in `body` holds; `object_of` reads each.

    Raises `ProblemError`: 400 if the body is no JSON, 422 if it is no array.
    """
    value = _parsed(body)
    if not isinstance(value, list):
        raise ProblemError(invalid_field("body", "must be a JSON array"))
    return value


def object_of(value: object) -> JsonObject:
    """The object that a parsed value is. Raises `ProblemError` if it is none."""
    if isinstance(value, _Repeated):
        raise ProblemError(invalid_field(shown(value.name), "must be given once"))
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
    brackets = _NO_BRACKETS.sub("", _outside_strings(text))
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH


def _outside_strings(text: str) -> str:
    """`text` without what stands between quotation marks. (A broken text may stay broken.)"""
    return "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object] | _Repeated:
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else _Repeated(_repeated(pairs))


def _repeated(pairs: list[tuple[str, object]]) -> str:
    counts = Counter(name for name, _ in pairs)
    return next(name for name, count in counts.items() if count > 1)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _malformed(reason: str) -> ProblemError:
    return ProblemError(
        Problem(400, ProblemCode.MALFORMED_BODY, f"The body {reason}.", {"field": "body"})
    )


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_fields,
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=_no_number,
)
