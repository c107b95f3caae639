"""The operator's view of one transaction's way."""

from uuid import UUID

import typer

import bootstrap
from core.entities.transaction_id import may_be_ours
from entrypoints import logging
from entrypoints.process import CannotStartError, configured, run_once
from entrypoints.settings import Profile

LOG_LEVEL = "warning"


def transaction_id(text: str) -> UUID:
    """The id in `text`. Raises `typer.BadParameter` where it is none that Counterfoil can make."""
    try:
        found = UUID(text)
    except ValueError:
        raise typer.BadParameter("must be a transaction's id") from None
    if not may_be_ours(found):
        raise typer.BadParameter("must be a transaction's id; Counterfoil makes no such ones")
    return found


def show(wanted: UUID, *, as_json: bool) -> None:
    """Print it. Raises `CannotStartError`, and `typer.Exit` where nothing is known of the id."""
    settings, container = configured()
    if settings.profile is Profile.MEMORY:
        raise CannotStartError("memory keeps nothing for another process to look at")
    # Somebody reads what is printed: that a connection was made is no news to them.
    logging.configure(settings.log_format, LOG_LEVEL)
    if not run_once(bootstrap.trace_transaction(container, wanted, as_json=as_json)):
        raise typer.Exit(1)
