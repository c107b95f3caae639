"""The items of a batch: a command's own fields, its type, and what is in the path elsewhere."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from msgspec import Meta, Struct, defstruct

from adapters.inbound.http.batch_body import OWN_KEY, TYPE
from adapters.inbound.http.operation import AnyOf, ListOf
from adapters.inbound.http.order_bodies import ORDER_BODIES
from adapters.inbound.http.schemas.inputs import IdempotencyKey
from adapters.schemas.fields import HoldId, TransactionId, UserId
from core.entities.command import MAX_BATCH_COMMANDS
from core.entities.orders import CommandType

_NAMED: Final[dict[str, Any]] = {
    "hold_id": HoldId,
    "transaction_id": TransactionId,
    "user_id": UserId,
}


def _items() -> Iterator[type[Struct]]:
    for type_, body in ORDER_BODIES.items():
        for shape in body.shapes:
            yield _item(type_, shape, body.named_by)


def _item(type_: CommandType, shape: type[Struct], named_by: str | None) -> type[Struct]:
    named: list[tuple[str, Any]] = [] if named_by is None else [(named_by, _NAMED[named_by])]
    name = shape.__name__.removesuffix("Body")
    return defstruct(
        f"{name}Item",
        [(TYPE, Annotated[str, _only(type_)]), *named, (OWN_KEY, IdempotencyKey | None, None)],
        bases=(shape,),
        kw_only=True,
        namespace={"__doc__": shape.__doc__},
    )


def _only(type_: CommandType) -> Meta:
    return Meta(extra_json_schema={"enum": [type_.value]})


BatchBody: Final = ListOf(AnyOf(tuple(_items())), 1, MAX_BATCH_COMMANDS)
