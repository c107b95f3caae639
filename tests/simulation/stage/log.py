"""The command log: what a broker keeps, and the API's way to it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.log import MemoryLog
from adapters.records import EncodedRecord, encode
from core.entities.command import Command
from core.entities.position import Position
from core.entities.shard import partition_of
from core.entities.transaction_id import shard_of_id
from core.errors import LogUnavailableError
from core.ports.command_log import Appended, LogOffsets
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine

ANSWER_SECONDS: Final = 1.8
LATE_SECONDS: Final = 5.0
_STEP_BACK_SECONDS: Final = 3.0


class Broker:
    """Keeps the records, and stamps each with its own time, in milliseconds."""

    def __init__(self, machine: Machine, partition_count: int) -> None:
        self.machine = machine
        self.log = MemoryLog(partition_count)
        self.broken: list[Position] = []
        self._late_by = timedelta(0)

    def now(self) -> datetime:
        """The broker's time, which may step back."""
        if self.machine.weather.strikes(Fault.LOG_CLOCK_BACK):
            self._late_by = timedelta(seconds=self.machine.chance.between(0, _STEP_BACK_SECONDS))
        now = self.machine.now() - self._late_by
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def write(self, partition: int, record: EncodedRecord) -> Appended:
        """Write the record, once or twice, and perhaps something broken after it."""
        times = 2 if self.machine.weather.strikes(Fault.APPEND_DOUBLED) else 1
        appended = [self._write(partition, record) for _ in range(times)]
        if self.machine.weather.strikes(Fault.BROKEN_RECORD):
            position = self.log.append(partition, b"key", b"\xff", (), self.now())
            self.broken.append(position)
            self.machine.note(f"broken record at {position}")
        # A sender that tried twice hears of either.
        return self.machine.chance.one_of(appended)

    def _write(self, partition: int, record: EncodedRecord) -> Appended:
        at = self.now()
        position = self.log.append(partition, record.key, record.value, record.headers, at)
        self.machine.note(f"record {position} {record.headers[0][1].decode()}")
        return Appended(position, at)


class SimulatedCommandLog:
    """A `CommandLog`: one record on the way to each partition, the others wait for it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.machine = broker.machine
        self._locks = [asyncio.Lock() for _ in range(broker.log.partition_count)]

    async def append(self, command: Command) -> Appended:
        """Write the command to the partition of its user's shard."""
        partition_count = self.broker.log.partition_count
        partition = partition_of(shard_of_id(command.transaction_id), partition_count)
        async with self._locks[partition]:
            return await self.send(partition, encode(command))

    async def send(self, partition: int, record: EncodedRecord) -> Appended:
        """Write one record, and wait for the confirmation."""
        machine, strikes = self.machine, self.machine.weather.strikes
        if strikes(Fault.APPEND_REFUSED):
            await machine.travel()
            raise LogUnavailableError("refused", may_have_been_accepted=False)
        if strikes(Fault.APPEND_LOST):
            raise await self._unanswered()
        if strikes(Fault.APPEND_LATE):
            late_seconds = machine.chance.between(ANSWER_SECONDS, LATE_SECONDS)
            machine.later(late_seconds, lambda: self.broker.write(partition, record))
            raise await self._unanswered()
        answer: asyncio.Future[Appended] = machine.loop.create_future()

        def write() -> None:
            appended = self.broker.write(partition, record)
            if not answer.done():
                answer.set_result(appended)

        machine.later(machine.way_seconds(), write)
        appended = await answer
        if strikes(Fault.APPEND_UNCONFIRMED):
            raise await self._unanswered()
        await machine.travel()
        return appended

    async def _unanswered(self) -> LogUnavailableError:
        await asyncio.sleep(ANSWER_SECONDS)
        return self.unconfirmed()

    def unconfirmed(self) -> LogUnavailableError:
        """What a sender is told who got no answer."""
        return LogUnavailableError("no answer in time", may_have_been_accepted=True)

    async def append_all(
        self, commands: Sequence[Command]
    ) -> Sequence[Appended | LogUnavailableError]:
        """Write each of them, in their order."""
        return [await self._appended_or_why(one) for one in commands]

    async def _appended_or_why(self, command: Command) -> Appended | LogUnavailableError:
        try:
            return await self.append(command)
        except LogUnavailableError as error:
            return error

    async def end(self, partition: int) -> int:
        """The offset after the partition's last record."""
        await self.machine.travel()
        if self.machine.weather.strikes(Fault.LOG_AWAY):
            raise LogUnavailableError("no answer in time", may_have_been_accepted=False)
        end_offset = self.broker.log.extent(partition).end_offset
        await self.machine.travel()
        return end_offset

    async def offsets_after(self, time: datetime) -> LogOffsets:
        """Where later records begin."""
        await self.machine.travel()
        return await MemoryCommandLog(self.broker.log, self.machine).offsets_after(time)
