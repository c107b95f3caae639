"""Which fault comes when: drawn by chance from a seed, every kind as often as every other."""

from collections.abc import Iterator
from itertools import count, zip_longest
from random import Random  # noqa: TID251 (seeded: a schedule can be had again)
from typing import Final

from tests.chaos.faults import Fault, Passing, Together
from tests.chaos.kills import Kill, KillAll, KillAtPoint, KillSession, Restart
from tests.chaos.lasting import PROXIES, Away, FullDisk, Pause, PauseAtPoint, Toxic
from tests.chaos.points import Point, points_of
from tests.chaos.putting_back import PutBack
from tests.chaos.stack import APPS, PROCESSORS, SERVERS
from tests.chaos.toxiproxy import TOXICS

SHORT_SECONDS: Final = (1.0, 6.0)
LONG_SECONDS: Final = 20.0
"""Longer than every deadline of the product's, and than a consumer group waits for a member: the
partitions of a processor are another's when it wakes up.
"""
LONG_ONES: Final = 0.25
"""How many of the faults that last are long."""
MOST_PASSINGS: Final = 12


def drawn(seed: int) -> Iterator[Fault]:
    """Faults without an end: in each round every kind once, in an order of its own."""
    chance = Random(seed)
    for _ in count():
        faults = [*_kills(chance), *_kills_at_points(chance), *_double_kills(chance)]
        faults += _others(chance)
        chance.shuffle(faults)
        yield from faults


def _kills(chance: Random) -> Iterator[Fault]:
    yield from (Kill(name) for name in ("api", chance.choice(PROCESSORS), "webhooks", *SERVERS))
    yield KillSession()
    yield KillAll()


def _kills_at_points(chance: Random) -> Iterator[Fault]:
    for point in points_of("api"):
        yield _at(point, "api", chance)
    yield _at(Point.AFTER_TAKE_OVER, chance.choice(PROCESSORS), chance)


def _double_kills(chance: Random) -> Iterator[Fault]:
    """Both processors, each at a point of its own: so nobody is there to take over."""
    points = [one for one in points_of("processor") if one is not Point.AFTER_TAKE_OVER]
    chance.shuffle(points)
    for first, second in zip_longest(points[::2], points[1::2]):
        one, other = chance.sample(PROCESSORS, 2)
        parts = [_at(first, one, chance)]
        parts += [] if second is None else [_at(second, other, chance)]
        yield parts[0] if len(parts) == 1 else Together(tuple(parts))


def _at(point: Point, name: str, chance: Random) -> Fault:
    # A page that is written by COPY, and a take-over, are rare.
    rare = point in {Point.AFTER_COPY, Point.AFTER_TAKE_OVER}
    times = 1 if rare else chance.randint(1, MOST_PASSINGS)
    return KillAtPoint(Passing(point, name, times))


def _others(chance: Random) -> Iterator[Fault]:
    yield Restart(chance.choice((*APPS, *SERVERS)))
    for name in ("api", chance.choice(PROCESSORS), "webhooks", *SERVERS):
        yield Pause(name, _seconds(chance))
    for point in (Point.BEFORE_FENCE, Point.AFTER_WRITE):
        passing = Passing(point, chance.choice(PROCESSORS), chance.randint(1, MOST_PASSINGS))
        yield PauseAtPoint(passing, LONG_SECONDS)
    yield from (Away(name, _seconds(chance)) for name in SERVERS)
    yield FullDisk(_seconds(chance))
    yield PutBack(_seconds(chance))
    for toxic in TOXICS:
        yield Toxic(toxic, chance.choice(PROXIES), _seconds(chance))


def _seconds(chance: Random) -> float:
    if chance.random() < LONG_ONES:
        return LONG_SECONDS
    return round(chance.uniform(*SHORT_SECONDS), 1)
