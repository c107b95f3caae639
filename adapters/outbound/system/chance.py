"""The system's random source."""

import secrets


class SystemChance:
    """`Chance` that nobody can foresee."""

    def __init__(self) -> None:
        self._source = secrets.SystemRandom()

    def fraction(self) -> float:
        """A number from 0 to 1."""
        return self._source.random()

    def key(self, size_bytes: int) -> bytes:
        """Random bytes."""
        return secrets.token_bytes(size_bytes)
