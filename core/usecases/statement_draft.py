"""What a client asked of a statement."""

from dataclasses import dataclass
from datetime import datetime

from core.entities.statement import StatementOrder
from core.usecases.checks import DEFAULT_LIST_LIMIT


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """A statement query as written: times are parsed (aware), the other texts are not checked."""

    user_id: str
    currency: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None
    order: StatementOrder = StatementOrder.DESCENDING
    limit: int = DEFAULT_LIST_LIMIT
    cursor: str | None = None
    position: str | None = None
