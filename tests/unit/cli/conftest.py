"""Each test has a world, a stub and a console of its own."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.unit.cli.console import Console
from tests.unit.cli.stub import Stub, stubbed
from tests.unit.http.world import Api, World, served


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    # The server's logs would end up in the output of the command that runs meanwhile.
    with capture_logs():
        async with served(world) as one:
            yield one


@pytest.fixture
def counterfoil(api: Api) -> Console:
    return Console(api.server.url)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with stubbed() as one:
        yield one


@pytest.fixture
def to_stub(stub: Stub) -> Console:
    return Console(stub.url)
