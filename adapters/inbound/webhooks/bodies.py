"""What endpoints are told: made from the ledger, whose history does not change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from adapters.representations import Json, Representations, time_text
from core.entities.transaction import Transaction
from core.entities.webhooks.delivery import TEST_TYPE, Delivery
from core.ports.ledger_reader import LedgerReader

_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class WebhookBodies:
    """Renders deliveries by Standard Webhooks: `type`, `timestamp`, `data`."""

    reader: LedgerReader
    representations: Representations

    async def __call__(self, deliveries: Sequence[Delivery]) -> Mapping[UUID, bytes]:
        """The body of each, by event id; without those that the ledger does not know.

        Raises `LedgerUnavailableError`.
        """
        ids = [one.event_id for one in deliveries if one.type != TEST_TYPE]
        known = await self.reader.transactions(ids) if ids else {}
        bodies: dict[UUID, bytes] = {}
        for one in deliveries:
            if one.type == TEST_TYPE:
                bodies[one.event_id] = _test_body(one)
            elif (transaction := known.get(one.event_id)) is not None:
                bodies[one.event_id] = self._body(one, transaction)
        return bodies

    def _body(self, delivery: Delivery, transaction: Transaction) -> bytes:
        data = self.representations.transaction(transaction)
        return _encoded(delivery.type, time_text(transaction.posted_at), data)


def _test_body(delivery: Delivery) -> bytes:
    data: dict[str, Any] = {"endpoint_id": str(delivery.endpoint_id)}
    return _encoded(delivery.type, time_text(delivery.created_at), data)


def _encoded(event_type: str, timestamp: str, data: Json) -> bytes:
    return _encoder.encode({"type": event_type, "timestamp": timestamp, "data": data})
