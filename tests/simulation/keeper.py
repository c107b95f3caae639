"""Whoever keeps backups of the books, and has to put one back now and then."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.simulation.hosts import Host, ProcessorHost
from tests.simulation.machine.chance import Chance
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine
from tests.simulation.stage.backup import Backup
from tests.simulation.stage.database import Database

_TIMES: Final = (0, 0, 0, 0, 0, 1, 1, 2)
"""How often books are put back in a world."""
_LONGEST_SECONDS: Final = 4.0
"""Until the next backup is made, and until it is put back."""
_AWAY_SECONDS: Final = (1.0, 3.0)
"""How long that takes: longer than anything that was told is on its way."""
_KILLED: Final = 0.2
_APART: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Keeper:
    """Has dice of its own: what comes of a seed in whose world nothing is put back is what came of
    it before there were backups.

    While the books are put back nobody can read or write them. Each process goes on or is killed. A
    processor that is paused is killed: awake again, it would tell what the books have forgotten.
    """

    machine: Machine
    database: Database
    hosts: Sequence[Host]
    processors: Sequence[ProcessorHost]
    chance: Chance

    async def run(self) -> None:
        """Put the books back as often as this world has it, each time to a random moment."""
        for _ in range(self.chance.one_of(_TIMES)):
            await asyncio.sleep(self.chance.between(0, _LONGEST_SECONDS))
            backup = self.database.backup()
            self.machine.note(f"a backup up to page {backup.last_page_number}")
            await asyncio.sleep(self.chance.between(0, _LONGEST_SECONDS))
            await self._put_back(backup)

    async def _put_back(self, backup: Backup) -> None:
        self.machine.weather.counts[Fault.PUT_BACK] += 1
        self.machine.note("the books are shut down")
        self.database.shut_down()
        for one in self.processors:
            one.is_untroubled = True
        await asyncio.gather(
            self._away(backup),
            *(one.crash() for one in self.hosts if self.chance.happens(_KILLED)),
            *(one.crash() for one in self.processors if self._is_killed(one)),
        )
        for one in self.processors:
            one.is_untroubled = False

    def _is_killed(self, processor: ProcessorHost) -> bool:
        return self.chance.happens(_KILLED) or processor.process.is_frozen

    async def _away(self, backup: Backup) -> None:
        await asyncio.sleep(self.chance.between(*_AWAY_SECONDS))
        self.database.put_back(backup)
        self.machine.note(f"the books are back at page {backup.last_page_number}")


def dice_of(seed: int) -> Chance:
    """The dice of the keeper in a seed's world."""
    return Chance(_APART + seed)
