"""What is said about a topic in more than one place."""

from typing import Final

CREATED_AGAIN: Final = "the topic was deleted and created again"


def wrong_partition_count(topic: str, configured: int, found: int) -> str:
    """The topic does not fit the settings."""
    return f"topic {topic} has {found} partitions, and {configured} are configured"
