"""The one clock that the whole system shares: where a record lies in the command log."""

import re
from typing import Final, NamedTuple

_TEXT: Final = re.compile(r"([0-9]{1,5}):([0-9]{1,18})", re.ASCII)


class Position(NamedTuple):
    """Partition and offset of a record. Written `3:1234`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position written in `text`; `ValueError` if there is none."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("must be a partition and an offset, such as 3:1234")
        return cls(int(match[1]), int(match[2]))
