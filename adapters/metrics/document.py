"""The catalogue as a page of documentation."""

from collections.abc import Iterable, Iterator
from typing import Final

from adapters.metrics.spec import API, BOTH, PROCESSOR, WEBHOOKS, Label, Spec

_TITLES: Final = {
    BOTH: "API, processor and webhooks",
    API: "API",
    PROCESSOR: "Processor",
    WEBHOOKS: "Webhooks",
}
_HEAD: Final = """\
# Metrics

What `GET /metrics` tells, in the text format of Prometheus; `counterfoil metrics` prints this page.
A histogram has `_bucket`, `_sum` and `_count`. Every label has a closed set of values. Beside these
there are `process_...` and `python_info`. What to watch, and what to do about it:
[operations.md](operations.md).
"""
_COLUMNS: Final = "| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|"


def metrics_document(catalogue: Iterable[Spec]) -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *_tables(list(catalogue))])


def _tables(specs: list[Spec]) -> Iterator[str]:
    for process, title in _TITLES.items():
        yield f"## {title}\n\n{_COLUMNS}"
        yield from (_row(spec) for spec in specs if spec.process == process)
        yield ""


def _row(spec: Spec) -> str:
    labels = "; ".join(map(_label, spec.labels))
    return f"| `{spec.name}` | {spec.kind} | {spec.unit} | {labels} | {spec.meaning} |"


def _label(label: Label) -> str:
    values = ", ".join(f"`{value}`" for value in label.values)
    return f"`{label.name}`: {values or label.meaning}"
