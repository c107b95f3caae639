"""Each test has a world of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.http.world import Api, World, served


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    async with served(world) as one:
        yield one
