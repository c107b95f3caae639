"""The operator's view of what was told."""

import bootstrap
from core.refusals import InvalidFieldError
from entrypoints import logging
from entrypoints.process import CannotStartError, configured, run_once
from entrypoints.settings import Profile

LOG_LEVEL = "warning"


def show(*, since: str | None, last: int, user_id: str | None, follow: bool, as_json: bool) -> None:
    """Print events until there are no more, or until Ctrl-C. Raises `CannotStartError`."""
    settings, container = configured()
    if settings.profile is Profile.MEMORY:
        raise CannotStartError("memory keeps no topic: its events can be followed at GET /events")
    # Somebody reads what is printed: that a connection was made is no news to them.
    logging.configure(settings.log_format, LOG_LEVEL)
    showing = bootstrap.show_events(
        container, as_json=as_json, since=since, last=last, user_id=user_id, follow=follow
    )
    try:
        run_once(showing)
    except InvalidFieldError as error:
        raise CannotStartError(str(error)) from None
    except KeyboardInterrupt:
        # The end that whoever follows has in mind.
        return
