"""Faults as they are written: what the output shows of one, and what `FAULTS` takes."""

from collections.abc import Sequence

from tests.chaos.faults import TOGETHER, Fault, Passing, Together
from tests.chaos.kills import Kill, KillAll, KillAtPoint, KillSession, Restart
from tests.chaos.lasting import PROXIES, Away, FullDisk, Pause, PauseAtPoint, Toxic
from tests.chaos.points import Point
from tests.chaos.putting_back import PutBack
from tests.chaos.stack import APPS, ARMED, SERVERS
from tests.chaos.toxiproxy import TOXICS


def written(text: str) -> Sequence[Fault]:
    """The faults that are written so, separated by semicolons. Raises `ValueError`."""
    return [_fault(one) for one in text.split(";") if one.strip()]


def _fault(text: str) -> Fault:
    parts = [_part(part) for part in text.split(TOGETHER)]
    return parts[0] if len(parts) == 1 else Together(tuple(parts))


def _part(text: str) -> Fault:
    words = text.split()
    fault = _kill(words) or _lasting(words)
    if fault is None:
        raise ValueError(f"{text!r} is no fault; docs/faults.md lists what there is")
    return fault


def _kill(words: Sequence[str]) -> Fault | None:
    match words:
        case ["kill", name] if name in (*APPS, *SERVERS):
            return Kill(name)
        case ["kill-all"]:
            return KillAll()
        case ["kill-session"]:
            return KillSession()
        case ["kill-at", point, name, times] if name in ARMED:
            return KillAtPoint(Passing(Point(point), name, int(times)))
        case ["restart", name] if name in (*APPS, *SERVERS):
            return Restart(name)
    return None


def _lasting(words: Sequence[str]) -> Fault | None:
    match words:
        case ["away", name, seconds] if name in (*APPS, *SERVERS):
            return Away(name, float(seconds))
        case ["pause", name, seconds] if name in (*APPS, *SERVERS):
            return Pause(name, float(seconds))
        case ["pause-at", point, name, times, seconds] if name in ARMED:
            return PauseAtPoint(Passing(Point(point), name, int(times)), float(seconds))
        case ["full-disk", seconds]:
            return FullDisk(float(seconds))
        case ["put-back", seconds]:
            return PutBack(float(seconds))
        case ["toxic", toxic, proxy, seconds] if toxic in TOXICS and proxy in PROXIES:
            return Toxic(toxic, proxy, float(seconds))
    return None
