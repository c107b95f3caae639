"""All the chance that there is in a world, from one seed."""

import random  # noqa: TID251 (this is where the chance of a simulation comes from)
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Dice that fall the same way for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def happens(self, probability: float) -> bool:
        """True so often. Rolls no dice for what never happens."""
        return probability > 0 and self._dice.random() < probability

    def one_of(self, choices: Sequence[T]) -> T:
        """Any of them."""
        return choices[int(self._dice.random() * len(choices))]

    def between(self, low: float, high: float) -> float:
        """A number of the range."""
        return low + (high - low) * self._dice.random()

    def count(self, low: int, high: int) -> int:
        """A whole number of the range, its ends included."""
        return self._dice.randint(low, high)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in any order."""
        mixed = list(items)
        self._dice.shuffle(mixed)
        return mixed

    def fingerprint(self) -> int:
        """Equal after equal histories."""
        return self._dice.getrandbits(64)


@contextmanager
def library_chance(seed: int) -> Iterator[None]:
    """Meanwhile the dice of libraries (stamina's jitter) fall as the seed says, too."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
