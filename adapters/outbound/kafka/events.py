"""Outcomes in topics of their own."""

from typing import NamedTuple

from adapters.outbound.kafka.connection import KafkaConnection
from adapters.outbound.kafka.event_records import (
    EventRecord,
    dead_letter_record,
    transaction_record,
)
from adapters.outbound.kafka.fairness import in_turns
from adapters.outbound.kafka.telling import Sending, Telling
from adapters.representations import Representations
from core.entities.page import Outcomes
from core.entities.transaction import Transaction


class EventTopics(NamedTuple):
    """Where outcomes are told; both have as many partitions as the command log."""

    transactions: str
    dead: str
    partition_count: int


class KafkaEvents(Telling):
    """`Events` in two topics: transactions, and dead letters with their own key and value.

    An outcome lies in its command's partition. `source` is what CloudEvents calls so: which ledger
    it is.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        topics: EventTopics,
        source: str,
        representations: Representations,
    ) -> None:
        names = topics.transactions, topics.dead
        super().__init__(connection, "events", names, topics.partition_count)
        self._topics = topics
        self._source = source.encode()
        self._representations = representations

    async def publish(self, partition: int, outcomes: Outcomes) -> None:
        """Tell the outcomes, in their order; all are durable on return."""
        async with self._telling("publishing outcomes") as producer:
            sending = Sending(producer, self._topics.transactions, partition)
            await sending.send(await in_turns(self._record, outcomes.transactions))
            letters = Sending(producer, self._topics.dead, partition)
            await letters.send([dead_letter_record(one) for one in outcomes.dead_letters])

    def _record(self, transaction: Transaction) -> EventRecord:
        return transaction_record(transaction, self._source, self._representations)
