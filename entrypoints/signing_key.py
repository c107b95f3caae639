"""Make a key to sign heads by."""

from pathlib import Path

import bootstrap
from core.errors import UnusableKeyError
from entrypoints.process import CannotStartError
from entrypoints.settings import PREFIX


def make(path: Path) -> None:
    """Make one and show its public half. Raises `CannotStartError`."""
    try:
        key_id, text, public_file = bootstrap.make_signing_key(path)
    except UnusableKeyError as error:
        raise CannotStartError(str(error)) from error
    print(f"The private key is in {path}, for the processors alone: {PREFIX}SIGNING_KEY_FILE.")
    print(f"The public key, for everybody, is in {public_file}. Its id is {key_id}; in base64:")
    print(text)
