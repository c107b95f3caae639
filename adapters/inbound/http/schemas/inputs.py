"""Fields that clients write: more ways of saying a thing than they are answered in."""

from typing import Annotated, Any, Final

from msgspec import Meta

from core.entities.command import MAX_IDEMPOTENCY_KEY_CHARACTERS
from core.entities.hold import MAX_HOLD_SECONDS
from core.entities.money import MAX_AMOUNT_CHARACTERS

_NUMBER: Final = {
    "type": ["string", "number"],
    "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$",
    "maxLength": MAX_AMOUNT_CHARACTERS,
}
_OR_NULL: Final = {"type": ["string", "number", "null"]}
_AMOUNT: Final = (
    "Read digit by digit, never as a float: `100.5`, `100.50` and `1.005e2` are one amount. No "
    "more decimals than the currency has."
)

AmountInput = Annotated[
    Any,
    Meta(
        description=_AMOUNT,
        examples=["100.50"],
        extra_json_schema=_NUMBER | {"exclusiveMinimum": 0},
    ),
]
OptionalAmountInput = Annotated[
    Any,
    Meta(
        description=f"{_AMOUNT} All that is left, unless it says less.",
        examples=["10"],
        extra_json_schema=_NUMBER | _OR_NULL | {"exclusiveMinimum": 0},
    ),
]
OptionalLimitInput = Annotated[
    Any,
    Meta(
        description="How far below zero the balance may go.",
        examples=["50.00"],
        extra_json_schema=_NUMBER | _OR_NULL | {"minimum": 0},
    ),
]
OptionalSecondsInput = Annotated[
    Any,
    Meta(
        description="Whole seconds from the log's time of the command.",
        examples=[600],
        extra_json_schema={
            "type": ["integer", "string", "null"],
            "minimum": 1,
            "maximum": MAX_HOLD_SECONDS,
            "pattern": "^[0-9]{1,10}$",
        },
    ),
]
IdempotencyKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_IDEMPOTENCY_KEY_CHARACTERS,
        pattern=r"^[\x21-\x7e]+$",
        examples=["order-17"],
    ),
]
