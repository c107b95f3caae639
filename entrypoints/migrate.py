"""Bring the database's tables up to date."""

import bootstrap
from entrypoints.process import configured, run_once


def main() -> None:
    """Migrate and say so. Raises `CannotStartError`."""
    _, container = configured()
    revision = run_once(bootstrap.migrate(container))
    print(f"The database is at revision {revision}.")
