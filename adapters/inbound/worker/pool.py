"""The worker pool: one worker per assigned partition."""

import asyncio
from collections.abc import Mapping

import structlog

from adapters.inbound.worker.worker import Work, Worker

_log = structlog.get_logger(__name__)


class WorkerPool:
    """A `PartitionOwner`: starts and stops workers as its process is given partitions.

    Also a `Dependency` of its process, so that health reports tell of partitions that stand still.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._workers: dict[int, Worker] = {}

    @property
    def name(self) -> str:
        """Its name in health reports."""
        return "partitions"

    async def trouble(self) -> str | None:
        """None while every worker posts; otherwise what is the matter, partition by partition."""
        sentences = [
            f"partition {worker.partition} {state}: {reason}"
            for worker in self._workers.values()
            for state, reason in (
                ("is halted", worker.halted),
                ("is failing", worker.failing),
                ("cannot tell what it posted", worker.silenced),
            )
            if reason is not None
        ]
        return "; ".join(sentences) or None

    @property
    def workers(self) -> Mapping[int, Worker]:
        """The workers at work, by partition."""
        return self._workers

    async def assigned(self, partitions: frozenset[int]) -> None:
        """Start a worker for each of these partitions."""
        _log.info("partitions_assigned", partitions=sorted(partitions))
        for partition in sorted(partitions - self._workers.keys()):
            worker = Worker(partition, self._work)
            self._workers[partition] = worker
            worker.start()

    async def revoked(self, partitions: frozenset[int]) -> None:
        """Stop the workers of these partitions, each after the page in its hand."""
        stopping = [
            self._workers.pop(partition) for partition in sorted(partitions & self._workers.keys())
        ]
        if stopping:
            _log.info("partitions_revoked", partitions=[one.partition for one in stopping])
            await asyncio.gather(*(worker.stop() for worker in stopping))
