"""A verb of make, as its user runs it: what it says, what it starts, what it leaves behind."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.running_stack import CHECKOUT


@dataclass(frozen=True, slots=True)
class Verb:
    """A module of the tests that runs, with its temporary folders in `scratch`."""

    process: asyncio.subprocess.Process
    scratch: Path

    @property
    def said(self) -> str:
        """Its output so far, errors included."""
        return (self.scratch / "said").read_text()

    def descendants(self) -> dict[str, int]:
        """The processes that it has started, and what those have; the last of each name."""
        return dict(self._descendants())

    def _descendants(self) -> Iterator[tuple[str, int]]:
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                yield child.name(), child.pid

    def left_behind(self, *kept: str) -> list[Path]:
        """The folders that are still there, but those that are meant to be."""
        folders = [path for path in self.scratch.iterdir() if path.is_dir()]
        return [path for path in folders if path.name not in kept]


@asynccontextmanager
async def verb(module: str, scratch: Path, *arguments: str) -> AsyncIterator[Verb]:
    """`python -m module`, ended at the latest with the context."""
    with (scratch / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdout=said,
            stderr=said,
            cwd=CHECKOUT,
            env={**os.environ, "TMPDIR": str(scratch)},
            start_new_session=True,
        )
    try:
        yield Verb(process, scratch)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
