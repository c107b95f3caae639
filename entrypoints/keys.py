"""Public keys as they are given on the command line."""

from pathlib import Path

from entrypoints.process import CannotStartError


def key_text(key: str) -> str:
    """What is in the file of this name, or else the key itself. Raises `CannotStartError`."""
    try:
        return Path(key).read_text(encoding="ascii")
    except FileNotFoundError:
        return key
    except (OSError, ValueError) as error:
        raise CannotStartError(f"--key: {key} cannot be read: {error}") from error
