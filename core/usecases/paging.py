"""Lists in pages: what every one of them does with its cursor and its limit."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from core.entities.cursor import read_cursor, write_cursor
from core.refusals import InvalidFieldError

Item = TypeVar("Item")
Place = TypeVar("Place")


def place_of(
    cursor: str | None, query: Sequence[str], parse: Callable[[Sequence[str]], Place], parts: int
) -> Place | None:
    """Where the page begins; None for the first one. Raises `InvalidFieldError`."""
    if cursor is None:
        return None
    try:
        return parse(read_cursor(query, cursor, parts))
    except (ValueError, OverflowError) as error:
        raise InvalidFieldError("cursor", str(error)) from None


def page_of(
    found: Sequence[Item],
    limit: int,
    query: Sequence[str],
    place: Callable[[Item], Sequence[str]],
) -> tuple[Sequence[Item], str | None]:
    """At most `limit` of the items, and the cursor of the next page, if there is one.

    One more than `limit` was asked for: that it was found tells that there is a next page.
    """
    if len(found) <= limit:
        return found, None
    return found[:limit], write_cursor(query, place(found[limit - 1]))
