"""What every long-running process does: settings, logs, an event loop, and a clean end."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final, TypeVar

import structlog
import uvloop

from bootstrap import Container, log_processors, make_container
from core.errors import CounterfoilError, UnavailableError
from entrypoints import logging
from entrypoints.settings import PREFIX, Settings, SettingsError, load

GARBAGE_THRESHOLDS: Final = (1_000_000, 20, 50)
"""See `gc.set_threshold`: more objects than the pages in hand are made of, all partitions together.
Below that, a backlog is looked through again and again: 0.1 s for 100,000 objects, 8 µs a record.
"""

T = TypeVar("T")
Running = Callable[[Container], AbstractAsyncContextManager[None]]

_log = structlog.get_logger(__name__)


class CannotStartError(Exception):
    """The process cannot do its work; the message is a sentence for its operator."""


def _nothing() -> None:
    """Nothing more to do at the start."""


def configured() -> tuple[Settings, Container]:
    """Settings from the environment, logging as they say, and a container of their adapters.

    Raises `CannotStartError`.
    """
    try:
        settings = load()
    except SettingsError as error:
        raise CannotStartError(str(error)) from None
    container = make_container(settings.model_dump())
    logging.configure(settings.log_format, settings.log_level, log_processors(container))
    if container.currencies().find(settings.default_currency) is None:
        raise CannotStartError(
            f"{PREFIX}DEFAULT_CURRENCY: {settings.default_currency} is no ISO 4217 currency "
            "with minor units"
        )
    return settings, container


def run(
    name: str, running: Running, container: Container, on_start: Callable[[], None] = _nothing
) -> None:
    """Run until SIGTERM or SIGINT, then stop in order. Raises `CannotStartError`."""
    _collect_garbage_seldom()
    try:
        uvloop.run(_until_signal(name, running(container), on_start))
    except (CounterfoilError, OSError) as error:
        raise CannotStartError(str(error)) from error


def _collect_garbage_seldom() -> None:
    """What was imported stays anyway, and pages of records are no cycles: looking for cycles at
    Python's own rate took a fifth of a page's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def _until_signal(
    name: str, running: AbstractAsyncContextManager[None], on_start: Callable[[], None]
) -> None:
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(_serve(name, running, on_start, stop, started))

    def on_signal() -> None:
        stop.set()
        if not started.is_set():
            serving.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    with suppress(asyncio.CancelledError):
        await serving
    _log.info("stopped", process=name)


async def _serve(
    name: str,
    running: AbstractAsyncContextManager[None],
    on_start: Callable[[], None],
    stop: asyncio.Event,
    started: asyncio.Event,
) -> None:
    async with running:
        started.set()
        on_start()
        _log.info("started", process=name)
        await stop.wait()
        _log.info("stopping", process=name)


def run_once(work: Coroutine[object, object, T]) -> T:
    """The result of `work`. Raises `CannotStartError`."""
    try:
        return asyncio.run(work)
    except UnavailableError as error:
        raise CannotStartError(f"{error.dependency} is away: {error}") from error
    except BrokenPipeError:
        # Whoever reads what is printed has seen enough (`| head`): typer ends quietly.
        raise
    except (CounterfoilError, OSError) as error:
        raise CannotStartError(str(error)) from error
