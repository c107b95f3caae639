"""Lists, a page at a time."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from adapters.inbound.cli.answers import JsonObject, objects_in
from adapters.inbound.cli.failures import NotUnderstoodError
from adapters.inbound.cli.service import Service

MAX_PAGE_LIMIT: Final = 1_000


async def pages(
    service: Service,
    where: str,
    query: Mapping[str, str | None],
    listed: str,
    limit: int | None,
) -> AsyncIterator[JsonObject]:
    """The answers that hold the first `limit` items of the list in the field `listed`; None: all.

    Raises what `Service.get` raises.
    """
    left, cursor = limit, None
    while left is None or left > 0:
        size = MAX_PAGE_LIMIT if left is None else min(left, MAX_PAGE_LIMIT)
        answer = await service.get(where, {**query, "limit": str(size), "cursor": cursor})
        items = objects_in(answer.body, listed)
        if items is None:
            raise NotUnderstoodError(f"The answer has no list of {listed}.")
        yield answer.body
        following = answer.body.get("next_cursor")
        if following is None:
            return
        if not isinstance(following, str) or following == cursor:
            raise NotUnderstoodError("The list's next_cursor leads nowhere.")
        cursor = following
        left = None if left is None else left - len(items)
