"""A stack with a stand-in for the product, for the tests of a module."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from infra.local.ports import Ports
from tests.running_stack import STAND_IN, Run
from tests.servers import scratch_folder


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A scratch folder for the tests of a module."""
    with scratch_folder() as made:
        yield made


@pytest.fixture(scope="module")
async def run(folder: Path) -> AsyncIterator[Run]:
    """A stack of the module's own, not started."""
    port = Ports(folder / "port.json").choose("api")["api"]
    made = Run(folder / "data", port, STAND_IN)
    yield made
    await made.stop() if made.child else None
