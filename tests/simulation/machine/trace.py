"""What happened in a world, line by line: equal traces, equal worlds."""

import hashlib
from collections.abc import Callable


class Trace:
    """Hashes every line; keeps them all if it is told to."""

    def __init__(self, now: Callable[[], float], *, keeps: bool = False) -> None:
        self._now = now
        self._digest = hashlib.blake2b(digest_size=16)
        self._keeps = keeps
        self.lines: list[str] = []

    def note(self, who: object, what: str) -> None:
        """One line: when, who, what."""
        line = f"{self._now():10.4f} {who!s:<14} {what}"
        self._digest.update(line.encode() + b"\n")
        if self._keeps:
            self.lines.append(line)

    def hash(self) -> str:
        """Of all lines until now."""
        return self._digest.hexdigest()
