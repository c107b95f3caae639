"""What is known of the books' integrity."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adapters.schemas.fields import Time, TransactionId
from core.entities.finding import Figure


class Finding(Struct, kw_only=True):
    """A figure that is not what the others say it must be, and where."""

    figure: Annotated[Figure, Meta(description="What is off.")]
    due: Annotated[str | None, Meta(description="What it must be; null is nothing at all.")]
    found: Annotated[str | None, Meta(description="What it is.")]
    user_id: Annotated[
        str | None, Meta(description="Of the account; `@settlement:` and a number is the house.")
    ]
    currency: str | None
    sequence: Annotated[int | None, Meta(description="Of the entry.")]
    transaction_id: TransactionId | None
    page_number: Annotated[int | None, Meta(description="Of the page that wrote it.")]


class PartitionIntegrity(Struct, kw_only=True):
    """What is known of a partition's accounts and holds."""

    partition: int
    begun_at: Annotated[Time, Meta(description="When the check at work began.")]
    finished_at: Annotated[
        Time | None, Meta(description="When the last whole check ended; null before the first.")
    ]
    checked_at: Annotated[Time, Meta(description="When something was checked last.")]
    accounts: Annotated[int, Meta(description="Checked by the last whole check.")]
    entries: int
    holds: int
    findings: list[Finding]


class Integrity(Struct, kw_only=True):
    """What the check of the books in the background has found."""

    status: Annotated[
        Literal["ok", "broken", "unknown"],
        Meta(
            description="`broken` if anything is off; `unknown` while not all of the books were "
            "checked, or nobody checks them."
        ),
    ]
    partitions: list[PartitionIntegrity]
