"""A backlog on the real log and books: limited, measured, and accepted again once it is posted."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from aiohttp import ClientSession

from bootstrap import Container, measure_lag, running_api, running_processor
from entrypoints.settings import PREFIX
from infra.local.kafka import LocalKafka
from infra.local.postgres import PROCESSOR, LocalPostgres
from tests.builders import partition_for
from tests.eventually import eventually
from tests.kafka_log import KafkaLog, fresh_topics
from tests.postgres_databases import FreshDatabase, fresh_database
from tests.running_stack import CHECKOUT
from tests.site import site_container, site_settings

LIMIT: Final = 20
PARTITION: Final = partition_for("alice")
DEPOSIT: Final = {"user_id": "alice", "amount": "1.00"}


class Site:
    """Topics and books of their own, and the processes on them."""

    def __init__(self, topics: KafkaLog, database: FreshDatabase) -> None:
        self.settings = {
            **site_settings(topics, database.dsn(PROCESSOR)),
            "max_lag_records": str(LIMIT),
        }

    def container(self) -> Container:
        return site_container(self.settings)

    @asynccontextmanager
    async def api(self) -> AsyncIterator["Client"]:
        container = self.container()
        async with running_api(container), ClientSession(container.api_server().url) as session:
            client = Client(session)
            await eventually(client.is_ready)
            yield client

    async def lag(self) -> int:
        return (await measure_lag(self.container()))[PARTITION].records


class Client:
    """Of the API."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.accepted: list[str] = []

    async def is_ready(self) -> bool:
        async with self.session.get("/readyz") as answer:
            return answer.status == 200

    async def deposit(self, key: str | None = None) -> tuple[int, Mapping[str, str], Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        async with self.session.post("/deposit", json=DEPOSIT, headers=headers) as answer:
            body = await answer.json()
            if answer.status == 202:
                self.accepted.append(body["transaction_id"])
            return answer.status, answer.headers, body

    async def is_refused(self) -> bool:
        """Whether one more is refused, for want of room; nothing else is an answer."""
        status, headers, body = await self.deposit()
        if status == 202:
            return False
        assert (status, body["code"]) == (503, "pipeline_full")
        assert body["may_have_been_accepted"] is False
        assert 1 <= int(headers["Retry-After"]) <= 30
        return True

    async def is_accepted(self) -> bool:
        return not await self.is_refused()

    async def balance(self) -> str:
        async with self.session.get("/balance/alice") as answer:
            text: str = (await answer.json())["balance"]
            return text


@pytest.fixture
async def site(kafka: LocalKafka, postgres: LocalPostgres) -> AsyncIterator[Site]:
    async with (
        fresh_topics(kafka.bootstrap_servers) as topics,
        fresh_database(postgres) as database,
    ):
        yield Site(topics, database)


async def test_a_backlog_beyond_the_limit_is_refused_and_taken_again_when_it_is_posted(
    site: Site,
) -> None:
    async with site.api() as api:
        await eventually(api.is_refused)
        assert len(api.accepted) >= LIMIT
        assert await site.lag() == len(api.accepted)
        async with running_processor(site.container()):
            await eventually(api.is_accepted)

            async def all_posted() -> bool:
                return await api.balance() == f"{len(api.accepted)}.00"

            await eventually(all_posted)
        assert await site.lag() == 0


async def test_the_lag_is_shown_to_an_operator(site: Site) -> None:
    async with site.api() as api:
        for _ in range(3):
            assert (await api.deposit())[0] == 202
    told = json.loads(counterfoil(site, "lag", "--json"))
    assert told["lag_records"] == 3
    waiting = told["partitions"][PARTITION]
    age = waiting.pop("oldest_age_seconds")
    assert age > 0
    assert waiting == {
        "partition": PARTITION,
        "end_offset": 3,
        "next_offset": 0,
        "lag_records": 3,
        "halted": None,
    }
    table = counterfoil(site, "lag")
    assert "oldest" in table
    assert table.count("ok") == len(told["partitions"])


def counterfoil(site: Site, *words: str) -> str:
    """What the command prints."""
    environment = {f"{PREFIX}{name.upper()}": value for name, value in site.settings.items()}
    ended = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", *words],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout
