"""The options that all commands share, added to each verb that gives one."""

import inspect
from collections.abc import Callable
from typing import Annotated, Final

import typer

from core.usecases.drafts import AccountDraft, OrderDraft
from entrypoints.client.options import DEFAULT_URL, Json, Key, Url, pairs
from entrypoints.client.running import perform

DEFAULT_WAIT_SECONDS: Final = 10
MAX_WAIT_SECONDS: Final = 30

Reference = Annotated[
    str | None, typer.Option("--reference", help="Kept with the transaction.", metavar="TEXT")
]
Metadata = Annotated[
    list[str] | None,
    typer.Option("--metadata", help="A pair to keep; may be repeated.", metavar="NAME=VALUE"),
]
Wait = Annotated[
    int,
    typer.Option(
        "--wait",
        min=0,
        max=MAX_WAIT_SECONDS,
        help="Seconds to wait for what becomes of it.",
        metavar="SECONDS",
    ),
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Print the receipt; do not wait for what becomes of it.")
]

DraftOf = Callable[..., OrderDraft]


def giving(app: typer.Typer, name: str, panel: str | None = None) -> Callable[[DraftOf], DraftOf]:
    """Makes a verb of a function that says which order its own arguments ask for.

    The verb's help is the function's docstring; the options that every command has come after its
    own.
    """

    def add(draft_of: DraftOf) -> DraftOf:
        app.command(name, help=draft_of.__doc__, rich_help_panel=panel)(_verb(draft_of))
        return draft_of

    return add


def _verb(draft_of: DraftOf) -> Callable[..., None]:
    def verb(
        *,
        reference: Reference = None,
        metadata: Metadata = None,
        key: Key = None,
        wait: Wait = DEFAULT_WAIT_SECONDS,
        no_wait: NoWait = False,
        url: Url = DEFAULT_URL,
        as_json: Json = False,
        **own: object,
    ) -> None:
        draft, named = draft_of(**own), pairs(metadata)
        if named is None and isinstance(draft, AccountDraft) and _changes_nothing(draft):
            raise typer.BadParameter(
                "nothing to change: give --overdraft-limit, --status or --metadata"
            )
        perform(
            url,
            as_json,
            lambda client: client.give(
                draft,
                reference=reference,
                metadata=named,
                key=key,
                wait_seconds=None if no_wait else wait,
            ),
        )

    # Typer reads both to find a command's parameters.
    parameters = [*_parameters(draft_of), *_parameters(verb)]
    verb.__annotations__ = {one.name: one.annotation for one in parameters}
    setattr(verb, "__signature__", inspect.Signature(parameters))  # noqa: B010 (mypy knows none)
    return verb


def _changes_nothing(draft: AccountDraft) -> bool:
    return draft.overdraft_limit is None and draft.status is None


def _parameters(function: Callable[..., object]) -> list[inspect.Parameter]:
    """All but a catch-all, as keywords: that is how Typer calls."""
    return [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in inspect.signature(function).parameters.values()
        if one.kind is not inspect.Parameter.VAR_KEYWORD
    ]
