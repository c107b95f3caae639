"""The `counterfoil` command, run in this process against a server of the test's."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from entrypoints.cli import app


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object that was printed."""
        (line,) = self.lines
        return line

    @property
    def lines(self) -> list[Any]:
        """The objects that were printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Console:
    """Gives commands to the server at an address, unless told of another one."""

    url: str

    async def __call__(self, *words: str, **environment: str) -> Ended:
        # The command makes an event loop of its own; the server's runs on meanwhile.
        return await asyncio.to_thread(self._run, words, environment)

    def _run(self, words: tuple[str, ...], environment: dict[str, str]) -> Ended:
        environment = {"COUNTERFOIL_URL": self.url} | environment
        result = CliRunner().invoke(app, words, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)
