"""Bodies of commands, read all the way to the record that lies in the log."""

from typing import Final

from adapters.inbound.http.batch_body import Item, item_draft, items_of
from adapters.inbound.http.json_body import json_object
from adapters.inbound.http.order_bodies import ORDER_BODIES, command_draft, order_draft
from adapters.inbound.http.problems import ProblemError
from adapters.records import decode, encode
from core.refusals import Refusal
from core.usecases.drafts import CommandDraft
from tests.builders import unkeyed_id
from tests.fuzz.decoders.checking import NEW_COMMAND

TYPES: Final = (*ORDER_BODIES,)
"""A body's first byte says which of these it is of."""
_REQUEST_ID: Final = "request-1"
_NAMED: Final = {
    "hold_id": str(unkeyed_id("alice")),
    "transaction_id": str(unkeyed_id("alice")),
    "user_id": "alice",
}


def read_body(data: bytes) -> None:
    """A body is refused, or is a command that the log gives back as it was."""
    if not data:
        return
    type_ = TYPES[data[0] % len(TYPES)]
    named_by = ORDER_BODIES[type_].named_by
    try:
        body = json_object(data[1:])
        order = order_draft(type_, body, None if named_by is None else _NAMED[named_by])
        _accept(command_draft(order, body, None, _REQUEST_ID))
    except (ProblemError, Refusal):
        return


def read_batch(data: bytes) -> None:
    """The same of a batch's items, each for itself; the first byte says how they are written."""
    try:
        items = items_of(data[1:], are_lines=data[:1] == b"\n")
    except ProblemError:
        return
    for number, item in enumerate(items):
        _accept_item(item, number)


def _accept_item(item: Item, number: int) -> None:
    if isinstance(item, ProblemError):
        return
    try:
        _accept(item_draft(item, number, "batch", _REQUEST_ID))
    except (ProblemError, Refusal):
        return


def _accept(draft: CommandDraft) -> None:
    command = NEW_COMMAND(draft)
    record = encode(command)
    assert decode(record.value, record.headers) == command
