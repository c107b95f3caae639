"""A connection on which an API process writes to somebody outside, until it is cut."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from tests.simulation.machine.network import Machine

T = TypeVar("T")

MAX_UNTAKEN: Final = 4
"""As many as buffers between the two hold; then whoever writes has to wait."""
NOTICE_SECONDS: Final = 2.0
"""How long a writer takes at most to notice that the other side is gone."""


class Connection(Generic[T]):
    """What is written arrives in its order, each after a while."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._arrived: deque[T] = deque()
        self._on_their_way = 0
        self._last_at = 0.0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._is_cut = False
        self._is_over = False
        self._when_lost: Callable[[], None] | None = None

    def when_lost(self, call: Callable[[], None]) -> None:
        """Tell the writer's side by this call that the connection was cut."""
        self._when_lost = call

    async def write(self, one: T) -> None:
        """Send it, once there is room. Raises `ConnectionError` if the connection is cut."""
        while not self._is_cut and self._on_their_way + len(self._arrived) >= MAX_UNTAKEN:
            self._room.clear()
            await self._room.wait()
        if self._is_cut:
            raise ConnectionError
        self._on_their_way += 1
        now = self._machine.loop.time()
        # None overtakes the one before it.
        self._last_at = max(self._last_at, now + self._machine.way_seconds())
        self._machine.later(self._last_at - now, lambda: self._arrive(one))

    def _arrive(self, one: T) -> None:
        self._on_their_way -= 1
        if not self._is_cut:
            self._arrived.append(one)
            self._news.set()

    def end(self) -> None:
        """Nothing more is written."""
        self._is_over = True
        self._news.set()

    async def take(self, within_seconds: float) -> Sequence[T]:
        """What has arrived, at least one. Raises `ConnectionError` when nothing more comes, or
        nothing came for so long.
        """
        try:
            async with asyncio.timeout(within_seconds):
                while not self._arrived:
                    if self._is_over and not self._on_their_way:
                        raise ConnectionError
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise ConnectionError from error
        taken = tuple(self._arrived)
        self._arrived.clear()
        self._room.set()
        return taken

    def cut(self) -> None:
        """What has not been taken is lost; the writer notices after a while."""
        self._is_cut = True
        self._machine.later(self._machine.chance.between(0, NOTICE_SECONDS), self._noticed)

    def _noticed(self) -> None:
        self._room.set()
        if self._when_lost is not None:
            self._when_lost()
