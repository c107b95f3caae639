"""Whoever is told by webhooks: endpoints of others, and the way to them."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from core.entities.webhooks.delivery import Attempt
from core.ports.webhooks.sender import Call
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.network import Machine

CALL_SECONDS: Final = 1.0
"""How long a call may take."""
_LONGEST_OUTAGE_SECONDS: Final = 4.0
_LOOK_SECONDS: Final = 1.0
_TAKEN: Final = 204
_FAILED: Final = 500


@dataclass(slots=True)
class Receiver:
    """What stands at a URL. One that is not steady fails, hangs and is down now and then."""

    machine: Machine
    url: str
    is_steady: bool
    is_down: bool = field(default=False, init=False)
    taken: list[Call] = field(default_factory=list, init=False)

    async def trouble(self) -> None:
        """Second by second, whether it is down for a while."""
        while not self.is_steady:
            await asyncio.sleep(_LOOK_SECONDS)
            if self.machine.weather.strikes(Fault.ENDPOINT_DOWN):
                self.is_down = True
                await asyncio.sleep(self.machine.chance.between(0, _LONGEST_OUTAGE_SECONDS))
                self.is_down = False

    def answer(self, call: Call) -> int | None:
        """The status of its answer; None if there is none, whether the call was taken or not."""
        strikes = self.machine.weather.strikes
        if not self.is_steady:
            if self.is_down or strikes(Fault.ENDPOINT_HANGS):
                return None
            if strikes(Fault.ENDPOINT_FAILS):
                return _FAILED
        self.taken.append(call)
        if not self.is_steady and strikes(Fault.ENDPOINT_UNCONFIRMED):
            return None
        return _TAKEN


class SimulatedSender:
    """A `WebhookSender`. What it has sent arrives, whatever becomes of its process."""

    def __init__(self, machine: Machine, receivers: list[Receiver]) -> None:
        self.machine = machine
        self._receivers = receivers

    async def send(self, call: Call) -> Attempt:
        """How it went, within `CALL_SECONDS`."""
        machine, begun_at = self.machine, self.machine.loop.time()
        answer: asyncio.Future[int] = machine.loop.create_future()
        machine.later(machine.way_seconds(), lambda: self._arrived(call, answer))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                status = await answer
        except TimeoutError:
            return self.unanswered(call)
        return Attempt(call.at, machine.loop.time() - begun_at, status, None)

    def unanswered(self, call: Call) -> Attempt:
        """What a call comes to that got no answer in time."""
        return Attempt(call.at, CALL_SECONDS, None, "no answer in time")

    def _arrived(self, call: Call, answer: "asyncio.Future[int]") -> None:
        status = next(one for one in self._receivers if one.url == call.url).answer(call)
        self.machine.note(f"{call.url} is told of {call.message_id}: {status}")
        if status is not None:
            self.machine.later(self.machine.way_seconds(), lambda: _settle(answer, status))


def _settle(answer: "asyncio.Future[int]", status: int) -> None:
    if not answer.done():
        answer.set_result(status)
