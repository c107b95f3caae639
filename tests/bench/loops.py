"""Clients of the API: some that wait for each answer, some that come when they come."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from itertools import count
from typing import Final, NamedTuple

from tests.bench.http_client import Connection, connections, deposit

WAIT_SECONDS: Final = 20
MAX_CONNECTIONS: Final = 512
"""Of the open loop: requests beyond so many at a time wait, and their wait counts."""


FLOOD_CONNECTIONS: Final = 1_000
GIVE_UP_SECONDS: Final = 2.0
"""Of a flood: a request that found no free connection for so long is not made any more."""


class Taken(NamedTuple):
    """One request: seconds on the monotonic clock, and what it was answered."""

    due: float
    answered: float
    status: int

    @property
    def milliseconds(self) -> float:
        """From when it was due to its answer."""
        return (self.answered - self.due) * 1_000


class Closed(NamedTuple):
    """What clients saw that ask again as soon as they are answered."""

    asked: Sequence[Taken]
    waited: Sequence[Taken]


async def closed_loop(url: str, users: int, clients: int, seconds: float) -> Closed:
    """All but one of the clients take their receipt; one waits for each of its postings."""
    requests = [deposit(url, f"user-{number}") for number in range(users)]
    patient = [deposit(url, f"user-{number}", wait_seconds=WAIT_SECONDS) for number in range(users)]
    async with connections(url, clients) as opened:
        end = time.monotonic() + seconds
        waiting, *others = [
            _ask_until(one, patient if index == 0 else requests, index * 7919, end)
            for index, one in enumerate(opened)
        ]
        waited, *asked = await asyncio.gather(waiting, *others)
    return Closed([one for taken in asked for one in taken], waited)


async def _ask_until(
    connection: Connection, requests: Sequence[bytes], start: int, end: float
) -> list[Taken]:
    taken: list[Taken] = []
    for number in count(start):
        begun = time.monotonic()
        if begun >= end:
            return taken
        answer = await connection.ask(requests[number % len(requests)])
        taken.append(Taken(begun, time.monotonic(), answer.status))
    raise AssertionError("count ended")


async def open_loop(url: str, users: int, per_second: float, seconds: float) -> list[Taken]:
    """Requests at even distances, each due at its time whether or not others are answered."""
    requests = [deposit(url, f"user-{number}") for number in range(users)]
    numbers = iter(range(int(per_second * seconds)))
    clients = min(MAX_CONNECTIONS, max(8, int(per_second / 4)))
    async with connections(url, clients) as opened:
        begun = time.monotonic()

        async def take_turns(connection: Connection) -> list[Taken]:
            taken: list[Taken] = []
            for number in numbers:
                due = begun + number / per_second
                await asyncio.sleep(max(due - time.monotonic(), 0))
                answer = await connection.ask(requests[number % len(requests)])
                taken.append(Taken(due, time.monotonic(), answer.status))
            return taken

        taken = await asyncio.gather(*(take_turns(one) for one in opened))
    return [one for some in taken for one in some]


async def flood(url: str, users: int, per_second: float, seconds: float) -> list[Taken]:
    """Requests as in the open loop, but more than can be answered, from clients that do not wait
    for ever. Those that were answered while it lasted.
    """
    requests = [deposit(url, f"user-{number}") for number in range(users)]
    async with connections(url, FLOOD_CONNECTIONS) as opened:
        begun = time.monotonic()
        end = begun + seconds
        numbers = iter(range(int(per_second * seconds)))

        async def take_turns(connection: Connection) -> list[Taken]:
            taken: list[Taken] = []
            for number in numbers:
                due = begun + number / per_second
                if time.monotonic() > due + GIVE_UP_SECONDS:
                    continue
                await asyncio.sleep(max(due - time.monotonic(), 0))
                answer = await connection.ask(requests[number % len(requests)])
                taken.append(Taken(due, time.monotonic(), answer.status))
            return taken

        taken = await asyncio.gather(*(take_turns(one) for one in opened))
    return [one for some in taken for one in some if one.answered <= end]


def accepted(taken: Sequence[Taken]) -> int:
    """How many of them are in the log."""
    good = (HTTPStatus.ACCEPTED, HTTPStatus.CREATED)
    return sum(1 for one in taken if one.status in good)
