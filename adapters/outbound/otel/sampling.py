"""Which spans are recorded."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.span import TraceState
from opentelemetry.util.types import Attributes


def sampler_of(ratio: float) -> Sampler:
    """Whoever has begun a trace decides for all of it; of those that begin here, `ratio` are
    recorded, and each that is linked to a recorded one.
    """
    return ParentBased(root=_Linked(TraceIdRatioBased(ratio)))


class _Linked(Sampler):
    """Were pages left to chance, most of them would be missing from the traces of their records."""

    def __init__(self, unlinked: Sampler) -> None:
        self._unlinked = unlinked

    def should_sample(  # noqa: PLR0917 (the SDK calls it so)
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """As `Sampler` promises."""
        is_linked = any(one.context.trace_flags.sampled for one in links or ())
        sampler = ALWAYS_ON if is_linked else self._unlinked
        return sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """As `Sampler` promises."""
        return f"Linked({self._unlinked.get_description()})"
