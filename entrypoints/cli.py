"""The `counterfoil` command."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from entrypoints import (
    api,
    asyncapi,
    dead,
    demo,
    event_schemas,
    events,
    lag,
    metrics_table,
    migrate,
    partitions,
    processor,
    settings_table,
    topics,
    webhooks,
)
from entrypoints.client import accounts, holds, importing, money, reads, statements
from entrypoints.client import webhooks as webhook_verbs
from entrypoints.client.options import PANEL as CLIENT_PANEL
from entrypoints.process import CannotStartError

SERVER_PANEL: Final = "Run Counterfoil"

app = typer.Typer(
    name="counterfoil",
    help=(
        "Counterfoil moves money: HTTP in, Kafka as the command log, PostgreSQL as the books.\n\n"
        "A first look: `counterfoil demo`. In production: `counterfoil migrate` and "
        "`counterfoil topics` once per release, then as many `counterfoil api`, `counterfoil "
        "processor` and `counterfoil webhooks` as needed. All settings are environment variables: "
        "`counterfoil settings`.\n\n"
        "Then, against the service that runs (--url, COUNTERFOIL_URL): `counterfoil deposit alice "
        "100.50`, `counterfoil balance alice`."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
partitions_app = typer.Typer(
    help="Show where posting stands in each partition, and end a halt.",
    invoke_without_command=True,
)
app.add_typer(partitions_app, name="partitions", rich_help_panel=SERVER_PANEL)
app.add_typer(dead.app, name="dead", rich_help_panel=SERVER_PANEL)


@app.command("api", rich_help_panel=SERVER_PANEL)
def run_api() -> None:
    """Serve the HTTP API: accept commands into the log, read the books."""
    api.main()


@app.command("processor", rich_help_panel=SERVER_PANEL)
def run_processor() -> None:
    """Post the command log: one worker per partition that this process is given."""
    processor.main()


@app.command("webhooks", rich_help_panel=SERVER_PANEL)
def run_webhooks() -> None:
    """Tell webhook endpoints what becomes of commands: sign, call, try again."""
    webhooks.main()


@app.command("demo", rich_help_panel=SERVER_PANEL)
def run_demo() -> None:
    """Serve everything from memory, in one process; nothing is kept."""
    demo.main()


@app.command("migrate", rich_help_panel=SERVER_PANEL)
def run_migrate() -> None:
    """Bring the database's tables up to this version, as the owner of the database."""
    migrate.main()


@app.command("topics", rich_help_panel=SERVER_PANEL)
def run_topics() -> None:
    """Create the topics in Kafka that do not exist yet, and show those that do."""
    topics.main()


@app.command("settings", rich_help_panel=SERVER_PANEL)
def show_settings() -> None:
    """List every setting: its variable, its default, what it means."""
    settings_table.main()


@app.command("metrics", rich_help_panel=SERVER_PANEL)
def show_metrics() -> None:
    """List every metric: its name, its labels, what it means."""
    metrics_table.main()


@app.command("asyncapi", rich_help_panel=SERVER_PANEL)
def show_asyncapi() -> None:
    """Describe the topics and the calls of webhooks, as an AsyncAPI document."""
    asyncapi.main()


@app.command("schemas", rich_help_panel=SERVER_PANEL)
def write_schemas(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
) -> None:
    """Write the JSON Schemas of outcome events, a file for each type."""
    event_schemas.write(folder)


@app.command("lag", rich_help_panel=SERVER_PANEL)
def show_lag(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Show how many records wait to be posted, and since when, partition by partition."""
    lag.show(as_json=as_json)


@app.command("events", rich_help_panel=SERVER_PANEL)
def show_events(
    *,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is told, until Ctrl-C.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="`beginning`, or partition and offset of the topic, such as 3:1200: that "
            "partition from there on.",
            metavar="WHERE",
        ),
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, help="So many, without --from.")] = 20,
    user_id: Annotated[
        str | None, typer.Option("--user", help="About this user alone.", metavar="USER_ID")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, a line for each.")] = False,
) -> None:
    """Show what became of commands, as the topic of transactions tells it.

    Example: counterfoil events --user alice --follow
    """
    events.show(since=since, last=last, user_id=user_id, follow=follow, as_json=as_json)


@partitions_app.callback()
def list_partitions(context: typer.Context) -> None:
    """Show each partition: how far it is posted, and why it is halted if it is."""
    if context.invoked_subcommand is None:
        partitions.list_states()


@partitions_app.command("resume")
def resume_partition(
    partition: Annotated[int, typer.Argument(min=0, help="The halted partition.")],
    at: Annotated[int, typer.Option("--at", min=0, help="The offset to go on from.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the books.")],
) -> None:
    """End a halt: post on from an offset. Records before it are never posted: look first."""
    partitions.resume(partition, at, reason)


for verbs in (money, reads, statements, importing):
    app.add_typer(verbs.app)
app.add_typer(holds.app, name="hold", rich_help_panel=CLIENT_PANEL)
app.add_typer(accounts.app, name="account", rich_help_panel=CLIENT_PANEL)
app.add_typer(webhook_verbs.app, name="webhook", rich_help_panel=CLIENT_PANEL)


def main() -> None:
    """Run the command line; a sentence and exit code 1 where it cannot do its work."""
    try:
        app()
    except CannotStartError as error:
        print(f"counterfoil: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
