"""Ids from the system's clock and random source."""

from uuid import UUID

from uuid_utils.compat import uuid7

from core.entities.transaction_id import with_shard


class SystemIds:
    """`Ids` made of time and 62 random bits."""

    def new_transaction_id(self, shard: int) -> UUID:
        """A UUIDv7 that carries `shard`."""
        return with_shard(uuid7(), shard)
