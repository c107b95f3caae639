"""What the user sees: lines, and on a terminal a line that moves while something is under way."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.status import Status


class Screen:
    """Says things. A terminal that has gone away stops nothing."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def say(self, text: str, *, style: str | None = None) -> None:
        """One message, shown at once."""
        with contextlib.suppress(OSError, ValueError):
            self._console.print(text, style=style, markup=False)
            self._console.file.flush()

    @contextlib.contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show on a terminal that something is under way."""
        with contextlib.suppress(OSError, ValueError):
            self._status = self._console.status(text)
            self._status.start()
        try:
            yield
        finally:
            self.settle()

    def settle(self) -> None:
        """Nothing is under way any more."""
        if self._status is not None:
            with contextlib.suppress(OSError, ValueError):
                self._status.stop()
            self._status = None
