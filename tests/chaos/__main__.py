"""`python -m tests.chaos`: what `make chaos` calls."""

import argparse
import asyncio
import logging
import secrets
import sys
from pathlib import Path
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from core.errors import CounterfoilError
from infra.local.java import CHECKOUT
from infra.local.process import Died
from infra.local.refused import Refused
from infra.local.screen import Screen
from infra.local.waiting import NotReady
from tests.arguments import positive_count
from tests.chaos import report, schedule
from tests.chaos.chaos import Plan, chaos
from tests.chaos.wreaking import Limits
from tests.chaos.written import written
from tests.until_stopped import until_stopped

FOLDER: Final = CHECKOUT / "build" / "chaos"
NO_LIMIT: Final = 10**9
_ERRORS: Final = (
    OSError,
    TimeoutError,
    AssertionError,
    asyncpg.PostgresError,
    KafkaError,
    CounterfoilError,
    Died,
    NotReady,
)


async def run(plan: Plan, screen: Screen) -> int:
    """Make chaos and report; the exit status."""
    figures, history = await chaos(plan, screen)
    report.write(figures, history, plan.folder)
    report.show(figures)
    return 0 if figures.holds else 1


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    # What the clients that wait for the books log is not for the user.
    logging.disable(logging.CRITICAL)
    arguments = _parser().parse_args()
    screen = Screen()
    try:
        plan = _plan(arguments)
        screen.say(f"make chaos SEED={plan.seed}")
        return asyncio.run(until_stopped(run(plan, screen), screen))
    except Refused as error:
        return _fail(str(error))
    except _ERRORS as error:
        return _fail(f"The chaos could not be finished: {str(error) or type(error).__name__}.")


def _plan(arguments: argparse.Namespace) -> Plan:
    seed = positive_count("SEED", arguments.seed) if arguments.seed else secrets.randbelow(1 << 32)
    if arguments.faults:
        try:
            faults = written(arguments.faults)
        except ValueError as error:
            raise Refused(f"FAULTS: {error}.") from error
        return Plan(seed, faults, Limits(NO_LIMIT, NO_LIMIT), arguments.folder)
    limits = Limits(
        positive_count("KILLS", arguments.kills),
        60.0 * positive_count("MINUTES", arguments.minutes),
    )
    return Plan(seed, schedule.drawn(seed), limits, arguments.folder)


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", default="200", help="the faults end after so many")
    parser.add_argument("--minutes", default="5", help="or after so many minutes")
    parser.add_argument("--seed", default="", help="of faults and load; another one each time")
    parser.add_argument("--faults", default="", help="exactly these, separated by semicolons")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the report goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
