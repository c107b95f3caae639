"""A member of a group in a process of its own, that can be paused.

python paused_member.py BOOTSTRAP TOPIC GROUP
"""

import asyncio
import sys

from adapters.outbound.kafka.command_feed import KafkaCommandFeed
from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.membership import GroupSettings


class Printer:
    """Prints the number of partitions that it owns whenever that changes."""

    def __init__(self) -> None:
        self._owned: frozenset[int] = frozenset()

    async def assigned(self, partitions: frozenset[int]) -> None:
        self._owned |= partitions
        self._print()

    async def revoked(self, partitions: frozenset[int]) -> None:
        self._owned -= partitions
        self._print()

    def _print(self) -> None:
        sys.stdout.write(f"{len(self._owned)}\n")
        sys.stdout.flush()


async def _main(bootstrap_servers: str, topic: str, group_id: str) -> None:
    settings = GroupSettings(topic, group_id, session_timeout_seconds=6, heartbeat_seconds=2)
    async with (
        KafkaCommandFeed(KafkaConnection(bootstrap_servers), settings) as feed,
        feed.membership(Printer()),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
