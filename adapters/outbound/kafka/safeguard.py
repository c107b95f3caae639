"""Refusing a command topic that would lose or falsify what was accepted."""

from collections.abc import Sequence
from typing import Final

import structlog

from adapters.outbound.kafka.sentences import wrong_partition_count
from adapters.outbound.kafka.topics import UNLIMITED, KafkaTopics, TopicState
from core.errors import NotPermittedError

SHORTEST_RETENTION_HOURS: Final = 7 * 24
"""An operator has to notice that nothing is posted, and to mend it, before a command is deleted."""

_CONSEQUENCE: Final = "the ledger cannot be recomputed from a log that has lost its beginning"

LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger(__name__)


class KafkaSafeguard:
    """A `Safeguard` that looks at the settings of the command topic."""

    def __init__(self, topics: KafkaTopics, topic: str, partition_count: int) -> None:
        self._topics = topics
        self._topic = topic
        self._partition_count = partition_count
        self._retention_told: str | None = None

    async def verify(self) -> None:
        """Return if nothing would be lost."""
        state = await self._topics.state(self._topic)
        if state is None:
            raise NotPermittedError(
                f"topic {self._topic} does not exist: run counterfoil topics to create it"
            )
        faults = faults_of(state, self._partition_count)
        if faults:
            raise NotPermittedError("; ".join(faults))
        self._warn_of_retention(state)

    def _warn_of_retention(self, state: TopicState) -> None:
        """Once, however often it is verified."""
        ms_kept = state.settings["retention.ms"]
        if ms_kept not in {UNLIMITED, self._retention_told}:
            LOG.warning(
                "kafka.command_retention_is_limited",
                topic=state.name,
                retention_ms=ms_kept,
                consequence=_CONSEQUENCE,
            )
        self._retention_told = ms_kept


def faults_of(state: TopicState, partition_count: int) -> Sequence[str]:
    """Every setting that would lose data, a sentence each."""
    settings = state.settings
    topic = state.name
    faults = []
    if state.partition_count != partition_count:
        faults.append(wrong_partition_count(topic, partition_count, state.partition_count))
    if "compact" in settings["cleanup.policy"]:
        faults.append(f"topic {topic} is compacted (cleanup.policy), which deletes commands")
    if settings["message.timestamp.type"] != "LogAppendTime":
        faults.append(
            f"topic {topic} has message.timestamp.type {settings['message.timestamp.type']}, "
            "not LogAppendTime: clients' clocks would date the entries"
        )
    if settings["unclean.leader.election.enable"] == "true":
        faults.append(
            f"topic {topic} has unclean.leader.election.enable: accepted commands could vanish"
        )
    if state.replication_factor >= 3 and settings["min.insync.replicas"] == "1":
        faults.append(
            f"topic {topic} has min.insync.replicas 1 with {state.replication_factor} replicas: "
            "a command would be accepted while only one broker has it"
        )
    return [*faults, *_retention_faults(state)]


def _retention_faults(state: TopicState) -> Sequence[str]:
    """Retention deletes commands whether they are posted or not."""
    faults = []
    bytes_kept, ms_kept = state.settings["retention.bytes"], state.settings["retention.ms"]
    if bytes_kept != UNLIMITED:
        faults.append(
            f"topic {state.name} has retention.bytes {bytes_kept}: a flood would delete commands "
            "that are not posted yet; it must be -1"
        )
    if ms_kept != UNLIMITED and int(ms_kept) < SHORTEST_RETENTION_HOURS * 60 * 60 * 1000:
        faults.append(
            f"topic {state.name} has retention.ms {ms_kept}: commands would be deleted before an "
            f"outage of PostgreSQL is mended; it must be -1, or {SHORTEST_RETENTION_HOURS} h"
        )
    return faults
