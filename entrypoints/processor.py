"""The process that posts the command log."""

import bootstrap
from entrypoints.process import configured, run


def main() -> None:
    """Post until told to stop. Raises `CannotStartError`."""
    _, container = configured()
    run("processor", bootstrap.running_processor, container)
