"""Telling the owner of its partitions: in order, one call at a time."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import structlog

from core.ports.command_feed import PartitionOwner

LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class OwnerCalls:
    """Knows what the owner was given, and takes no longer than `drain_seconds` to take it back.

    A drain that takes longer goes on, and whatever is to be told next waits for it; the ledger's
    fence keeps the late work harmless.
    """

    def __init__(self, owner: PartitionOwner, drain_seconds: float) -> None:
        self._owner = owner
        self._drain_seconds = drain_seconds
        self._one_at_a_time = asyncio.Lock()
        self._calls: set[asyncio.Task[None]] = set()
        self.held: frozenset[int] = frozenset()

    async def assign(self, partitions: frozenset[int]) -> None:
        """These are the owner's from now on."""
        if partitions:
            self.held |= partitions
            self._call("assigned", self._owner.assigned(partitions))

    async def revoke_all(self) -> None:
        """Return when the owner has given up all that it was given, whoever asked it to, or has had
        its time.
        """
        revoked, self.held = self.held, frozenset()
        if revoked:
            self._call("revoked", self._owner.revoked(revoked))
        if not self._calls:
            return
        _, late = await asyncio.wait(set(self._calls), timeout=self._drain_seconds)
        if late:
            LOG.warning(
                "kafka.drain_is_late", partitions=sorted(revoked), seconds=self._drain_seconds
            )

    def _call(self, name: str, call: Awaitable[None]) -> None:
        task = asyncio.create_task(self._in_turn(name, call))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _in_turn(self, name: str, call: Awaitable[None]) -> None:
        async with self._one_at_a_time:
            try:
                await call
            except Exception:
                # The owner promised not to; aiokafka would swallow it without a trace.
                LOG.exception("kafka.partition_owner_raised", call=name)
