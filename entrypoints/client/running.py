"""How a verb is carried out: settings of a client, an event loop, an exit code."""

import asyncio

import stamina.instrumentation
import typer

import bootstrap
from bootstrap import ClientWork


def perform(url: str, as_json: bool, work: ClientWork) -> None:
    """Do `work` with a client of the service at `url`. Raises `typer.Exit` unless it was done."""
    # Stamina would announce each retry on standard output, in the midst of JSON.
    stamina.instrumentation.set_on_retry_hooks([])
    try:
        address = bootstrap.service_url(url)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    code = asyncio.run(bootstrap.operate(address, as_json=as_json, work=work))
    if code:
        raise typer.Exit(code)
