"""Why the worker pool has to try again."""

from dataclasses import dataclass

from adapters.metrics.catalogue import RetryCause
from adapters.metrics.instruments import PostingMetrics
from core.errors import FencedError, LedgerUnavailableError, UnavailableError


@dataclass(frozen=True, slots=True)
class RetryCounter:
    """Is told of each error that is answered by another attempt."""

    metrics: PostingMetrics

    def __call__(self, error: Exception) -> None:
        """Count it by its cause."""
        self.metrics.retries.labels(_cause(error)).inc()


def _cause(error: Exception) -> RetryCause:
    match error:
        case LedgerUnavailableError():
            return RetryCause.POSTGRES
        case UnavailableError():
            return RetryCause.KAFKA
        case FencedError():
            return RetryCause.FENCED
        case _:
            return RetryCause.BUG
