"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scale:
    """Sizes of the parts. `backlog` is in commands, `history` in entries of one account; the
    rates that are offered are `shares` of the closed loop's, and `flood_shares` in the end.
    """

    backlog: int
    accounts: int
    history: int
    connections: int
    warm_up_seconds: float
    loop_seconds: float
    shares: tuple[float, ...]
    offered_seconds: float
    flood_shares: tuple[float, ...]
    flood_seconds: float


FULL: Final = Scale(
    backlog=200_000,
    accounts=1_000,
    history=1_000_000,
    connections=64,
    warm_up_seconds=5.0,
    loop_seconds=20.0,
    shares=(0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0),
    offered_seconds=8.0,
    flood_shares=(1.0, 2.0),
    flood_seconds=30.0,
)
QUICK: Final = Scale(
    backlog=6_000,
    accounts=50,
    history=3_000,
    connections=8,
    warm_up_seconds=0.5,
    loop_seconds=2.0,
    shares=(0.2, 0.5),
    offered_seconds=1.0,
    flood_shares=(2.0,),
    flood_seconds=2.0,
)
"""Whether it runs at all: its figures say nothing."""
