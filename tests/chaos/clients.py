"""Clients around whom the world falls apart: they ask, retry as the docs say, and read."""

import asyncio
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from random import Random  # noqa: TID251 (seeded: the same orders can be had again)
from typing import Any, Final

import aiohttp

from tests.chaos.answers import answered, minor_units, unanswered
from tests.chaos.history import Attempt, Call, History, Look, Outcome, Read, Surprise
from tests.chaos.orders import Orders, users
from tests.eventually import eventually

CLIENTS: Final = 12
BATCH_CLIENTS: Final = 1
BATCH: Final = 100
"""More than the transactions from which on a page is written by COPY."""
PATIENCE_SECONDS: Final = 10.0
HASTE_SECONDS: Final = 0.03
"""How long an impatient client waits, about as long as an answer takes: so it often misses it."""
RETRY_SECONDS: Final = 0.2
BATCH_PAUSE_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.05
"""At most, between two commands."""
FINISH_SECONDS: Final = 120.0
_CUT_OFF: Final = (aiohttp.ClientError, TimeoutError)


@dataclass
class Clients:
    """The load: all clients at work while the context lasts, and what they were told."""

    url: str
    seed: int
    partition_count: int
    history: History = field(default_factory=History)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> "Clients":
        everybody = users(self.partition_count)
        for number in range(CLIENTS + BATCH_CLIENTS):
            orders = Orders(everybody, Random(f"{self.seed} {number}"))
            client = _Client(f"c{number}", self.url, orders, self.history, self._stop)
            work = client.run() if number < CLIENTS else client.run_batches()
            self._tasks.append(asyncio.create_task(work))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self) -> None:
        """Let each client have its last command accepted; raises what a client could not bear."""
        self._stop.set()
        async with asyncio.timeout(FINISH_SECONDS):
            await asyncio.gather(*self._tasks)

    async def more(self, calls: int) -> None:
        """Return once so many more are accepted."""
        wanted = self.history.count(Outcome.OK) + calls
        await eventually(lambda: self.history.count(Outcome.OK) >= wanted, FINISH_SECONDS)


@dataclass
class _Client:
    name: str
    url: str
    orders: Orders
    history: History
    stop: asyncio.Event
    numbers: "count[int]" = field(default_factory=count)

    async def run(self) -> None:
        """One command after another, reading now and then."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(self.url, timeout=timeout) as session:
            while not self.stop.is_set():
                call = self._new_call()
                await self._settle(session, call)
                self.orders.remember(call)
                await self._look_back(session, call)
                await asyncio.sleep(self.orders.chance.uniform(0, PAUSE_SECONDS))

    async def run_batches(self) -> None:
        """One batch after another, each for one user."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(self.url, timeout=timeout) as session:
            while not self.stop.is_set():
                user_id = self.orders.chance.choice(self.orders.users)
                waiting = [self._new_deposit(user_id) for _ in range(BATCH)]
                while waiting:
                    await self._send_batch(session, waiting)
                    waiting = [call for call in waiting if call.outcome is not Outcome.OK]
                    await asyncio.sleep(BATCH_PAUSE_SECONDS)

    def _new_call(self) -> Call:
        is_keyed = self.orders.chance.random() < 0.8
        return self._kept(Call("", self.orders.draw(), "" if is_keyed else None))

    def _new_deposit(self, user_id: str) -> Call:
        return self._kept(Call("", self.orders.deposit(user_id), ""))

    def _kept(self, call: Call) -> Call:
        """The call under its name, in the history before anything is sent."""
        call.reference = f"{self.name}-{next(self.numbers)}"
        call.key = None if call.key is None else f"key-{call.reference}"
        self.history.calls.append(call)
        return call

    async def _settle(self, session: aiohttp.ClientSession, call: Call) -> None:
        """Send it, with a key again and again until it is known what became of it."""
        while True:
            attempt = await self._attempt(session, call)
            if attempt is None or call.key is None or attempt.outcome is Outcome.OK:
                return
            if attempt.outcome is Outcome.FAIL and attempt.status == HTTPStatus.NOT_FOUND:
                return
            await asyncio.sleep(self.orders.chance.uniform(0, 2 * RETRY_SECONDS))

    async def _attempt(self, session: aiohttp.ClientSession, call: Call) -> Attempt | None:
        path, body = self.orders.request(call)
        headers = {} if call.key is None else {"Idempotency-Key": call.key}
        if self.orders.chance.random() < 0.3:
            headers["Prefer"] = "wait=5"
        impatient = self.orders.chance.random() < 0.03
        timeout = aiohttp.ClientTimeout(total=HASTE_SECONDS if impatient else PATIENCE_SECONDS)
        invoked_at = time.monotonic()
        try:
            async with session.post(path, json=body, headers=headers, timeout=timeout) as answer:
                told = await answer.json(content_type=None)
                replayed = "Idempotency-Replayed" in answer.headers
        except _CUT_OFF:
            attempt = unanswered(invoked_at, time.monotonic())
            call.attempts.append(attempt)
            return attempt
        return self._told(call, invoked_at, answer.status, told, replayed=replayed)

    async def _send_batch(self, session: aiohttp.ClientSession, calls: list[Call]) -> None:
        items = [
            {
                "type": call.order.type,
                "idempotency_key": call.key,
                **self.orders.request(call).body,
            }
            for call in calls
        ]
        invoked_at = time.monotonic()
        try:
            async with session.post("/batch", json=items) as answer:
                told = await answer.json(content_type=None)
        except _CUT_OFF:
            for call in calls:
                call.attempts.append(unanswered(invoked_at, time.monotonic()))
            return
        if "results" not in told:
            self.history.surprises.append(Surprise("a batch", answer.status, f"{told}"))
            return
        for call, one in zip(calls, told["results"], strict=True):
            replayed = one.get("idempotency_replayed", False)
            self._told(call, invoked_at, one["http_status"], one["body"], replayed=replayed)

    def _told(
        self, call: Call, invoked_at: float, status: int, body: dict[str, Any], *, replayed: bool
    ) -> Attempt | None:
        attempt = answered(invoked_at, time.monotonic(), status, body, replayed=replayed)
        if attempt is None:
            self.history.surprises.append(Surprise(f"{call.order}", status, f"{body}"))
        else:
            call.attempts.append(attempt)
        return attempt

    async def _look_back(self, session: aiohttp.ClientSession, call: Call) -> None:
        """Now and then, read what the command changed, or what became of it."""
        if not call.attempts or call.attempts[-1].outcome is not Outcome.OK:
            return
        drawn = self.orders.chance.random()
        position = call.attempts[-1].position
        try:
            if drawn < 0.3:
                await self._read(session, call.order.user_id, position)
            elif drawn < 0.5:
                await self._read(session, call.order.receiver or call.order.user_id, None)
            elif drawn < 0.6:
                await self._look(session, call)
        except _CUT_OFF:
            return

    async def _read(
        self, session: aiohttp.ClientSession, user_id: str, position: str | None
    ) -> None:
        invoked_at = time.monotonic()
        asked = {} if position is None else {"position": position}
        async with session.get(f"/balance/{user_id}", params=asked) as answer:
            told = await answer.json(content_type=None)
        figures = _figures(answer.status, told)
        if figures is None:
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                what = f"the balance of {user_id}"
                self.history.surprises.append(Surprise(what, answer.status, f"{told}"))
            return
        now = time.monotonic()
        self.history.reads.append(Read(user_id, position, invoked_at, now, *figures))

    async def _look(self, session: aiohttp.ClientSession, call: Call) -> None:
        transaction_id = str(call.attempts[-1].transaction_id)
        invoked_at = time.monotonic()
        async with session.get(f"/transactions/{transaction_id}") as answer:
            told = await answer.json(content_type=None)
        state = told["status"] if answer.status == HTTPStatus.OK else None
        now = time.monotonic()
        look = Look(call.reference, transaction_id, invoked_at, now, answer.status, state)
        self.history.looks.append(look)


def _figures(status: int, told: dict[str, Any]) -> tuple[int, int, int] | None:
    """Sequence, balance and available; None where the answer has none."""
    if status == HTTPStatus.OK:
        return told["sequence"], minor_units(told["balance"]), minor_units(told["available"])
    if status == HTTPStatus.NOT_FOUND and told.get("code") == "account_not_found":
        return 0, 0, 0
    return None
