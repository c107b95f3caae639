"""Chance, and secrets made of it."""

from typing import Protocol


class Chance(Protocol):
    """What nobody can foresee."""

    def fraction(self) -> float:
        """A number from 0 (included) to 1 (not)."""
        ...

    def key(self, size_bytes: int) -> bytes:
        """So many bytes that nobody can guess."""
        ...
