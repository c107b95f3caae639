"""`python -m tests.load`: what `make load` calls."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path
from typing import Final

import asyncpg

from core.errors import CounterfoilError
from infra.local.__main__ import INTERRUPTED
from infra.local.java import CHECKOUT
from infra.local.refused import Refused
from infra.local.screen import Screen
from infra.local.stopping import StopRequest
from tests.load import report, verdict
from tests.load.figures import Figures
from tests.load.loading import Options, load_test

JSON: Final = CHECKOUT / "build" / "load" / "load.json"


async def run(options: Options, file: Path) -> int:
    """Load, audit and report, until it is done or somebody asks for its end; the exit status."""
    screen = Screen()
    request = StopRequest(asyncio.Event())
    request.listen()
    follow = asyncio.create_task(request.follow_parent())
    asked = asyncio.create_task(request.asked.wait())
    test = asyncio.create_task(load_test(options, screen))
    try:
        await asyncio.wait((test, asked), return_when=asyncio.FIRST_COMPLETED)
        if not test.done():
            screen.say("\nstopping")
            await _cancelled(test, screen)
            return INTERRUPTED
        figures = test.result()
    finally:
        follow.cancel()
        asked.cancel()
    wrong = verdict.wrong(figures)
    report.write(figures, wrong, file)
    report.show(figures, wrong)
    return 1 if wrong else 0


async def _cancelled(test: asyncio.Task[Figures], screen: Screen) -> None:
    """Stop the test, and say what cannot be stopped."""
    test.cancel()
    await asyncio.wait((test,))
    if not test.cancelled() and (error := test.exception()) is not None:
        screen.say(str(error))


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    # What the clients that wait for the books log is not for the user.
    logging.disable(logging.CRITICAL)
    arguments = _parser().parse_args()
    options = Options(arguments.seconds, arguments.vus, arguments.users)
    try:
        return asyncio.run(run(options, arguments.json))
    except Refused as error:
        return _fail(str(error))
    except (OSError, TimeoutError, asyncpg.PostgresError, CounterfoilError) as error:
        return _fail(f"The load test could not be finished: {str(error) or 'no answer'}.")


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--seconds", type=_count, default=30, help="of load")
    parser.add_argument("--vus", type=_count, default=32, help="clients at a time")
    parser.add_argument("--users", type=_count, default=1_000, help="accounts")
    parser.add_argument("--json", type=Path, default=JSON, help="where the figures go")
    return parser


def _count(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")


if __name__ == "__main__":
    sys.exit(main())
