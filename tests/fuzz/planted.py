"""A decoder with a bug that chance alone does not find: a word of four letters."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz.target import Target

WORD: Final = b"note"


def _read(data: bytes) -> None:
    if data[0:1] != b"n":
        return
    if data[1:2] != b"o":
        return
    if data[2:3] != b"t":
        return
    if data[3:4] == b"e":
        raise KeyError(WORD)


TARGETS: Final[Mapping[str, Target]] = {"planted": Target(_read, [b"coin"])}
