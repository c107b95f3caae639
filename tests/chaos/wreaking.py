"""One fault after another, each healed before the next, under load."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import asyncpg
import msgspec

from infra.local.process import Died
from infra.local.waiting import NotReady, until
from tests.chaos.faults import Fault, NotStruck, Together
from tests.chaos.stack import PARTITIONS, ChaosStack

HEAL_SECONDS = 120.0
"""Within it every partition posts again, whatever happened."""


class Struck(msgspec.Struct, frozen=True):
    """A fault that was, by the clock on the wall (seconds since 1970).

    `over_at` is when it ended: of a kill, when the process was gone; of what lasts, when it was
    taken away. `trouble` says what did not go as it must.
    """

    fault: str
    kind: str
    kills: int
    struck_at: float
    over_at: float
    trouble: str | None = None


@dataclass(frozen=True)
class Limits:
    """Where the faults end, whichever comes first."""

    kills: int
    seconds: float


async def wreak(
    stack: ChaosStack, faults: Iterable[Fault], limits: Limits, say: Callable[[str], None]
) -> list[Struck]:
    """Strike, heal, and go on when every partition has posted; ends at once at any trouble."""
    ends_at = time.monotonic() + limits.seconds
    struck: list[Struck] = []
    for fault in faults:
        kills = sum(one.kills for one in struck)
        if kills >= limits.kills or time.monotonic() >= ends_at:
            break
        one = await _one(stack, fault)
        struck.extend(_parts(one, fault))
        healed_after = time.time() - one.over_at
        say(f"{len(struck):4} {kills + one.kills:4} kills  {fault}  ({healed_after:.1f} s)")
        if one.trouble is not None:
            say(one.trouble)
            await stack.recover()
            break
    return struck


async def _one(stack: ChaosStack, fault: Fault) -> Struck:
    struck_at = over_at = time.time()
    trouble = None
    try:
        await fault.strike(stack)
        over_at = time.time()
        await fault.heal(stack)
        trouble = await _unhealed(stack)
    except (NotStruck, NotReady, Died, OSError, TimeoutError, asyncpg.PostgresError) as error:
        trouble = f"{fault}: {str(error) or type(error).__name__}"
    if trouble is None:
        stack.note_dead()
    return Struck(str(fault), fault.kind, fault.kills, struck_at, over_at, trouble)


def _parts(one: Struck, fault: Fault) -> list[Struck]:
    """Each fault by itself, where several struck together."""
    if not isinstance(fault, Together):
        return [one]
    return [
        msgspec.structs.replace(one, fault=str(part), kind=part.kind, kills=part.kills)
        for part in fault.parts
    ]


async def _unhealed(stack: ChaosStack) -> str | None:
    """None once every partition has posted something since now."""
    connection = await asyncpg.connect(stack.dsn)
    try:
        before = await _positions(connection)

        async def has_posted_everywhere() -> bool:
            now = await _positions(connection)
            went_on = [one for one, offset in now.items() if offset > before.get(one, 0)]
            return len(went_on) == PARTITIONS

        if await until(has_posted_everywhere, HEAL_SECONDS):
            return None
        return f"not all of {before} went on within {HEAL_SECONDS:.0f} s"
    finally:
        await connection.close()


async def _positions(connection: asyncpg.Connection) -> dict[int, int]:
    rows = await connection.fetch("SELECT partition, next_offset FROM log_position")
    return {row["partition"]: row["next_offset"] for row in rows}
