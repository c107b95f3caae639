"""What whoever read documents of one JSON Schema could not rely on any more under a later one.

Knows the words that our own schemas use. A later schema may add fields, and make a field required;
it may also allow more values of the enumerations that are said to grow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Schema = Mapping[str, Any]

_SAME: Final = ("format", "pattern", "const", "propertyNames")
_NO_LESS: Final = ("minimum", "minLength", "minItems", "minProperties")
_NO_MORE: Final = ("maximum", "maxLength", "maxItems", "maxProperties")


def breaks(earlier: Schema, later: Schema, growing: Sequence[str] = ()) -> list[str]:
    """A sentence for each; empty if none. `growing` are the names of enumerations (`$defs`)."""
    return list(_Comparison(earlier, later, growing).breaks(earlier, later, "the document"))


class _Comparison:
    def __init__(self, earlier: Schema, later: Schema, growing: Sequence[str]) -> None:
        self._earlier_parts = earlier.get("$defs", {})
        self._later_parts = later.get("$defs", {})
        self._growing = frozenset(growing)

    def breaks(self, earlier: Schema, later: Schema, where: str) -> Iterator[str]:
        name = earlier.get("$ref", "").rpartition("/")[2]
        earlier = _resolved(earlier, self._earlier_parts)
        later = _resolved(later, self._later_parts)
        if "anyOf" in earlier or "anyOf" in later:
            yield from self._alternatives(earlier, later, where)
            return
        if "type" in earlier and earlier["type"] != later.get("type"):
            yield f"{where} is {later.get('type')}, and was {earlier['type']}"
            return
        yield from self._values(earlier, later, where, grows=name in self._growing)
        yield from self._fields(earlier, later, where)
        for word in ("items", "additionalProperties"):
            if isinstance(earlier.get(word), Mapping):
                yield from self.breaks(earlier[word], later.get(word, {}), f"{where}[]")

    def _alternatives(self, earlier: Schema, later: Schema, where: str) -> Iterator[str]:
        known = earlier.get("anyOf", [earlier])
        for one in later.get("anyOf", [later]):
            if all(any(self.breaks(known_one, one, where)) for known_one in known):
                yield f"{where} may be {_shown(one)}, which it could not be"

    def _values(self, earlier: Schema, later: Schema, where: str, *, grows: bool) -> Iterator[str]:
        if "enum" in earlier and not grows:
            new = [one for one in later.get("enum", ["anything"]) if one not in earlier["enum"]]
            if new:
                yield f"{where} may be {new}, which it could not be"
        for word in _SAME:
            if word in earlier and earlier[word] != later.get(word):
                yield f"{where}: {word} is {later.get(word)}, and was {earlier[word]}"
        for word in _NO_LESS:
            if later.get(word, float("-inf")) < earlier.get(word, float("-inf")):
                yield f"{where}: {word} is {later.get(word)}, and was {earlier[word]}"
        for word in _NO_MORE:
            if later.get(word, float("inf")) > earlier.get(word, float("inf")):
                yield f"{where}: {word} is {later.get(word)}, and was {earlier[word]}"

    def _fields(self, earlier: Schema, later: Schema, where: str) -> Iterator[str]:
        fields = later.get("properties", {})
        for name, schema in earlier.get("properties", {}).items():
            if name in fields:
                yield from self.breaks(schema, fields[name], f"{where}.{name}")
            else:
                yield f"{where} has no {name} any more"
        for name in earlier.get("required", ()):
            if name in fields and name not in later.get("required", ()):
                yield f"{where} may come without {name}"


def _resolved(schema: Schema, parts: Mapping[str, Schema]) -> Schema:
    if "$ref" not in schema:
        return schema
    return parts[schema["$ref"].rpartition("/")[2]]


def _shown(schema: Schema) -> str:
    return str(schema.get("type") or schema.get("$ref") or dict(schema))
