"""How far a stream of events has come: what a client brings back to miss nothing."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from core.entities.outcome_event import FeedPlace

_FORMAT: Final = 1
_DIGEST_BYTES: Final = 6
_MAX_OFFSET: Final = 2**63 - 1
_MAX_PARTITIONS: Final = 4_096
MAX_CHARACTERS_PER_PARTITION: Final = 12
"""Of a written bookmark, at most: nine bytes of an offset in base64."""
MEANINGLESS: Final = "must be the id of an event of this stream"


class FeedBookmark(NamedTuple):
    """The next offset of every partition of one topic.

    Written, it is opaque, and as short as can be: the lowest offset, and how far each partition is
    beyond it.
    """

    topic_digest: bytes
    next_offsets: tuple[int, ...]

    def __str__(self) -> str:
        lowest = min(self.next_offsets)
        numbers = (lowest, *(offset - lowest for offset in self.next_offsets))
        written = b"".join(map(_written, numbers))
        packed = bytes((_FORMAT,)) + self.topic_digest + written
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "FeedBookmark":
        """The bookmark written in `text`. Raises `ValueError` if it is none."""
        bookmark = cls._read(text)
        # What is written otherwise was not written by us.
        if str(bookmark) != text:
            raise ValueError(MEANINGLESS)
        return bookmark

    @classmethod
    def _read(cls, text: str) -> "FeedBookmark":
        if len(text) > MAX_CHARACTERS_PER_PARTITION * (_MAX_PARTITIONS + 2):
            raise ValueError(MEANINGLESS)
        try:
            padded = text + "=" * (-len(text) % 4)
            packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(MEANINGLESS) from None
        head, digest = packed[:1], packed[1 : 1 + _DIGEST_BYTES]
        lowest, *beyond = _numbers(packed[1 + _DIGEST_BYTES :]) or (0,)
        offsets = tuple(lowest + distance for distance in beyond)
        if head != bytes((_FORMAT,)) or not 1 <= len(offsets) <= _MAX_PARTITIONS:
            raise ValueError(MEANINGLESS)
        if max(offsets) > _MAX_OFFSET:
            raise ValueError(MEANINGLESS)
        return cls(digest, offsets)


class FeedPlaces:
    """The next offset of every partition, while events are passed."""

    def __init__(self, topic_digest: bytes, next_offsets: Sequence[int]) -> None:
        self._topic_digest = topic_digest
        self._next_offsets = list(next_offsets)
        self._bookmark: FeedBookmark | None = None

    @property
    def bookmark(self) -> FeedBookmark:
        """Where they stand now."""
        if self._bookmark is None:
            self._bookmark = FeedBookmark(self._topic_digest, tuple(self._next_offsets))
        return self._bookmark

    def is_before(self, place: FeedPlace) -> bool:
        """Whether the event at `place` is still to come."""
        return place.offset >= self._next_offsets[place.partition]

    def move_past(self, place: FeedPlace) -> None:
        """The event at `place` has come."""
        self._next_offsets[place.partition] = place.offset + 1
        self._bookmark = None


def digest_of_topic(topic_id: str) -> bytes:
    """What a bookmark keeps of the topic's id: enough to notice another topic."""
    return hashlib.sha256(topic_id.encode()).digest()[:_DIGEST_BYTES]


def _written(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all bytes but the last have their highest bit set."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _numbers(written: bytes) -> Sequence[int]:
    return [*_read_numbers(written)]


def _read_numbers(written: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in written:
        number |= (byte & 0x7F) << shift
        shift += 7
        if number > _MAX_OFFSET:
            raise ValueError(MEANINGLESS)
        if byte <= 0x7F:
            yield number
            number = shift = 0
    if shift:
        raise ValueError(MEANINGLESS)
