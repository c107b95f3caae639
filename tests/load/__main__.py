"""`python -m tests.load`: what `make load` calls."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path
from typing import Final

import asyncpg

from core.errors import CounterfoilError
from infra.local.java import CHECKOUT
from infra.local.refused import Refused
from infra.local.screen import Screen
from tests.arguments import positive_count
from tests.load import report, verdict
from tests.load.loading import Options, load_test
from tests.until_stopped import until_stopped

JSON: Final = CHECKOUT / "build" / "load" / "load.json"


async def run(options: Options, file: Path, screen: Screen) -> int:
    """Load, audit and report; the exit status."""
    figures = await load_test(options, screen)
    wrong = verdict.wrong(figures)
    report.write(figures, wrong, file)
    report.show(figures, wrong)
    return 1 if wrong else 0


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    # What the clients that wait for the books log is not for the user.
    logging.disable(logging.CRITICAL)
    arguments = _parser().parse_args()
    screen = Screen()
    try:
        options = Options(
            seconds=positive_count("SECONDS", arguments.seconds),
            clients=positive_count("VUS", arguments.vus),
            users=positive_count("--users", arguments.users),
        )
        return asyncio.run(until_stopped(run(options, arguments.json, screen), screen))
    except Refused as error:
        return _fail(str(error))
    except (OSError, TimeoutError, asyncpg.PostgresError, CounterfoilError) as error:
        return _fail(f"The load test could not be finished: {str(error) or 'no answer'}.")


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--seconds", default="30", help="of load")
    parser.add_argument("--vus", default="32", help="clients at a time")
    parser.add_argument("--users", default="1000", help="accounts")
    parser.add_argument("--json", type=Path, default=JSON, help="where the figures go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
