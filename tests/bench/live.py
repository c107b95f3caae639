"""The whole pipeline under live load: API, log, processor, books."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import psutil

from adapters.outbound.postgres.database import Connection
from adapters.outbound.system.clock import SystemClock
from bootstrap import measure_lag
from tests.bench.cpu import cpu_seconds, per_thousand
from tests.bench.figures import Flood, Loop, Offered, Percentiles
from tests.bench.loops import Taken, accepted, closed_loop, flood, open_loop
from tests.bench.positions import posted, until_posted
from tests.bench.scale import Scale
from tests.bench.workbench import Site

# A page carries the time at which its rows were sent to be stored; the commit is a part of a
# millisecond, or two, later. The log gives its times in whole milliseconds.
_POSTED: Final = """
SELECT count(*) AS pages, sum(transaction_count) AS transactions
FROM page WHERE written_at >= $1 AND written_at < $2
"""
_LATENCY: Final = """
SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
    ORDER BY extract(epoch FROM page.written_at - one.accepted_at)::float8 * 1000
) FROM ledger_transaction AS one JOIN page ON page.number = one.page_number
WHERE one.accepted_at >= $1 AND one.accepted_at < $2
"""


APPS: Final = ("api", "processor")
"""What is ours among the processes."""


@dataclass(frozen=True)
class Live:
    """API and processor on a site, ready, and a way to look at the books."""

    site: Site
    scale: Scale
    books: Connection
    pids: dict[str, int]

    async def closed(self) -> Loop:
        """As fast as so many clients can."""
        scale, url = self.scale, self.site.api_url
        await closed_loop(url, scale.accounts, scale.connections, scale.warm_up_seconds)
        already = await self._settled()
        before, begun_at, begun = cpu_seconds(self.pids), _now(), time.monotonic()
        taken = await closed_loop(url, scale.accounts, scale.connections, scale.loop_seconds)
        seconds, ended_at = time.monotonic() - begun, _now()
        count = accepted(taken.asked) + accepted(taken.waited)
        await until_posted(self.books, already + count)
        drained_seconds = time.monotonic() - begun - seconds
        cpu = per_thousand(before, cpu_seconds(self.pids), count)
        in_time = await self.books.fetchrow(_POSTED, begun_at, ended_at)
        assert in_time is not None
        return Loop(
            connections=scale.connections,
            seconds=seconds,
            accepted=count,
            accepted_per_second=count / seconds,
            posted_per_second=in_time["transactions"] / seconds,
            drained_seconds=drained_seconds,
            records_per_page=in_time["transactions"] / in_time["pages"],
            accept=_percentiles(taken.asked),
            accepted_to_posted=await self._latency(begun_at, ended_at),
            waited=_percentiles(taken.waited),
            cpu=cpu,
        )

    async def offered(self, per_second: float) -> Offered:
        """So many requests a second, whatever becomes of them."""
        already, begun_at, begun = await self._settled(), _now(), time.monotonic()
        taken = await open_loop(
            self.site.api_url, self.scale.accounts, per_second, self.scale.offered_seconds
        )
        seconds, ended_at = time.monotonic() - begun, _now()
        count = accepted(taken)
        await until_posted(self.books, already + count)
        return Offered(
            per_second=per_second,
            accepted_per_second=count / seconds,
            refused=len(taken) - count,
            accept=_percentiles(taken),
            accepted_to_posted=await self._latency(begun_at, ended_at),
        )

    async def flooded(self, share: float, loop: Loop) -> Flood:
        """So many times what the closed loop was answered."""
        scale, url = self.scale, self.site.api_url
        per_second = share * loop.accepted_per_second
        await self._settled()
        begun_at = _now()
        taken, (memory_bytes, ended_at) = await asyncio.gather(
            flood(url, scale.accounts, per_second, scale.flood_seconds), self._growth()
        )
        in_time = await self.books.fetchrow(_POSTED, begun_at, ended_at)
        assert in_time is not None
        count, seconds = accepted(taken), (ended_at - begun_at).total_seconds()
        return Flood(
            share=share,
            per_second=per_second,
            accepted_per_second=count / scale.flood_seconds,
            posted_per_second=(in_time["transactions"] or 0) / seconds,
            refused=len(taken) - count,
            given_up=int(per_second * scale.flood_seconds) - len(taken),
            memory_bytes=memory_bytes,
        )

    async def _growth(self) -> tuple[dict[str, int], datetime]:
        """What the processes grow by, once everybody is connected, until a flood ends; and when."""
        seconds = self.scale.flood_seconds
        await asyncio.sleep(seconds / 4)
        before = self._memory_bytes()
        await asyncio.sleep(seconds * 3 / 4)
        after = self._memory_bytes()
        return {name: after[name] - before[name] for name in before}, _now()

    def _memory_bytes(self) -> dict[str, int]:
        return {name: psutil.Process(self.pids[name]).memory_info().rss for name in APPS}

    async def all_posted(self) -> None:
        """Return once the books have all that the log has: what a flood left was not counted."""
        lags = await measure_lag(self.site.container)
        await until_posted(self.books, sum(one.end_offset for one in lags))

    async def _settled(self) -> int:
        """How many records are posted, when nothing is on its way."""
        await self.site.settle()
        return await posted(self.books)

    async def _latency(self, begun_at: datetime, ended_at: datetime) -> Percentiles:
        p50, p99 = await self.books.fetchval(_LATENCY, begun_at, ended_at)
        return Percentiles(p50=p50, p99=p99)


@asynccontextmanager
async def live(site: Site, scale: Scale) -> AsyncIterator[Live]:
    """Start both processes."""
    async with (
        site.database.as_role() as books,
        site.started("processor") as processor,
        site.started("api") as api,
    ):
        await asyncio.gather(processor.ready(), api.ready())
        apps = {app.name: app.process.pid for app in (api, processor)}
        yield Live(site, scale, books, apps | site.server_pids)


def _percentiles(taken: Sequence[Taken]) -> Percentiles:
    p50, p99 = np.percentile([one.milliseconds for one in taken], (50, 99))
    return Percentiles(p50=float(p50), p99=float(p99))


def _now() -> datetime:
    return SystemClock().now()
