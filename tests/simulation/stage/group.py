"""A consumer group as its members live it: told late, told nothing, or told while they slept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from core.ports.command_feed import PartitionOwner
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine

SESSION_SECONDS: Final = 4.0
"""How long a member may be silent before the others get its partitions."""
REBALANCE_SECONDS: Final = 8.0
"""How long a rebalance waits for a member's work in hand."""
HEARTBEAT_SECONDS: Final = 1.0
STALE_SECONDS: Final = 10.0
NOTICE_SECONDS: Final = 3.0
"""How long a member that was dropped takes to notice it, once it is awake."""


class Member:
    """One process's side of the group."""

    def __init__(self, machine: Machine, group: "Group", owner: PartitionOwner) -> None:
        self.machine = machine
        self.process = machine.running()
        self.heard_at = machine.loop.time()
        self.held: frozenset[int] = frozenset()
        self.failed_for: set[int] = set()
        self._group = group
        self._owner = owner
        self._calls = asyncio.Lock()

    @asynccontextmanager
    async def lasting(self) -> AsyncIterator[None]:
        """Be a member while the context lasts, and give everything up at its end."""
        beating = asyncio.create_task(self._beat(), name="membership")
        try:
            yield
        finally:
            beating.cancel()
            await self.give_up()
            self._group.leave(self)

    async def _beat(self) -> None:
        while True:
            if self not in self._group.members:
                await self.give_up()
                self._group.join(self)
            self.heard_at = self.machine.loop.time()
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self not in self._group.members:
                await asyncio.sleep(self.machine.chance.between(0, NOTICE_SECONDS))

    async def give_up(self) -> None:
        """Revoke whatever this process has."""
        async with self._calls:
            held, self.held = self.held, frozenset()
            await self._owner.revoked(held)

    async def take(self, partitions: frozenset[int]) -> None:
        """Own these from now on; the listener that says so may fail, and is called again."""
        async with self._calls:
            self.failed_for.clear()
            if self.machine.weather.strikes(Fault.LISTENER_FAILED):
                self.failed_for |= partitions
                await asyncio.sleep(HEARTBEAT_SECONDS)
            self.held |= partitions
            await self._owner.assigned(partitions)


class Group:
    """The coordinator: shares all partitions out anew whenever its members change."""

    def __init__(self, machine: Machine, partition_count: int) -> None:
        self.members: list[Member] = []
        self._machine = machine
        self._partitions = range(partition_count)
        self._changed = asyncio.Event()

    def join(self, member: Member) -> None:
        """Count the member in from the next rebalance on."""
        self.members.append(member)
        self._changed.set()

    def leave(self, member: Member) -> None:
        """Share its partitions out."""
        if member in self.members:
            self.members.remove(member)
            self._changed.set()

    async def run(self) -> None:
        """Rebalance whenever there is a reason, and sometimes without one."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._changed.wait()
            self._drop_silent()
            if self._changed.is_set() or self._machine.weather.strikes(Fault.REBALANCE):
                self._changed.clear()
                await self._rebalance()

    def _drop_silent(self) -> None:
        now = self._machine.loop.time()
        for member in list(self.members):
            if now - member.heard_at > SESSION_SECONDS:
                self._machine.note(f"{member.process} is silent")
                self.leave(member)

    async def _rebalance(self) -> None:
        for member in list(self.members):
            # Dropped without a word, it goes on until it notices by itself.
            if self._machine.weather.strikes(Fault.STALE_ASSIGNMENT):
                self.leave(member)
        revoking = {self._machine.begin(one.process, one.give_up): one for one in self.members}
        if revoking:
            _, late = await asyncio.wait(revoking, timeout=REBALANCE_SECONDS)
            for answer, member in revoking.items():
                if answer in late:
                    self.leave(member)
        members = self._machine.chance.shuffled(self.members)
        for index, member in enumerate(members):
            share = frozenset(self._partitions[index :: len(members)])
            self._machine.note(f"{member.process} is given {sorted(share)}")
            self._machine.begin(member.process, partial(member.take, share))
