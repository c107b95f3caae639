"""The `counterfoil` command."""

import sys
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

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
    rebuild,
    receipts,
    settings_table,
    signing_key,
    top,
    topics,
    trace,
    verify,
    webhooks,
)
from entrypoints.client import accounts, holds, importing, money, reads, statements
from entrypoints.client import webhooks as webhook_verbs
from entrypoints.client.options import PANEL as CLIENT_PANEL
from entrypoints.process import CannotStartError
from entrypoints.settings import CLIENT_URL

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


@app.command("verify", rich_help_panel=SERVER_PANEL)
def run_verify(
    *,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Decide the whole command log anew, in memory, and compare all that comes of it.",
        ),
    ] = False,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="The ledger's public key, a PEM file or base64: signatures are checked against "
            "it. After the key was rotated, several.",
            metavar="PUBLIC_KEY",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Check that all that is stored adds up and that its chains hold, while posting goes on; exit
    code 1 if anything is off.
    """
    verify.main(keys=key or (), replay=replay, as_json=as_json)


@app.command("rebuild", rich_help_panel=SERVER_PANEL)
def run_rebuild(
    into: Annotated[
        str,
        typer.Option("--into", metavar="DSN", help="An empty database, as its owner."),
    ],
) -> None:
    """Make the books anew in another database, from the command log and the topic of pages.

    Compares them with those of COUNTERFOIL_POSTGRES_DSN; exit code 1 if they differ.
    """
    rebuild.main(into)


@app.command("digest", rich_help_panel=SERVER_PANEL)
def run_digest() -> None:
    """Print a hash of each table: two databases with the same ones are the same books."""
    rebuild.show_digest()


@app.command("signing-key", rich_help_panel=SERVER_PANEL)
def make_signing_key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; not there yet.")],
) -> None:
    """Make a key that the processors sign heads by, and show its public half."""
    signing_key.make(file)


@app.command("verify-receipt", rich_help_panel=CLIENT_PANEL)
def verify_receipt(
    file: Annotated[Path, typer.Argument(help="As GET /transactions/{id}/proof gave it.")],
    key: Annotated[
        list[str],
        typer.Option(
            "--key",
            help="The ledger's public key: a PEM file, or its 32 bytes in base64. After the key "
            "was rotated, several: each --key is trusted.",
            metavar="PUBLIC_KEY",
        ),
    ],
) -> None:
    """Check a receipt with nothing but the ledger's public key; exit code 1 if it proves nothing.

    Example: counterfoil verify-receipt receipt.json --key counterfoil.pem
    """
    receipts.verify(file, key)


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


@app.command("top", rich_help_panel=SERVER_PANEL)
def show_top(
    *,
    apis: Annotated[
        list[str] | None,
        typer.Option(
            "--api", envvar=CLIENT_URL, parser=top.address, metavar="URL", help="Of each API."
        ),
    ] = None,
    processors: Annotated[
        list[str] | None,
        typer.Option(
            "--processor", parser=top.address, metavar="URL", help="Of each processor's health."
        ),
    ] = None,
    webhooks_urls: Annotated[
        list[str] | None,
        typer.Option(
            "--webhooks", parser=top.address, metavar="URL", help="Of the webhooks' health."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--every", min=0.1, max=3_600, help="Seconds from look to look.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="One frame, as plain text.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One frame, as a JSON object.")] = False,
) -> None:
    """Watch the processes that run: what is accepted and posted, what waits, what is wrong.

    Each option may be given several times; without them, the addresses are those of the settings.

    Example: counterfoil top --processor http://10.0.0.5:8081 --processor http://10.0.0.6:8081
    """
    top.show(apis, processors, webhooks_urls, seconds=seconds, once=once, as_json=as_json)


@app.command("trace", rich_help_panel=SERVER_PANEL)
def show_trace(
    wanted: Annotated[
        UUID, typer.Argument(parser=trace.transaction_id, metavar="ID", help="The transaction.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show one transaction's way: accepted, posted, published, told to webhooks, and when.

    Example: counterfoil trace 8ccb3972-ea4a-8a66-9fd0-3b8e3e7866ee
    """
    trace.show(wanted, as_json=as_json)


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
