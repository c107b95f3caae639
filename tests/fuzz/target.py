"""A decoder under test."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Target(NamedTuple):
    """A function of bytes, and inputs to begin with.

    It returns for whatever it reads and for whatever it refuses in the documented way. Any
    exception out of it is a finding: the decoder's own, or an assertion about what it read.
    """

    read: Callable[[bytes], None]
    seeds: Sequence[bytes]
