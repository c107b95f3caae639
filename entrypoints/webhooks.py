"""The process that tells webhook endpoints what becomes of commands."""

import bootstrap
from entrypoints.process import configured, run


def main() -> None:
    """Tell until told to stop. Raises `CannotStartError`."""
    _, container = configured()
    run("webhooks", bootstrap.running_webhooks, container)
