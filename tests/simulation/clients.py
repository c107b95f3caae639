"""Clients as they are: they give commands, retry what they may, and look at what became of it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from core.errors import LogUnavailableError
from core.refusals import Refusal
from core.usecases.drafts import CommandDraft, DepositDraft, OrderDraft, WithdrawalDraft
from tests.simulation.machine.faults import Fault
from tests.simulation.machine.loop import Process
from tests.simulation.machine.network import Machine
from tests.simulation.orders import Orders
from tests.simulation.parts import Api
from tests.simulation.promises.history import Attempt, History, Verdict

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 6.0
MAX_TRIES: Final = 40
_KEYED: Final = 0.7
_KEY_USED_AGAIN: Final = 0.15
_GIVEN_AGAIN: Final = 0.15
_WAITS: Final = 0.3
_PAUSES: Final = 0.4
LONGEST_PAUSE_SECONDS: Final = 0.6


class ApiHost(Protocol):
    """A machine on which an API process runs, or will run again."""

    process: Process
    api: Api


class Line:
    """The way to some API process, whichever; requests and answers can be lost on it."""

    def __init__(self, machine: Machine, hosts: Sequence[ApiHost]) -> None:
        self.machine = machine
        self._hosts = hosts

    async def ask(self, work: Callable[[Api], Coroutine[object, object, T]]) -> T:
        """The answer, or what the API raised, or `TimeoutError`."""
        machine = self.machine
        host = machine.chance.one_of(self._hosts)
        await machine.travel()
        if machine.weather.strikes(Fault.REQUEST_LOST):
            await asyncio.sleep(TIMEOUT_SECONDS)
            raise TimeoutError
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await machine.begin(host.process, lambda: work(host.api))
            if machine.weather.strikes(Fault.ANSWER_LOST):
                await asyncio.sleep(TIMEOUT_SECONDS)
        await machine.travel()
        return answer


@dataclass(slots=True)
class Client:
    """Gives so many commands, one after the other."""

    name: str
    line: Line
    history: History
    commands: int
    _requests: int = field(default=0, init=False)
    _used: list[tuple[OrderDraft, str]] = field(default_factory=list, init=False)

    async def run(self) -> None:
        """Give them all."""
        machine = self.line.machine
        orders = Orders(machine.chance, self.history)
        for number in range(self.commands):
            order, key = orders.new(), None
            if machine.chance.happens(_KEYED):
                key = f"{self.name}-key-{number}"
            if self._used and machine.chance.happens(_KEY_USED_AGAIN):
                order, key = self._used_again(order)
            elif key is not None:
                self._used.append((order, key))
            await self._give(order, key, f"{self.name}-intent-{number}")
            if machine.chance.happens(_PAUSES):
                await asyncio.sleep(machine.chance.between(0, LONGEST_PAUSE_SECONDS))

    def _used_again(self, order: OrderDraft) -> tuple[OrderDraft, str]:
        """A key that was another command's, for one of the same user."""
        earlier, key = self.line.machine.chance.one_of(self._used)
        if isinstance(order, DepositDraft) and isinstance(earlier, DepositDraft | WithdrawalDraft):
            order = order._replace(user_id=earlier.user_id)
        return order, key

    async def _give(self, order: OrderDraft, key: str | None, intent: str) -> None:
        """Try until it is known what became of it; without a key, no further than it is safe."""
        for _ in range(MAX_TRIES):
            verdict = await self._attempt(order, key, intent)
            if verdict is Verdict.ACCEPTED and self._gives_again(key):
                await self._attempt(order, key, intent)
            if verdict in {Verdict.ACCEPTED, Verdict.REFUSED}:
                return
            if verdict is Verdict.UNKNOWN and key is None:
                return
            await asyncio.sleep(self.line.machine.chance.between(0.05, 1.0))

    def _gives_again(self, key: str | None) -> bool:
        """Whether an accepted command is given once more, which changes nothing."""
        return key is not None and self.line.machine.chance.happens(_GIVEN_AGAIN)

    async def _attempt(self, order: OrderDraft, key: str | None, intent: str) -> Verdict:
        self._requests += 1
        draft = CommandDraft(
            order, intent, None, "anonymous", key, f"{self.name}-request-{self._requests}"
        )
        attempt = Attempt(draft)
        self.history.attempts.append(attempt)
        wait_seconds = 1.5 if self.line.machine.chance.happens(_WAITS) else 0.0
        try:
            attempt.accepted = await self.line.ask(lambda api: api.submit(draft, wait_seconds))
        except Refusal as refusal:
            attempt.refusal = refusal
            attempt.verdict = Verdict.REFUSED
        except LogUnavailableError as error:
            may_be = error.may_have_been_accepted
            attempt.verdict = Verdict.UNKNOWN if may_be else Verdict.FAILED
        except TimeoutError:
            attempt.verdict = Verdict.UNKNOWN
        else:
            attempt.verdict = Verdict.ACCEPTED
        self.line.machine.note(f"{draft.request_id} {intent} {attempt.verdict}")
        return attempt.verdict
