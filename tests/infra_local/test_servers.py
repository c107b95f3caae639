"""The two servers by themselves: their promises that the product's safety stands on."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.local.kafka import LocalKafka
from infra.local.postgres import API, OWNER, PROCESSOR, LocalPostgres
from tests.servers import kafka_server, postgres_server

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def postgres(folder: Path) -> AsyncIterator[LocalPostgres]:
    """One server for the tests of this module."""
    async with postgres_server(folder / "for-postgres") as server:
        yield server


@pytest.fixture(scope="module")
async def kafka(folder: Path) -> AsyncIterator[LocalKafka]:
    """One server for the tests of this module."""
    async with kafka_server(folder / "for-kafka") as server:
        yield server


@pytest.mark.parametrize(
    "setting", ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"]
)
async def test_postgres_keeps_what_it_has_committed(postgres: LocalPostgres, setting: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    assert await connection.fetchval(f"SHOW {setting}") == "on"
    await connection.close()


async def test_the_owner_makes_tables_and_the_others_see_only_what_is_granted(
    postgres: LocalPostgres,
) -> None:
    owner = await asyncpg.connect(postgres.dsn(OWNER))
    await owner.execute("CREATE TABLE shown (); GRANT SELECT ON shown TO counterfoil_api")
    for role, allowed in ((API, True), (PROCESSOR, False)):
        other = await asyncpg.connect(postgres.dsn(role))
        assert await other.fetchval("SELECT has_table_privilege('shown', 'SELECT')") is allowed
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await other.execute("CREATE TABLE mine ()")
        await other.close()
    await owner.close()


async def test_postgres_starts_again_after_its_server_was_killed(postgres: LocalPostgres) -> None:
    busy = await asyncpg.connect(postgres.dsn())
    await busy.execute("CREATE TABLE survives AS SELECT 1 AS one")
    await busy.execute("BEGIN")
    os.kill(postgres.process.pid, signal.SIGKILL)
    await postgres.process.ended()
    await postgres.start()
    await postgres.ready()
    again = await asyncpg.connect(postgres.dsn())
    assert await again.fetchval("SELECT one FROM survives") == 1
    await again.close()
    busy.terminate()


async def test_a_wrong_password_is_refused(postgres: LocalPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn(), password="guessed")


async def test_kafka_takes_records_and_makes_no_topic_by_itself(kafka: LocalKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("made", 1, 1)])
        producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
        await producer.start()
        try:
            assert (await producer.send_and_wait("made", b"record")).offset == 0
        finally:
            await producer.stop()
        assert await admin.list_topics() == ["made"]
    finally:
        await admin.close()


async def test_kafka_starts_again_after_it_was_killed(kafka: LocalKafka) -> None:
    where = kafka.bootstrap_servers
    os.kill(kafka.process.pid, signal.SIGKILL)
    await kafka.process.ended()
    await kafka.start()
    await kafka.ready()
    assert kafka.bootstrap_servers == where
