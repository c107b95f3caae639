"""The body of a batch: an array of commands, or a line for each (NDJSON)."""

from collections.abc import Sequence
from typing import Final

from adapters.inbound.http.json_body import JsonObject, json_array, json_object, object_of
from adapters.inbound.http.order_bodies import ORDER_BODIES, command_draft, order_draft
from adapters.inbound.http.problems import ProblemError, invalid_field
from core.entities.command import MAX_BATCH_COMMANDS
from core.entities.orders import CommandType
from core.usecases.drafts import CommandDraft

NDJSON: Final = "application/x-ndjson"
TYPE: Final = "type"
OWN_KEY: Final = "idempotency_key"
_OF_ITEMS: Final = frozenset({TYPE, OWN_KEY})

Item = JsonObject | ProblemError
"""A command as it was written, or why it is none: it does not stop the others."""


def items_of(body: bytes, *, are_lines: bool) -> Sequence[Item]:
    """The batch's items, in order. Raises `ProblemError` where the body is no batch."""
    # Counted before they are looked at: a megabyte has room for half a million wrong ones.
    written: Sequence[object] = _lines(body) if are_lines else json_array(body)
    if not 1 <= len(written) <= MAX_BATCH_COMMANDS:
        raise ProblemError(invalid_field("body", f"must be 1 to {MAX_BATCH_COMMANDS:,} commands"))
    return [_item(one) for one in written]


def _lines(body: bytes) -> Sequence[bytes]:
    return [line for line in body.split(b"\n") if line.strip()]


def _item(written: object) -> Item:
    try:
        return json_object(written) if isinstance(written, bytes) else object_of(written)
    except ProblemError as error:
        return error


def item_type(item: JsonObject) -> CommandType:
    """What an item asks for. Raises `ProblemError`."""
    text = item.text(TYPE)
    for type_ in ORDER_BODIES:
        if text == type_.value:
            return type_
    known = ", ".join(ORDER_BODIES)
    raise ProblemError(invalid_field(TYPE, f"must be one of {known}"))


def item_draft(
    item: JsonObject, number: int, batch_key: str | None, request_id: str
) -> CommandDraft:
    """The draft of an item; without a key of its own, the batch's covers it.

    Raises `ProblemError`.
    """
    own_key = item.optional_text(OWN_KEY)
    body = item.without(_OF_ITEMS)
    order = order_draft(item_type(item), body)
    if own_key is not None:
        return command_draft(order, body, own_key, request_id)
    return command_draft(order, body, batch_key, request_id)._replace(item=number)
