"""New identities."""

from typing import Protocol
from uuid import UUID


class Ids(Protocol):
    """Makes ids that were never made before, by this or any other process."""

    def new_transaction_id(self, shard: int) -> UUID:
        """A UUIDv7 that carries `shard` (see `core.entities.transaction_id`)."""
        ...
