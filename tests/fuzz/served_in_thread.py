"""A server with a loop of its own, for clients that block."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.inbound.http.limits import HttpLimits
from tests.unit.http.world import Api, World, served


@contextmanager
def served_in_thread(
    world: World, prepare: Callable[[Api], Coroutine[Any, Any, None]]
) -> Iterator[str]:
    """The address of a server of this world, prepared, which runs in another thread."""
    with _loop_in_thread() as loop:
        # A stream of events would have no end.
        server = served(world, HttpLimits(stream_seconds=0))
        api = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        try:
            asyncio.run_coroutine_threadsafe(prepare(api), loop).result()
            yield api.server.url
        finally:
            leaving = server.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(leaving, loop).result()


@contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
