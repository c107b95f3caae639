"""Real servers, started once for the whole run and only if a test asks for one."""

from collections.abc import AsyncIterator

import pytest

from infra.local.kafka import LocalKafka
from infra.local.postgres import LocalPostgres
from tests.budgets import Spent
from tests.leftovers import nothing_is_left_running  # noqa: F401 (for every test)
from tests.model_seed import MODEL_SEED, VARIABLE
from tests.servers import kafka_server, postgres_server, scratch_folder


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[LocalPostgres]:
    """A PostgreSQL with our roles and an empty database; tests make databases of their own."""
    with scratch_folder() as folder:
        async with postgres_server(folder) as server:
            yield server


@pytest.fixture(scope="session")
async def kafka() -> AsyncIterator[LocalKafka]:
    """A Kafka without topics; tests make topics of their own, and leave the broker alone."""
    with scratch_folder() as folder:
        async with kafka_server(folder) as server:
            yield server


def pytest_report_header() -> str:
    """How to draw the same commands again."""
    return f"{VARIABLE}={MODEL_SEED}"


def pytest_configure(config: pytest.Config) -> None:
    """Tell at the end what each part of the tests took."""
    config.pluginmanager.register(Spent())
