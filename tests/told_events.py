"""What everybody was told."""

import json
from collections.abc import Mapping
from typing import Any

from tests.kafka_log import KafkaLog


async def told_events(topics: KafkaLog) -> Mapping[str, Mapping[str, Any]]:
    """Each transaction that was told, by its id; told twice, it must have been the same."""
    told: dict[str, Mapping[str, Any]] = {}
    async with topics.event_feed() as feed:
        topic_id, starts, ends = await feed.extent()
        left = sum(ends) - sum(starts)
        async with feed.reader(topic_id, starts) as reader:
            while left > 0:
                events = await reader.read(1_000)
                left -= len(events)
                for one in events:
                    assert one.event is not None
                    event = json.loads(one.event.data)
                    assert told.setdefault(event["transaction_id"], event) == event
    return told
