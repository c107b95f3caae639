"""Runs `loadtest.js` with the k6 of this virtual environment."""

import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from infra.local.process import Command, Died, complete, last_words
from infra.local.refused import Refused
from tests.load.figures import Load

SCRIPT: Final = Path(__file__).with_name("loadtest.js")
QUIET: Final = ("--quiet", "--no-color", "--no-usage-report", "--address", "")
"""No progress, no report to its makers, no port of its own."""


async def run_k6(folder: Path, url: str, *, seconds: int, clients: int, users: int) -> Load:
    """Load the API at `url`; what the clients saw. The log and the summary go to `folder`.

    Cancelled, it stops k6 first. `Refused` where k6 is missing or could not do its work.
    """
    log, summary = folder / "k6.log", folder / "k6.json"
    try:
        await complete(
            Command(
                name="k6",
                argv=[str(_k6()), "run", *QUIET, str(SCRIPT)],
                log=log,
                environment={
                    **_environment(),
                    "BASE_URL": url,
                    "VUS": str(clients),
                    "DURATION": f"{seconds}s",
                    "USERS": str(users),
                    "SUMMARY": str(summary),
                },
            )
        )
        return msgspec.json.decode(summary.read_bytes(), type=Load)
    except (Died, OSError, msgspec.DecodeError) as error:
        raise Refused(f"k6 did not finish: {error}\n{last_words(log)}") from error


def _k6() -> Path:
    k6 = Path(sys.executable).with_name("k6")
    if not k6.exists():
        raise Refused("k6 is missing; make load builds it.")
    return k6


def _environment() -> dict[str, str]:
    """Ours, without what would change the test, and without k6's way of fetching extensions."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("K6_")}
    return {**inherited, "K6_AUTO_EXTENSION_RESOLUTION": "false"}
