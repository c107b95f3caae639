"""Rows of pages in a topic of their own, of as many partitions as the command log, and signed heads
among them.
"""

import asyncio
from collections.abc import Mapping, Sequence

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.event_records import EventRecord
from adapters.outbound.kafka.telling import Sending, Telling
from adapters.page_records import SIGNED_HEAD_HEADERS, encode_head, encode_row
from core.entities.page_row import PageRow
from core.entities.signed_head import SignedHead


class KafkaPageLog(Telling):
    """A `PageLog`: a row lies in its page's partition, or in that of a page that depends on it.

    Also a `HeadLog`: a signed head lies in its own partition, behind the row of its page.
    """

    def __init__(self, connection: KafkaConnection, topic: str, partition_count: int) -> None:
        super().__init__(connection, "pages", (topic,), partition_count)
        self._topic = topic

    async def tell(self, rows: Mapping[int, Sequence[PageRow]]) -> None:
        """Tell rows, each partition's in their order; all are durable on return."""
        async with self._telling("telling pages") as producer:
            await asyncio.gather(
                *(
                    Sending(producer, self._topic, partition).send(map(_record, told))
                    for partition, told in rows.items()
                )
            )

    async def publish(self, head: SignedHead) -> None:
        """Publish a signed head; durable on return."""
        partition = head.statement.partition
        headers = list(SIGNED_HEAD_HEADERS)
        record = EventRecord(str(partition).encode(), encode_head(head), headers)
        async with self._telling("publishing a signed head") as producer:
            await Sending(producer, self._topic, partition).send([record])


def _record(row: PageRow) -> EventRecord:
    return EventRecord(str(row.partition).encode(), encode_row(row), [])
