"""Signed heads and proofs of transactions as they are shown, and as proofs are read again."""

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from adapters.schemas.fields import EXAMPLE_TIME, PositionText

MAX_MINOR_UNITS_CHARACTERS: Final = 40
"""Of 128 bits."""
_MAX_UNSIGNED: Final = (1 << 63) - 1
_HEX: Final = "0123456789abcdef"

Digest = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256, in hexadecimal.",
        examples=[_HEX * 4],
    ),
]
Salt = Annotated[
    str,
    Meta(pattern="^[0-9a-f]{32}$", description="16 bytes, in hexadecimal.", examples=[_HEX * 2]),
]
Signature = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{128}$",
        description="Ed25519 (RFC 8032), in hexadecimal.",
        examples=[_HEX * 8],
    ),
]
KeyId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{16}$",
        description="The first 16 hexadecimal digits of SHA-256 of the public key's 32 bytes.",
        examples=[_HEX],
    ),
]
ExactTime = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
        description="RFC 3339, in UTC, with microseconds.",
        examples=[EXAMPLE_TIME],
    ),
]
MinorUnits = Annotated[
    str,
    Meta(
        pattern="^-?[0-9]+$",
        max_length=MAX_MINOR_UNITS_CHARACTERS,
        description="A whole number of the currency's minor units.",
        examples=["10050"],
    ),
]
Number = Annotated[int, Meta(ge=0, le=_MAX_UNSIGNED)]
SmallNumber = Annotated[int, Meta(ge=0, le=0xFFFF)]
Exponent = Annotated[
    int, Meta(ge=0, le=254, description="The currency's number of decimals.", examples=[2])
]


class SignedHead(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a partition's chain stood after a page, signed: nothing before can be changed since."""

    ledger: Annotated[str, Meta(description="Which ledger it is.", examples=["counterfoil"])]
    partition: SmallNumber
    page_number: Number
    next_offset: Annotated[
        int,
        Meta(ge=0, le=_MAX_UNSIGNED, description="Of the first record that is not in the chain."),
    ]
    head: Digest
    signed_at: ExactTime
    key_id: KeyId
    signature: Signature


class SignedHeads(Struct, kw_only=True):
    """The newest of each partition that has one."""

    heads: list[SignedHead]


class ProvenMoney(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the transaction moved, held or freed, or what it named."""

    minor_units: MinorUnits
    currency: str
    exponent: Exponent


class ProvenRejection(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why it changed nothing."""

    code: str
    currency: str | None
    figures: dict[str, MinorUnits]
    facts: dict[str, str]


class ProvenTransaction(Struct, kw_only=True, forbid_unknown_fields=True):
    """All that the transaction's canonical bytes say, beside the number of its entries."""

    transaction_id: UUID
    type: str
    order: Annotated[
        list[str | None], Meta(description="What was asked for, as docs/proofs.md lists it.")
    ]
    money: ProvenMoney | None
    reference: str | None
    metadata: dict[str, str] | None
    client: str
    idempotency_key: str | None
    request_id: str
    fingerprint: Digest
    position: PositionText
    accepted_at: ExactTime
    posted_at: ExactTime
    hold_user_id: str | None
    rejection: ProvenRejection | None


class HiddenEntry(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="hidden"):
    """An entry that is not to be seen: its digest tells nothing without its salt."""

    digest: Digest


class ShownEntry(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="shown"):
    """An entry of the user whom the proof is for."""

    salt: Salt
    shard: SmallNumber
    user_id: str
    currency: str
    sequence: Number
    minor_units: MinorUnits
    balance_after: MinorUnits
    posted_at: ExactTime


class ProofFile(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file that proves a transaction to whoever has the ledger's public key."""

    receipt: Annotated[Literal[1], Meta(description="The version of this form.")]
    transaction: ProvenTransaction
    salt: Salt
    entries: list[ShownEntry | HiddenEntry]
    head_before: Annotated[
        str, Meta(pattern="^[0-9a-f]{64}$", description="The chain before `leaves_before`.")
    ]
    leaves_before: list[Digest]
    leaves_after: list[Digest]
    signed_head: SignedHead
