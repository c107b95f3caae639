"""What every long-running process does: settings, logs, an event loop, and a clean end."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from typing import TypeVar

import structlog
import uvloop
from bootstrap import Container, make_container

from core.errors import CounterfoilError
from entrypoints import logging
from entrypoints.settings import Settings, SettingsError, load

T = TypeVar("T")
Running = Callable[[Container], AbstractAsyncContextManager[None]]

_log = structlog.get_logger(__name__)


class CannotStartError(Exception):
    """The process cannot do its work; the message is a sentence for its operator."""


def configured() -> tuple[Settings, Container]:
    """Settings from the environment, logging as they say, and a container of their adapters.

    Raises `CannotStartError`.
    """
    try:
        settings = load()
    except SettingsError as error:
        raise CannotStartError(str(error)) from None
    logging.configure(settings.log_format, settings.log_level)
    return settings, make_container(settings.model_dump())


def run(name: str, running: Running, container: Container) -> None:
    """Run until SIGTERM or SIGINT, then stop in order. Raises `CannotStartError`."""
    try:
        uvloop.run(_until_signal(name, running, container))
    except (CounterfoilError, OSError) as error:
        raise CannotStartError(str(error)) from error


async def _until_signal(name: str, running: Running, container: Container) -> None:
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(_serve(name, running(container), stop, started))

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
    stop: asyncio.Event,
    started: asyncio.Event,
) -> None:
    async with running:
        started.set()
        _log.info("started", process=name)
        await stop.wait()
        _log.info("stopping", process=name)


def run_once(work: Coroutine[object, object, T]) -> T:
    """The result of `work`. Raises `CannotStartError`."""
    try:
        return asyncio.run(work)
    except (CounterfoilError, OSError) as error:
        raise CannotStartError(str(error)) from error
