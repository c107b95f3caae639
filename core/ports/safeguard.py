"""Refusing to start on a foundation that would lose data."""

from typing import Protocol


class Safeguard(Protocol):
    """Looks at the settings of what the ledger stands on."""

    async def verify(self) -> None:
        """Return if nothing is wrong.

        Raises `NotPermittedError` naming every setting that would lose data, `UnavailableError`
        when it cannot be looked at.
        """
        ...
