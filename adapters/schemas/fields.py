"""The kinds of text and numbers that fields hold, as msgspec describes them in JSON Schema."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from core.entities.account import MAX_USER_ID_CHARACTERS
from core.entities.command import (
    MAX_METADATA_NAME_CHARACTERS,
    MAX_METADATA_PAIRS,
    MAX_METADATA_VALUE_CHARACTERS,
    MAX_REFERENCE_CHARACTERS,
)

EXAMPLE_ID: Final = "01a20697-bf10-7a66-98df-82d7a32740d9"
EXAMPLE_TIME: Final = "2026-01-31T12:00:00.000000Z"

AmountText = Annotated[
    str,
    Meta(
        pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
        description="A decimal number with all of its currency's decimals.",
        examples=["100.50"],
    ),
]
CurrencyCode = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{3}$",
        description="An upper-case ISO 4217 code with minor units.",
        examples=["USD"],
    ),
]
UserId = Annotated[
    str,
    Meta(
        pattern=rf"^[A-Za-z0-9][A-Za-z0-9._:@+-]{{0,{MAX_USER_ID_CHARACTERS - 1}}}$",
        examples=["123"],
    ),
]
TransactionId = Annotated[
    UUID, Meta(description="The id of a transaction (RFC 9562).", examples=[EXAMPLE_ID])
]
HoldId = Annotated[
    UUID,
    Meta(description="The id of a hold: of the transaction that placed it.", examples=[EXAMPLE_ID]),
]
EndpointId = Annotated[
    UUID, Meta(description="The id of a webhook endpoint (RFC 9562).", examples=[EXAMPLE_ID])
]
PositionText = Annotated[
    str,
    Meta(
        pattern="^[0-9]{1,5}:[0-9]{1,18}$",
        description="A place in the command log: partition and offset.",
        examples=["6:0"],
    ),
]
Time = Annotated[datetime, Meta(tz=True, description="RFC 3339, in UTC.", examples=[EXAMPLE_TIME])]
Reference = Annotated[
    str, Meta(min_length=1, max_length=MAX_REFERENCE_CHARACTERS, examples=["order 17"])
]
Metadata = Annotated[
    Mapping[
        Annotated[str, Meta(min_length=1, max_length=MAX_METADATA_NAME_CHARACTERS)],
        Annotated[str, Meta(max_length=MAX_METADATA_VALUE_CHARACTERS)],
    ],
    Meta(
        max_length=MAX_METADATA_PAIRS,
        description="Pairs of strings, kept and given back.",
        examples=[{"channel": "web"}],
    ),
]
Sequence = Annotated[
    int, Meta(ge=0, description="Counts an account's entries from 1, gap-free; 0 without any.")
]
