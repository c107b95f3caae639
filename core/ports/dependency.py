"""Whether what a process stands on is there."""

from typing import Protocol


class Dependency(Protocol):
    """A thing that can be away."""

    @property
    def name(self) -> str:
        """Its name in health reports: `kafka`, `postgres`."""
        ...

    async def trouble(self) -> str | None:
        """None while it works; otherwise a sentence. Answers within two seconds, never raises."""
        ...
