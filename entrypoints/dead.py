"""`dead list | show | requeue | discard`: what could not be read or applied, and what to do."""

from typing import Annotated, Final

import stamina.instrumentation
import typer

import bootstrap
from bootstrap import DeadLetterWork
from core.entities.dead_letter import DeadLetterReason, LetterFilter
from entrypoints import logging
from entrypoints.process import configured, run_once

DEFAULT_LIMIT: Final = 50
LOG_LEVEL: Final = "warning"

app = typer.Typer(
    help="Dead letters, which no code could read or apply: look at them, and decide.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, a line for each.")]
Reason = Annotated[
    DeadLetterReason | None, typer.Option("--reason-code", help="Condemned for this alone.")
]
Name = Annotated[
    str, typer.Argument(metavar="POSITION", help="Where it lies, such as 3:1234, or its id.")
]
Names = Annotated[
    list[str], typer.Argument(metavar="POSITION...", help="Where they lie, or their ids.")
]


@app.command("list")
def list_letters(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
    reason: Reason = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many at most.", metavar="N")
    ] = DEFAULT_LIMIT,
    as_json: Json = False,
) -> None:
    """List dead letters that wait for an operator, the oldest first."""
    wanted = LetterFilter(only_held=not all_, reason=reason)
    _perform(as_json, lambda verbs: verbs.list(wanted, limit), decides=False)


@app.command("show")
def show(
    name: Name,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Only the value, byte for byte.")] = False,
    as_json: Json = False,
) -> None:
    """Show a dead letter: why it is one, its headers, key and value, and what became of it."""
    _perform(as_json, lambda verbs: verbs.show(name, raw=raw), decides=False)


@app.command("requeue")
def requeue(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="POSITION...", help="Where they lie, or their ids."),
    ] = None,
    *,
    all_: Annotated[
        bool, typer.Option("--all", help="All that wait, and that this version can read.")
    ] = False,
    reason: Reason = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Those, too, that this version cannot read.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Append records to the log once more, as they were. Each id is decided once, however often.

    Example, after a bad deploy: counterfoil dead requeue --all --reason-code not_applicable
    """
    if bool(names) == all_:
        raise typer.BadParameter("give positions, or --all")
    if names:
        if reason is not None:
            raise typer.BadParameter("--reason-code goes with --all")
        _perform(as_json, lambda verbs: verbs.requeue(names, even_unreadable=anyway))
        return
    if anyway:
        raise typer.BadParameter("--anyway goes with positions: look at each first")
    _perform(as_json, lambda verbs: verbs.requeue_all(LetterFilter(reason=reason)))


@app.command("discard")
def discard(
    names: Names,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; the client reads it.")],
    as_json: Json = False,
) -> None:
    """Give records up: their ids become rejected transactions, for ever."""
    _perform(as_json, lambda verbs: verbs.discard(names, reason))


def _perform(as_json: bool, work: DeadLetterWork, *, decides: bool = True) -> None:
    """Do it. Raises `CannotStartError`, and `typer.Exit` unless all was done."""
    # Stamina would announce each retry on standard output, in the midst of JSON.
    stamina.instrumentation.set_on_retry_hooks([])
    settings, container = configured()
    # Somebody reads what is printed: that a connection was made is no news to them.
    logging.configure(settings.log_format, LOG_LEVEL)
    working = bootstrap.work_on_dead_letters(container, as_json=as_json, decides=decides, work=work)
    if not run_once(working):
        raise typer.Exit(1)
