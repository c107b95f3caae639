"""Names of others, looked up so that one whose servers do not answer holds up no other."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

_MAX_THREADS: Final = 1_000
"""As many as there can be endpoints: a lookup that hangs keeps its thread, whoever gave it up."""


class SystemNames(AbstractResolver):
    """Asks the system, in threads of its own.

    Those of the event loop are few, and what looks up Kafka and PostgreSQL shares them.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of the host. Raises `OSError`."""
        ask = partial(
            socket.getaddrinfo,
            host,
            port,
            family=family,
            type=socket.SOCK_STREAM,
            flags=socket.AI_ADDRCONFIG,
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=one_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for one_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Wait for nobody: a lookup that hangs would have its time."""
        self._threads.shutdown(wait=False, cancel_futures=True)
