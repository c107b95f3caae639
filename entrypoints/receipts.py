"""Check a receipt, with no network and no settings."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

import bootstrap
from core.errors import UnusableKeyError
from core.proof.proofs import NotProvenError
from entrypoints.keys import key_text
from entrypoints.process import CannotStartError

MAX_BYTES: Final = 64 << 20
"""Far more than a receipt has."""


def verify(file: Path, keys: Sequence[str]) -> None:
    """Print what it proves; exit code 1, and why, if it proves nothing.

    Raises `CannotStartError` for files that cannot be read and keys that are none.
    """
    content = _content(file)
    try:
        sentences = bootstrap.verify_receipt(content, [key_text(key) for key in keys])
    except NotProvenError as error:
        print(f"{file} proves nothing: {error}.", file=sys.stderr)
        raise typer.Exit(1) from None
    except UnusableKeyError as error:
        raise CannotStartError(f"--key: {error}") from error
    for sentence in sentences:
        print(sentence)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotStartError(f"{file} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise CannotStartError(f"{file} has more than {MAX_BYTES >> 20} MiB: it is no receipt")
    return content
