"""The AsyncAPI 3.0 document, made from what is written and told."""

from typing import Any, Final

import msgspec

from adapters.asyncapi import topics, webhooks
from adapters.asyncapi.parts import JSON
from adapters.page_records import PageRecord
from adapters.records import CommandRecord
from adapters.representations import Json
from adapters.schemas.fields import PositionText, TransactionId
from adapters.schemas.proofs import SignedHead
from adapters.schemas.transactions import PostedTransaction, RejectedTransaction
from adapters.webhook_calls import SHAPES

DOCUMENT_VERSION: Final = "0.1.0"
_SCHEMAS: Final = "#/components/schemas/"
_DESCRIPTION: Final = (
    "Commands go into one topic; what became of them is told in another one, at least once and in "
    "the order of the commands' positions, partition by partition. Whoever reads drops a `ce_id` "
    "that it has seen; what it keeps has each account's entries under a `sequence` without gaps. "
    "Commands come from Counterfoil alone: whoever wants to move money asks the HTTP API. Webhooks "
    "tell the same events to whom the API was asked to call."
)


def asyncapi_document(commands: str, transactions: str, dead: str, pages: str) -> Json:
    """The document of a deployment whose topics are named so."""
    own = (
        *(CommandRecord, PostedTransaction, RejectedTransaction, PageRecord, SignedHead),
        *(TransactionId, PositionText),
    )
    described, components = msgspec.json.schema_components(
        (*own, *SHAPES), ref_template=f"{_SCHEMAS}{{name}}"
    )
    command, posted, rejected, page, signed_head, transaction_id, position, *calls = described
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Counterfoil's topics and webhooks",
            "version": DOCUMENT_VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "channels": {**topics.channels(commands, transactions, dead, pages), **webhooks.CHANNELS},
        "operations": {**topics.OPERATIONS, **webhooks.OPERATIONS},
        "components": {
            "messages": {
                **topics.messages(
                    command, (posted, rejected), (page, signed_head), transaction_id, position
                ),
                **webhooks.messages(dict(zip(SHAPES, calls, strict=True)), transaction_id),
            },
            "schemas": _without_discriminators(components),
        },
    }


def _without_discriminators(schema: Any) -> Any:  # noqa: ANN401 (any part of a schema)
    """The same for AsyncAPI, whose discriminator is another thing than OpenAPI's."""
    if isinstance(schema, list):
        return [_without_discriminators(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_discriminators(one)
        for name, one in schema.items()
        if not (name == "discriminator" and isinstance(one, dict) and "propertyName" in one)
    }
