"""What the product logs, as the simulation hears it: errors only."""

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, NoReturn

import stamina.instrumentation
import structlog

Hear = Callable[[str, str], None]


@contextmanager
def library_logs(hear: Hear) -> Iterator[None]:
    """Meanwhile nothing is written anywhere; `hear` is told each error's event and details."""

    def processor(_: object, __: str, event: MutableMapping[str, Any]) -> NoReturn:
        details = {name: repr(value) for name, value in event.items() if name != "event"}
        hear(str(event["event"]), str(details))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, processor],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )
    stamina.instrumentation.set_on_retry_hooks([])
    try:
        yield
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
        structlog.configure(**before)
