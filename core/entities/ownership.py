"""A worker's hold on a partition."""

from dataclasses import dataclass

from core.entities.chain import Chain


@dataclass(frozen=True, slots=True)
class Ownership:
    """What a worker last knew of its partition's position; the fence compares it at each page."""

    partition: int
    topic_id: str
    epoch: int
    next_offset: int
    published_offset: int
    told_page: int
    condemned_in_a_row: int
    chain: Chain
