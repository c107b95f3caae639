"""An aiohttp application behind a TCP port."""

import asyncio
import errno
import os
from types import TracebackType
from typing import Final, Self

from aiohttp import http_parser, web

from adapters.inbound.http.connection import Admission, Connection
from adapters.inbound.http.limits import HttpLimits
from adapters.metrics.instruments import HttpMetrics

_BACKLOG: Final = 1_024
_REASONS: Final = {
    errno.EADDRINUSE: "the port is taken",
    errno.EACCES: "this user may not use that port",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


class CannotListenError(OSError):
    """The address cannot be had. The message is one sentence that names it and says why."""


class HttpServer:
    """Listens while its context lasts.

    Leaving stops accepting, closes idle connections, waits for the requests in hand, and cuts off
    those that are left; all within `limits.stop_seconds`.
    """

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        metrics: HttpMetrics,
        limits: HttpLimits,
    ) -> None:
        # aiohttp waits this long twice: before it cancels what is in hand, and after.
        self._runner = web.AppRunner(app, shutdown_timeout=limits.stop_seconds / 2)
        self._host = host
        self._asked_port = port
        self._admission = Admission(limits, metrics)
        self._listener: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on; the one that it was given while it does not listen."""
        if self._listener is None or not self._listener.sockets:
            return self._asked_port
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where it is reached."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen. Raises `CannotListenError`."""
        _require_c_parser()
        await self._runner.setup()
        try:
            await self._listen()
        except OSError as error:
            await self._runner.cleanup()
            reason = _REASONS.get(error.errno or 0) or _words(error)
            raise CannotListenError(f"Cannot listen on {self.url}: {reason}.") from error
        except BaseException:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, as the class promises."""
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner was not set up")
        self._listener = await loop.create_server(
            lambda: Connection(server, self._admission, loop),
            self._host,
            self._asked_port,
            backlog=_BACKLOG,
        )


def _words(error: OSError) -> str:
    return error.strerror or os.strerror(error.errno or 0)


def _require_c_parser() -> None:
    """The parser in Python is several times slower, and differs in what it refuses."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise RuntimeError("aiohttp runs without its C extensions; install it from a wheel")
