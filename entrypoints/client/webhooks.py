"""`webhook add`, `list`, `show`, `change`, `remove`, `rotate`, `test`, `replay`, `deliveries`."""

from typing import Annotated
from uuid import UUID

import typer

from core.entities.outcome_event import EventType
from core.entities.webhooks.delivery import DeliveryState
from core.entities.webhooks.endpoint import MAX_OVERLAP_SECONDS, EndpointStatus
from entrypoints.client.options import DEFAULT_LIMIT, DEFAULT_URL, All, Json, Limit, Url
from entrypoints.client.running import perform

Endpoint = Annotated[UUID, typer.Argument(metavar="ENDPOINT", help="The endpoint's id.")]
Types = Annotated[
    list[EventType] | None,
    typer.Option("--type", help="Of this type alone; may be repeated. By default all."),
]
Description = Annotated[
    str | None, typer.Option("--description", help="Whose it is.", metavar="TEXT")
]

app = typer.Typer(
    help=(
        "Have addresses told what becomes of commands (Standard Webhooks).\n\n"
        "Example: counterfoil webhook add https://example.com/counterfoil"
    ),
    no_args_is_help=True,
)


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An https address.")],
    *,
    event_type: Types = None,
    description: Description = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Have an address told of everything that is decided from now on; its secret is shown once.

    Example: counterfoil webhook add https://example.com/counterfoil
    """
    types = [one.value for one in event_type] if event_type else None
    perform(url, as_json, lambda client: client.webhooks.add(address, description, types))


@app.command("list")
def list_endpoints(url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """List all endpoints, and whether they are called.

    Example: counterfoil webhook list
    """
    perform(url, as_json, lambda client: client.webhooks.list())


@app.command("show")
def show(endpoint: Endpoint, url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """Show an endpoint.

    Example: counterfoil webhook show 01a20697-bf10-7a66-98df-82d7a32740d9
    """
    perform(url, as_json, lambda client: client.webhooks.show(str(endpoint)))


@app.command("change")
def change(
    endpoint: Endpoint,
    *,
    address: Annotated[
        str | None, typer.Option("--address", help="Another one.", metavar="ADDRESS")
    ] = None,
    event_type: Types = None,
    description: Description = None,
    status: Annotated[
        EndpointStatus | None,
        typer.Option("--status", help="Enabled, it is told at once of all that waits."),
    ] = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Change an endpoint; what is not given stays.

    Example: counterfoil webhook change 01a20697-bf10-7a66-98df-82d7a32740d9 --status enabled
    """
    changes = {
        "url": address,
        "description": description,
        "event_types": [one.value for one in event_type] if event_type else None,
        "status": None if status is None else status.value,
    }
    if all(one is None for one in changes.values()):
        raise typer.BadParameter(
            "nothing to change: give --address, --type, --description or --status"
        )
    perform(url, as_json, lambda client: client.webhooks.change(str(endpoint), changes))


@app.command("remove")
def remove(endpoint: Endpoint, url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """Forget an endpoint, and all that waits for it.

    Example: counterfoil webhook remove 01a20697-bf10-7a66-98df-82d7a32740d9
    """
    perform(url, as_json, lambda client: client.webhooks.remove(str(endpoint)))


@app.command("rotate")
def rotate(
    endpoint: Endpoint,
    *,
    overlap: Annotated[
        int | None,
        typer.Option(
            "--overlap",
            min=0,
            max=MAX_OVERLAP_SECONDS,
            help="Seconds that the old secret signs as well; by default a day.",
            metavar="SECONDS",
        ),
    ] = None,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Give an endpoint a new secret; it is shown once.

    Example: counterfoil webhook rotate 01a20697-bf10-7a66-98df-82d7a32740d9 --overlap 3600
    """
    perform(url, as_json, lambda client: client.webhooks.rotate(str(endpoint), overlap))


@app.command("test")
def call(endpoint: Endpoint, url: Url = DEFAULT_URL, as_json: Json = False) -> None:
    """Call an endpoint with an event that is none.

    Example: counterfoil webhook test 01a20697-bf10-7a66-98df-82d7a32740d9
    """
    perform(url, as_json, lambda client: client.webhooks.test(str(endpoint)))


@app.command("replay")
def replay(
    endpoint: Endpoint,
    *,
    event: Annotated[
        UUID, typer.Option("--from", help="The event: its transaction's id.", metavar="EVENT")
    ],
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """Tell an endpoint again: of an event, and of everything that was accepted since then.

    Example: counterfoil webhook replay 01a20697-bf10-7a66-98df-82d7a32740d9
    --from 8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee
    """
    perform(url, as_json, lambda client: client.webhooks.replay(str(endpoint), str(event)))


@app.command("deliveries")
def deliveries(
    endpoint: Endpoint,
    *,
    event: Annotated[
        UUID | None,
        typer.Option("--event", help="This one alone, with every call.", metavar="EVENT"),
    ] = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="In this state alone.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all_: All = False,
    url: Url = DEFAULT_URL,
    as_json: Json = False,
) -> None:
    """List what an endpoint was told, the newest first, and what waits for it.

    Example: counterfoil webhook deliveries 01a20697-bf10-7a66-98df-82d7a32740d9 --state failed
    """
    if event is not None:
        perform(url, as_json, lambda client: client.webhooks.delivery(str(endpoint), str(event)))
        return
    wanted, most = None if state is None else state.value, None if all_ else limit
    perform(url, as_json, lambda client: client.webhooks.deliveries(str(endpoint), wanted, most))
