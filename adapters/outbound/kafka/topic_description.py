"""What a broker tells of a topic: its id, and who leads its partitions.

aiokafka speaks Metadata up to version 5; topic ids came with version 10 (Kafka 2.8).
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NodeNotReadyError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_METADATA: Final = 3
_VERSION: Final = 10
_NO_ERROR: Final = 0


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """The id of a topic, and for each partition the number of its leading broker (−1: none)."""

    topic_id: str
    leaders: dict[int, int]


async def describe_topic(client: AIOKafkaClient, topic: str) -> TopicDescription:
    """Ask any broker that `client` knows. Raises aiokafka's errors."""
    node_id = client.get_random_node()
    if node_id is None:
        raise NodeNotReadyError
    response = await client.send(node_id, _MetadataRequest(topic))
    error_code, _, topic_id, _, partitions, *_ = response.topics[0]
    if error_code != _NO_ERROR:
        raise for_code(error_code)(topic)
    return TopicDescription(
        topic_id=str(topic_id),
        leaders={partition: leader for _, partition, leader, *_ in partitions},
    )


class _Uuid(AbstractType):  # type: ignore[misc]
    """Sixteen bytes. aiokafka has no such type."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


_TEXT: Final = CompactString("utf-8")
_TAGS: Final = ("tags", TaggedFields)


class _MetadataResponse(Response):  # type: ignore[misc]
    API_KEY = _METADATA
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT), _TAGS
            ),
        ),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", _TEXT),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        _TAGS,
                    ),
                ),
                ("authorized_operations", Int32),
                _TAGS,
            ),
        ),
        ("cluster_authorized_operations", Int32),
        _TAGS,
    )


class _MetadataRequestStruct(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = _METADATA
    API_VERSION = _VERSION
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _TEXT), _TAGS)),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        _TAGS,
    )


class _MetadataRequest(Request[_MetadataRequestStruct]):  # type: ignore[misc]
    API_KEY = _METADATA

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[_MetadataRequestStruct]) -> _MetadataRequestStruct:
        no_tags: dict[int, bytes] = {}
        by_name = (UUID(int=0), self._topic, no_tags)
        return request_struct_class([by_name], False, False, False, no_tags)
