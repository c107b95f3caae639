"""The reading side of the command log, and the group that shares its partitions out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.outbound.memory.command_feed import MemoryCommandFeed
from core.entities.record import Record
from core.errors import LogUnavailableError
from core.ports.command_feed import LogExtent, PartitionOwner, RecordReader
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine
from tests.simulation.stage.group import Group, Member
from tests.simulation.stage.log import Broker


class SimulatedFeed:
    """A `CommandFeed` of one process."""

    member_class = Member

    def __init__(self, broker: Broker, group: Group) -> None:
        self.broker = broker
        self.machine = broker.machine
        self.member: Member | None = None
        self._group = group
        self._memory = MemoryCommandFeed(broker.log)

    @asynccontextmanager
    async def membership(self, owner: PartitionOwner) -> AsyncIterator[None]:
        """Be a member of the group while the context lasts."""
        self.member = self.member_class(self.machine, self._group, owner)
        async with self.member.lasting():
            yield

    @asynccontextmanager
    async def reader(
        self, partition: int, from_offset: int, topic_id: str
    ) -> AsyncIterator[RecordReader]:
        """Read `partition` from `from_offset` on."""
        await self.machine.travel()
        start = self.start_offset(partition, from_offset)
        async with self._memory.reader(partition, start, topic_id) as reader:
            yield RemoteRecordReader(self.machine, reader)

    def start_offset(self, _partition: int, from_offset: int) -> int:
        """Where reading begins: where the ledger says, wherever the group's own position is."""
        return from_offset

    async def extent(self, partition: int) -> LogExtent:
        """What the partition holds now."""
        await self._ask()
        return await self._memory.extent(partition)

    async def record_at(self, partition: int, offset: int) -> Record | None:
        """The record at `offset`, if the log has it."""
        await self._ask()
        return await self._memory.record_at(partition, offset)

    async def advise(self, partition: int, next_offset: int) -> None:
        """Nobody looks."""

    async def _ask(self) -> None:
        await self.machine.travel()
        _fail_if_away(self.machine)


class RemoteRecordReader:
    """A `RecordReader` that needs a while for each fetch."""

    def __init__(self, machine: Machine, reader: RecordReader) -> None:
        self._machine = machine
        self._reader = reader

    async def read(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        """The next records, at least one."""
        await self._machine.travel()
        _fail_if_away(self._machine)
        return await self._reader.read(max_records, max_bytes)


def _fail_if_away(machine: Machine) -> None:
    if machine.weather.strikes(Fault.LOG_AWAY):
        raise LogUnavailableError("no answer in time", may_have_been_accepted=False)
