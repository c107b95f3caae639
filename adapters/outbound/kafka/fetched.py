"""A record as aiokafka fetched it, and as the core knows it."""

from aiokafka.structs import ConsumerRecord

from adapters.outbound.kafka.times import time_of
from adapters.records import decode
from core.entities.position import Position
from core.entities.record import Record


def to_record(fetched: "ConsumerRecord[bytes, bytes]") -> Record:
    """Decodes what can be decoded; never raises, whatever the bytes."""
    # Kafka knows headers without a value.
    headers = tuple([(name, value or b"") for name, value in fetched.headers])
    return Record(
        Position(fetched.partition, fetched.offset),
        time_of(fetched.timestamp),
        fetched.key,
        fetched.value,
        headers,
        decode(fetched.value, headers),
    )
