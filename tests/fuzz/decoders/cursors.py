"""Cursors of lists: made up, or forged by a client that knows how ours are made."""

import base64
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from adapters.inbound.http.app import ApiParts
from adapters.inbound.http.limits import HttpLimits
from core.entities.orders import CommandType
from core.entities.statement import StatementOrder
from core.refusals import InvalidFieldError
from core.usecases.list_transactions import TransactionsDraft
from core.usecases.statement_draft import StatementDraft
from tests.builders import deposit, hold
from tests.fuzz.decoders.texts import text_of
from tests.unit.http.world import World, parts_of
from tests.unit.replay import Replay

Result = TypeVar("Result")
List = Callable[[ApiParts, str | None], Coroutine[Any, Any, str | None]]
"""One page of a list: from its cursor to the next one's."""
_USER: Final = "alice"
_DIGEST_AND_SEPARATOR_BYTES: Final = 17
_STATEMENT_DIGEST_BYTES: Final = 8


async def _accounts(parts: ApiParts, cursor: str | None) -> str | None:
    return (await parts.list_accounts(None, None, 1, cursor)).next_cursor


async def _holds(parts: ApiParts, cursor: str | None) -> str | None:
    return (await parts.list_holds(_USER, None, 1, cursor, None)).next_cursor


async def _oldest(parts: ApiParts, cursor: str | None) -> str | None:
    return (await parts.list_transactions(TransactionsDraft(limit=1, cursor=cursor))).next_cursor


async def _newest(parts: ApiParts, cursor: str | None) -> str | None:
    draft = TransactionsDraft(limit=1, cursor=cursor, order=StatementOrder.DESCENDING)
    return (await parts.list_transactions(draft)).next_cursor


async def _statement(parts: ApiParts, cursor: str | None) -> str | None:
    draft = StatementDraft(_USER, limit=1, cursor=cursor, type=CommandType.DEPOSIT)
    found = await parts.read_statement(draft)
    return None if found.next_cursor is None else str(found.next_cursor)


LISTS: Final[Sequence[List]] = (_accounts, _holds, _oldest, _newest, _statement)
"""A cursor's first byte says which of these it is for."""


class _Books(NamedTuple):
    """Two of everything, so that each list has a second page."""

    parts: ApiParts
    cursors: Sequence[str]
    """That of the second page of each list."""


@cache
def _books() -> _Books:
    world, replay = World(), Replay()
    replay.books = world.books
    replay.post(deposit(_USER), deposit(_USER), deposit("bob"), hold(_USER, 1), hold(_USER, 1))
    parts = parts_of(world, HttpLimits())
    return _Books(parts, [_result(one(parts, None)) or "" for one in LISTS])


def read_cursor(data: bytes) -> None:
    """A cursor is refused, or leads to a page: as it is, and with the digest of our own."""
    if not data:
        return
    parts, cursors = _books()
    number = data[0] % len(LISTS)
    forged = _forged(cursors[number], data[1:], is_packed=LISTS[number] is _statement)
    for cursor in (text_of(data[1:]), forged):
        try:
            _result(LISTS[number](parts, cursor))
        except InvalidFieldError:
            continue


def genuine() -> Sequence[bytes]:
    """The cursors of all lists, as they are given; what they say, as it is forged."""
    seeds: list[bytes] = []
    for number, cursor in enumerate(_books().cursors):
        seeds.append(bytes([number]) + cursor.encode())
        seeds.append(bytes([number]) + _said(cursor, is_packed=LISTS[number] is _statement))
    return seeds


def _said(cursor: str, *, is_packed: bool) -> bytes:
    plain = base64.urlsafe_b64decode(cursor + "===")
    return plain[:-_STATEMENT_DIGEST_BYTES] if is_packed else plain[_DIGEST_AND_SEPARATOR_BYTES:]


def _forged(cursor: str, said: bytes, *, is_packed: bool) -> str:
    plain = base64.urlsafe_b64decode(cursor + "===")
    if is_packed:
        forged = said + plain[-_STATEMENT_DIGEST_BYTES:]
    else:
        forged = plain[:_DIGEST_AND_SEPARATOR_BYTES] + said
    return base64.urlsafe_b64encode(forged).decode().rstrip("=")


def _result(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What comes of it, without an event loop: in memory nothing has to be waited for."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    coroutine.close()
    raise AssertionError("it waits for something")
