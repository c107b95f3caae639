"""The operator's way to new books, and to what two books are compared by."""

from collections.abc import Mapping

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import bootstrap
from entrypoints import logging
from entrypoints.process import CannotStartError, configured, run_once
from entrypoints.settings import Profile, Settings

LOG_LEVEL = "warning"


def main(dsn: str) -> None:
    """Rebuild and compare; exit code 1 if the books differ. Raises `CannotStartError`."""
    settings = _settings()
    other = settings.model_copy(update={"postgres_dsn": SecretStr(dsn)})
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("pages", total=None)
        rebuilt = run_once(
            bootstrap.rebuild_books(_container(other), lambda: progress.advance(task))
        )
    print(
        f"{rebuilt.pages:,} pages, {rebuilt.transactions:,} transactions and "
        f"{rebuilt.entries:,} entries were posted."
    )
    _show(rebuilt.digest)
    try:
        found = run_once(bootstrap.digest(_container(settings)))
    except CannotStartError as error:
        print(f"They were compared with nothing: {error}")
        return
    differing = [table for table, one in rebuilt.digest.items() if found[table] != one]
    if differing:
        print(f"The books of COUNTERFOIL_POSTGRES_DSN are others: {', '.join(differing)} differ.")
        print("(What was posted meanwhile differs, too.)")
        raise typer.Exit(1)
    print("They are the books of COUNTERFOIL_POSTGRES_DSN.")


def show_digest() -> None:
    """Print the hashes. Raises `CannotStartError`."""
    _show(run_once(bootstrap.digest(_container(_settings()))))


def _container(settings: Settings) -> bootstrap.Container:
    return bootstrap.make_container(settings.model_dump())


def _settings() -> Settings:
    settings, _ = configured()
    if settings.profile is Profile.MEMORY:
        raise CannotStartError("memory keeps no books that could be compared")
    logging.configure(settings.log_format, LOG_LEVEL)
    return settings


def _show(digest: Mapping[str, bytes]) -> None:
    for table, one in digest.items():
        print(f"{one.hex()}  {table}")
