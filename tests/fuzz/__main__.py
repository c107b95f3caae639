"""`python -m tests.fuzz`: what `make fuzz` calls."""

import argparse
import math
import os
import secrets
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

from infra.local.__main__ import INTERRUPTED
from infra.local.java import CHECKOUT
from infra.local.screen import Screen
from tests.fuzz.targets import TARGETS

FOLDER: Final = CHECKOUT / "build" / "fuzz"
_SLOW_INPUT_SECONDS: Final = 10
"""A decoder that takes longer for one input is a finding."""
_TEST_SECONDS: Final = 3_600


def fuzz_api(cases: int, seed: int, screen: Screen) -> bool:
    """So many requests of each operation; whether every answer was one that is described."""
    screen.say(f"{cases:,} requests of each operation, drawn from SEED={seed}")
    drawn = {"OPENAPI_CASES": str(cases), "OPENAPI_SEED": str(seed)}
    tests = [sys.executable, "-m", "pytest", "-q", "tests/fuzz/test_openapi.py"]
    command = [*tests, f"--timeout={_TEST_SECONDS}"]
    return (
        subprocess.run(command, cwd=CHECKOUT, env=os.environ | drawn, check=False).returncode == 0
    )


def fuzz_decoders(minutes: float, screen: Screen) -> bool:
    """So long for all of them together; whether none raised anything but refusals."""
    if find_spec("atheris") is None:
        screen.say("The decoders are left out: atheris has wheels for Linux on x86-64 alone.")
        return True
    seconds = max(1, round(minutes * 60 / len(TARGETS)))
    screen.say(f"{seconds} seconds for each decoder; what is kept lies in {FOLDER}")
    options = [f"-max_total_time={seconds}", f"-timeout={_SLOW_INPUT_SECONDS}"]
    command = [sys.executable, "-m", "tests.fuzz.atheris_run", "tests.fuzz.targets", str(FOLDER)]
    ended = subprocess.run(
        [*command, *options], cwd=CHECKOUT, stderr=subprocess.DEVNULL, check=False
    )
    return ended.returncode == 0


def main() -> int:
    """Fuzz the API, then the decoders; the exit status."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    arguments = parser.parse_args()
    if arguments.cases < 1 or not 0 < arguments.minutes < math.inf:
        parser.error("CASES is a number from 1 up, and MINUTES more than 0")
    screen = Screen()
    try:
        is_api_right = fuzz_api(arguments.cases, arguments.seed, screen)
        is_right = fuzz_decoders(arguments.minutes, screen) and is_api_right
    except KeyboardInterrupt:
        return INTERRUPTED
    screen.say(
        "Nothing was found." if is_right else "Something was FOUND, see above.", style="bold"
    )
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
