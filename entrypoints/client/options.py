"""Options and arguments that several verbs share, and the checks that need no service."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import typer

from core.entities.account import is_user_id
from core.entities.command import MAX_IDEMPOTENCY_KEY_CHARACTERS
from entrypoints.settings import CLIENT_URL

PANEL: Final = "Use a running Counterfoil"
DEFAULT_URL: Final = "http://127.0.0.1:8080"
DEFAULT_LIMIT: Final = 50
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def user_id(text: str) -> str:
    """A user id, as it is. Raises `typer.BadParameter`."""
    if not is_user_id(text):
        raise typer.BadParameter(
            "must be 1 to 128 ASCII letters, digits and ._:@+-, beginning with a letter or a digit"
        )
    return text


def idempotency_key(text: str) -> str:
    visible = all("!" <= character <= "~" for character in text)
    if not (visible and 1 <= len(text) <= MAX_IDEMPOTENCY_KEY_CHARACTERS):
        raise typer.BadParameter(
            f"must be 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters, no spaces"
        )
    return text


def time(text: str) -> str:
    """A time with an offset, as it is; a date is its first moment in UTC. Raises
    `typer.BadParameter`.
    """
    if _DATE.fullmatch(text):
        text = f"{text}T00:00:00Z"
    try:
        has_offset = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        has_offset = False
    if not has_offset:
        raise typer.BadParameter(
            "must be a date, or a time with an offset, such as 2026-01-31 (from midnight UTC), "
            "2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00"
        )
    return text


def pairs(texts: list[str] | None) -> dict[str, str] | None:
    """The metadata in `NAME=VALUE` texts. Raises `typer.BadParameter`."""
    metadata: dict[str, str] = {}
    for text in texts or []:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--metadata")
        if name in metadata:
            raise typer.BadParameter(f"{name!r} is given twice", param_hint="--metadata")
        metadata[name] = value
    return metadata or None


class Order(StrEnum):
    """Of lists."""

    DESC = "desc"
    ASC = "asc"


Url = Annotated[
    str, typer.Option("--url", envvar=CLIENT_URL, help="Where Counterfoil runs.", metavar="URL")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the API's JSON; of lists, a line for each item.")
]
User = Annotated[str, typer.Argument(parser=user_id, metavar="USER", help="Whose account.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 100.50.")]
PartOf = Annotated[
    str | None,
    typer.Option("--amount", help="A part; by default all that is left.", metavar="AMOUNT"),
]
Currency = Annotated[
    str | None,
    typer.Option("--currency", help="An ISO 4217 code; by default the service's.", metavar="CODE"),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        parser=idempotency_key,
        help="Idempotency key: the same command under it is done once. By default a new one.",
        metavar="KEY",
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        parser=time,
        help="From this time on: a date, or a time with an offset.",
        metavar="TIME",
    ),
]
To = Annotated[
    str | None, typer.Option("--to", parser=time, help="Before this time.", metavar="TIME")
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        parser=time,
        help="As it was at this time, such as 2026-01-31T00:00:00Z.",
        metavar="TIME",
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.", metavar="N")]
All = Annotated[bool, typer.Option("--all", help="All of them, however many.")]
OrderOption = Annotated[Order, typer.Option("--order", help="desc: the newest first.")]
