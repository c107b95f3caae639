"""Real servers for tests, each on free ports in a scratch folder, gone afterwards."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from infra.local.kafka import LocalKafka
from infra.local.postgres import LocalPostgres


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for a server's data, removed at the end.

    Not pytest's `tmp_path`: when root runs the tests, PostgreSQL's user may not enter there.
    """
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def postgres_server(folder: Path) -> AsyncIterator[LocalPostgres]:
    """A PostgreSQL with the three roles and an empty database; stopped and deleted at the end."""
    server = LocalPostgres(folder)
    try:
        await server.launch()
        yield server
    finally:
        await server.stop()
        server.remove()


@asynccontextmanager
async def kafka_server(folder: Path) -> AsyncIterator[LocalKafka]:
    """A Kafka without topics; stopped at the end."""
    server = LocalKafka(folder)
    try:
        await server.launch()
        yield server
    finally:
        await server.stop()
