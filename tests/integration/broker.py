"""A Kafka that tests may harm."""

import os
import signal
from pathlib import Path

from infra.local.kafka import LocalKafka
from infra.local.process import Process


class Broker:
    """Started, killed, paused; its data and its address stay."""

    def __init__(self, folder: Path) -> None:
        self._kafka = LocalKafka(folder)

    @property
    def bootstrap_servers(self) -> str:
        return self._kafka.bootstrap_servers

    async def prepare(self) -> None:
        await self._kafka.prepare()

    async def start(self) -> None:
        await self._kafka.start()
        await self._kafka.ready()

    async def kill(self) -> None:
        """As `kill -9` and the loss of power do."""
        os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.ended()

    def pause(self) -> None:
        """It hangs: connections stay open, and nothing is answered."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)

    async def stop(self) -> None:
        await self._kafka.stop()

    @property
    def _process(self) -> Process:
        assert self._kafka.process is not None
        return self._kafka.process
