"""`python -m infra.local run|purge`: what `make run` and `make purge` call."""

import argparse
import asyncio
import contextlib
import logging
import shlex
import shutil
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from infra.local.apps import COUNTERFOIL
from infra.local.folder import opened
from infra.local.leftovers import Traces
from infra.local.postgres_home import forget_cluster
from infra.local.process import Died, last_words
from infra.local.refused import Refused
from infra.local.screen import Screen
from infra.local.stack import Options, Stack
from infra.local.stopping import StopRequest
from infra.local.supervisor import GaveUp
from infra.local.waiting import NotReady

INTERRUPTED = 130


async def run(options: Options) -> int:
    """Run the stack until somebody asks for its end; the exit status."""
    screen = Screen()
    with opened(options.data) as folder:
        stack = Stack(options, folder, screen)
        request = StopRequest(stack.supervisor.hurry)
        request.listen()
        background = [
            asyncio.create_task(request.follow_parent()),
            asyncio.create_task(stack.keep_logs_bounded()),
        ]
        try:
            await until_first(_live(stack), request.asked.wait())
            screen.say("\nstopping")
            gone = await stack.down()
            screen.say("stopped" if gone else "not everything could be stopped")
            return 0 if gone else 1
        except BaseException:
            await stack.down()
            raise
        finally:
            for task in background:
                task.cancel()


async def _live(stack: Stack) -> None:
    failure = asyncio.ensure_future(stack.supervisor.failed())
    try:
        await until_first(stack.up(), _raised_by(failure))
        await failure
    finally:
        failure.cancel()


async def _raised_by(failure: asyncio.Future[Any]) -> None:
    await asyncio.shield(failure)


async def until_first(*parts: Coroutine[Any, Any, Any]) -> None:
    """Return or raise with the first of them; the others are cancelled and have ended then."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def purge(data: Path) -> int:
    """Delete everything that a stack has kept."""
    with opened(data) as folder:
        await Traces(folder.processes).clear(Screen().say)
        forget_cluster(folder.path)
        shutil.rmtree(folder.path)
    return 0


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    # What the clients of the readiness checks log is not for the user.
    logging.disable(logging.CRITICAL)
    arguments = _parser().parse_args()
    try:
        if arguments.verb == "purge":
            return asyncio.run(purge(arguments.data)) if arguments.data.exists() else 0
        counterfoil = tuple(shlex.split(arguments.counterfoil))
        return asyncio.run(run(Options(_port(arguments.port), arguments.data, counterfoil)))
    except (Refused, GaveUp) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"The machine refused: {error}.")
    except (Died, NotReady) as error:
        return _fail(f"{error}\n{last_words(error.log)}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _fail(text: str) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
    return 1


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise Refused(f"PORT={text} is not a port; a port is a number from 1 to 65535.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    running = verbs.add_parser("run", help="run everything on this machine until Ctrl-C")
    running.add_argument("--port", default="8080", help="of the API")
    running.add_argument(
        "--counterfoil", default=shlex.join(COUNTERFOIL), help="the product's command (for tests)"
    )
    purging = verbs.add_parser("purge", help="delete the data")
    for verb in (running, purging):
        verb.add_argument("--data", type=Path, default=Path(".counterfoil"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
