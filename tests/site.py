"""Settings of processes on topics and books of their own, on real servers."""

from collections.abc import Mapping

from bootstrap import Container, make_container
from entrypoints.settings import Settings
from tests.kafka_log import KafkaLog
from tests.postgres_databases import FreshDatabase

UNTOLD = """
    SELECT count(*) FROM log_position AS one WHERE published_offset < next_offset
    OR told_page < (SELECT max(number) FROM page WHERE partition = one.partition)"""
"""Partitions whose outcomes, or pages, are not all told as far as the books know."""


def site_settings(topics: KafkaLog, dsn: str) -> Mapping[str, str]:
    """What every process there is told."""
    return {
        "profile": "external",
        "http_port": "0",
        "processor_http_port": "0",
        "kafka_bootstrap_servers": topics.connection.bootstrap_servers,
        "kafka_commands_topic": topics.commands,
        "kafka_transactions_topic": topics.transactions,
        "kafka_dead_topic": topics.dead,
        "kafka_pages_topic": topics.pages,
        "kafka_group": topics.group.group_id,
        "postgres_dsn": dsn,
    }


def site_container(settings: Mapping[str, str]) -> Container:
    """A container of one process."""
    return make_container(Settings(**settings).model_dump())  # type: ignore[arg-type]


async def is_all_told(database: FreshDatabase, count: int) -> bool:
    """Whether there are so many transactions, and all are told."""
    async with database.as_role() as connection:
        untold = await connection.fetchval(UNTOLD)
        posted = await connection.fetchval("SELECT count(*) FROM ledger_transaction")
    return bool(not untold and posted == count)
