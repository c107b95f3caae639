"""`python -m tests.chaos.armed FILE NAME`: that process, which `FILE` can kill or stop."""

import sys
from pathlib import Path
from typing import Final

import bootstrap
from entrypoints.process import CannotStartError, configured, run
from tests.chaos.points import Trigger, arm

RUNNING: Final = {
    "api": bootstrap.running_api,
    "processor": bootstrap.running_processor,
    "webhooks": bootstrap.running_webhooks,
}


def main() -> int:
    """Serve until told to stop, or until it is killed at a point."""
    file, name = sys.argv[1:]
    try:
        _, container = configured()
        arm(container, Trigger(Path(file)))
        run(name, RUNNING[name], container)
    except CannotStartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
