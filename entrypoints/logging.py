"""structlog for every process: JSON for machines, colours for people."""

import logging
import sys
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
import stamina.instrumentation
import structlog

# Without local variables: they hold amounts, users and, on a bad day, secrets.
_tracebacks: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure(
    log_format: Literal["json", "console"] | None,
    level: str,
    further: Sequence[structlog.typing.Processor] = (),
) -> None:
    """Log to standard error from `level` on; by default JSON unless that is a terminal. `further`
    adds to each event.
    """
    as_json = log_format == "json" or (log_format is None and not sys.stderr.isatty())
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *further,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *_renderers(as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _bring_in_foreign_logs(as_json, max(threshold, logging.WARNING))
    stamina.instrumentation.set_on_retry_hooks([_log_retry])


def _renderers(as_json: bool) -> list[structlog.typing.Processor]:
    if as_json:
        return [_tracebacks, structlog.processors.JSONRenderer(serializer=_json)]
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _json(event: object, **_: object) -> str:
    """Half the time of the standard library's: a log line is among a request's dearest parts."""
    return msgspec.json.encode(event, enc_hook=repr).decode()


def _bring_in_foreign_logs(as_json: bool, threshold: int) -> None:
    """Libraries log by the standard library; the same processors render what they say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    # It writes several lines a second while Kafka is away; ours say so once a try.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def _log_retry(details: stamina.instrumentation.RetryDetails) -> None:
    # Stamina's own hook would write the arguments down, which here are whole pages of records.
    structlog.get_logger("retry").warning(
        "retry_scheduled",
        attempt=details.retry_num,
        reason=str(details.caused_by),
        wait_seconds=round(details.wait_for, 2),
    )
