"""`python -m tests.bench`: what `make bench` calls; with `--profile`, what `make profile` calls."""

import argparse
import logging
import sys
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
import structlog
import uvloop

from core.errors import CounterfoilError
from infra.local.process import Died
from infra.local.refused import Refused
from infra.local.screen import Screen
from infra.local.waiting import NotReady
from tests.bench import report
from tests.bench.flames import profile
from tests.bench.plot import plot
from tests.bench.scale import FULL, QUICK, Scale
from tests.bench.stages import bench
from tests.bench.workbench import workbench
from tests.running_stack import CHECKOUT
from tests.until_stopped import until_stopped

BUILD: Final = CHECKOUT / "build"


async def _bench(scale: Scale, folder: Path, screen: Screen) -> int:
    async with workbench(screen.say) as servers:
        figures = await bench(servers, scale, screen.say)
    file, picture = folder / "bench.json", folder / "latency.png"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    plot(figures, picture)
    report.show(figures)
    screen.say(f"{file}\n{picture}")
    return 0


async def _profile(scale: Scale, folder: Path, screen: Screen) -> int:
    async with workbench(screen.say) as servers:
        for picture in await profile(servers, scale, folder, screen.say):
            screen.say(str(picture))
    return 0


def main() -> int:
    """Parse the command line, do it, and put what went wrong into a sentence."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    arguments = _parser().parse_args()
    scale, folder, screen = QUICK if arguments.quick else FULL, arguments.folder, Screen()
    work = _profile if arguments.profile else _bench
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return uvloop.run(until_stopped(work(scale, folder, screen), screen))
    except AssertionError as error:
        return _fail(f"The books are NOT right:\n{error}")
    except (Refused, Died, NotReady, TimeoutError, OSError) as error:
        return _fail(f"The benchmark could not be finished: {str(error) or 'no answer'}")
    except (asyncpg.PostgresError, CounterfoilError) as error:
        return _fail(f"The benchmark could not be finished: {error}")


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see that it runs, nothing more")
    parser.add_argument("--profile", action="store_true", help="flame graphs instead of figures")
    parser.add_argument("--folder", type=Path, default=BUILD / "bench", help="where results go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
