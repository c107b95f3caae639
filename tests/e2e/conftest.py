"""The product as its user runs it: one stack for all tests here, whatever they do to it."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from infra.local.ports import Ports
from tests.running_stack import Run
from tests.servers import scratch_folder


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Run]:
    """A `make run` on a folder and a port of its own, not started."""
    with scratch_folder() as folder:
        run = Run(folder / "data", Ports(folder / "port.json").choose("api")["api"])
        try:
            yield run
        finally:
            if run.child is not None:
                await run.stop()


@pytest.fixture
async def run(stack: Run) -> Run:
    """The stack, running: a test may have stopped it."""
    if stack.is_over:
        await stack.up()
    return stack


@pytest.fixture
async def http(run: Run) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the API."""
    timeout = aiohttp.ClientTimeout(total=40)
    async with aiohttp.ClientSession(run.url, timeout=timeout) as session:
        yield session


def dsn_of(run: Run) -> str:
    """The owner's way into the books."""
    dsn: str = json.loads((run.data / "stack.json").read_text())["postgres"]
    return dsn
