"""What a process in memory stands on: always there, and never durable."""


class MemoryDependency:
    """A `Dependency` that is never away."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """Its name in health reports."""
        return self._name

    async def trouble(self) -> str | None:
        """None, always."""
        return None


class MemorySafeguard:
    """A `Safeguard` with nothing to guard: whoever chose memory was told that nothing is kept."""

    async def verify(self) -> None:
        """Return."""
