"""Opening and closing clients of Kafka, whether or not Kafka is there."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

import structlog

from adapters.outbound.kafka.errors import FOREIGN

LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)

_closing: Final[set[asyncio.Task[None]]] = set()


async def opened(
    opening: Coroutine[object, object, None], close: Callable[[], Coroutine[object, object, None]]
) -> None:
    """Wait until a client is open; if it is not to be, or whoever waits is cancelled, close it.

    The opening itself is never cancelled: aiokafka would forget a connection that it had just made.
    Its own deadlines end it.
    """
    task = asyncio.create_task(opening)
    try:
        await asyncio.shield(task)
    except BaseException:
        close_in_background(_closed_after(task, close))
        raise


async def _closed_after(
    opening: "asyncio.Task[None]", close: Callable[[], Coroutine[object, object, None]]
) -> None:
    await asyncio.wait({opening})
    if not opening.cancelled() and (error := opening.exception()) is not None:
        LOG.debug("kafka.client_not_opened", error=repr(error))
    await close()


async def close_within(closing: Coroutine[object, object, None], seconds: float) -> None:
    """Wait for a client to close, but no longer than `seconds`; never raises.

    What takes longer goes on by itself: aiokafka's own deadlines end it, and cancelling it in the
    middle would leave its tasks behind.
    """
    task = close_in_background(closing)
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        LOG.warning("kafka.client_closes_slowly", seconds=seconds)


def close_in_background(closing: Coroutine[object, object, None]) -> asyncio.Task[None]:
    """Start to close a client that nobody waits for."""
    task = asyncio.create_task(_quietly(closing))
    _closing.add(task)
    task.add_done_callback(_closing.discard)
    return task


async def _quietly(closing: Coroutine[object, object, None]) -> None:
    try:
        await closing
    except FOREIGN as error:
        LOG.debug("kafka.client_closed_badly", error=repr(error))
