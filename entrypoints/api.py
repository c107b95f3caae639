"""The process that serves HTTP."""

import bootstrap
from entrypoints.process import configured, run


def main() -> None:
    """Serve until told to stop. Raises `CannotStartError`."""
    _, container = configured()
    run("api", bootstrap.running_api, container)
