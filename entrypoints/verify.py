"""The operator's proof that what is stored adds up."""

from collections.abc import Sequence

import typer

import bootstrap
from entrypoints import logging
from entrypoints.keys import key_text
from entrypoints.process import CannotStartError, configured, run_once
from entrypoints.settings import Profile

LOG_LEVEL = "warning"


def main(*, keys: Sequence[str], replay: bool, as_json: bool) -> None:
    """Check the books; exit code 1 if anything is off. Raises `CannotStartError`."""
    settings, container = configured()
    if settings.profile is Profile.MEMORY:
        raise CannotStartError("memory keeps nothing that could be verified")
    # Somebody reads what is printed: that a connection was made is no news to them.
    logging.configure(settings.log_format, LOG_LEVEL)
    texts = [key_text(key) for key in keys]
    if not run_once(bootstrap.verify(container, keys=texts, replay=replay, as_json=as_json)):
        raise typer.Exit(1)
