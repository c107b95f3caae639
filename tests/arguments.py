"""What the user of make wrote, as numbers."""

from infra.local.refused import Refused


def positive_count(name: str, text: str) -> int:
    """The number of the variable `name`. Raises `Refused` unless it is a whole one from 1 up."""
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise Refused(f"{name}={text} is not a number from 1 up.")
