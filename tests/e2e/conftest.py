"""The product as its user runs it: one stack for all tests here, whatever they do to it."""

from collections.abc import AsyncIterator, Generator
from typing import Final

import aiohttp
import pytest

from infra.local.ports import Ports
from tests.running_stack import Run
from tests.servers import scratch_folder

LAST_LINES: Final = 60
"""Of each log that a failed test shows."""
ROUTINE: Final = ('"event":"http_request"', '"event":"page_posted"')
"""What a log is full of and a failed test does not show."""


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what the processes said last: their logs go with the stack."""
    report = yield
    run = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(run, Run):
        report.sections.append(("the supervisor", run.output))
        for name in ("api", "processor", "webhooks"):
            report.sections.append((f"{name}.log", _last_of_log(run, name)))
    return report


def _last_of_log(run: Run, name: str) -> str:
    log = run.data / "logs" / f"{name}.log"
    if not log.exists():
        return "there is none"
    lines = [
        line for line in log.read_text().splitlines() if not any(one in line for one in ROUTINE)
    ]
    return "\n".join(lines[-LAST_LINES:])
