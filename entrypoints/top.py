"""The operator's live view of the processes that run."""

from collections.abc import Sequence
from typing import Final

import typer

import bootstrap
from entrypoints.process import CannotStartError, run_once
from entrypoints.settings import Settings, SettingsError, load

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where one is to look then)


def address(text: str) -> str:
    """The address of a process. Raises `typer.BadParameter`."""
    try:
        return bootstrap.service_url(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def show(
    apis: Sequence[str] | None,
    processors: Sequence[str] | None,
    webhooks: Sequence[str] | None,
    *,
    seconds: float,
    once: bool,
    as_json: bool,
) -> None:
    """Print figures until Ctrl-C, or once; of what no address is given, those that the settings
    say. Raises `CannotStartError`.
    """
    settings = _settings()
    api = _local(settings.http_host, settings.http_port)
    processor = _local(settings.processor_http_host, settings.processor_http_port)
    telling = _local(settings.webhooks_http_host, settings.webhooks_http_port)
    showing = bootstrap.show_top(
        apis or [api],
        processors or [processor],
        webhooks or [telling],
        seconds=seconds,
        once=once,
        as_json=as_json,
    )
    try:
        run_once(showing)
    except KeyboardInterrupt:
        # The end that whoever watches has in mind.
        return


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as error:
        raise CannotStartError(str(error)) from None


def _local(host: str, port: int) -> str:
    host = _EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
