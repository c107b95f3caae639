"""JSON Schemas of the shapes that operations are declared with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import msgspec

from adapters.inbound.http.operation import AnyOf, ListOf
from adapters.representations import Json

REFERENCES: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schema of each shape, and the named ones that they refer to."""

    by_kind: dict[Any, Json]
    components: Json

    @classmethod
    def of(cls, shapes: Iterable[Any]) -> Self:
        """The schemas of all these shapes: each name stands for one thing."""
        kinds = list(dict.fromkeys(kind for shape in shapes for kind in _kinds(shape)))
        found, components = msgspec.json.schema_components(
            kinds, ref_template=f"{REFERENCES}{{name}}"
        )
        return cls(dict(zip(kinds, found, strict=True)), components)

    def schema(self, shape: Any) -> Json:  # noqa: ANN401 (any type may be described)
        """The schema of one of those shapes."""
        match shape:
            case AnyOf([single]):
                return self.schema(single)
            case AnyOf(shapes):
                return {"anyOf": [self.schema(one) for one in shapes]}
            case ListOf():
                return {
                    "type": "array",
                    "items": self.schema(shape.items),
                    "minItems": shape.min_items,
                    "maxItems": shape.max_items,
                }
        return self.by_kind[shape]


def _kinds(shape: Any) -> Iterator[Any]:  # noqa: ANN401
    match shape:
        case AnyOf(shapes):
            for one in shapes:
                yield from _kinds(one)
        case ListOf():
            yield from _kinds(shape.items)
        case _:
            yield shape
