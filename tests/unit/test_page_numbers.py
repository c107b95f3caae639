"""A page with a number that was seen before is one of books that were put back."""

import pytest

from adapters.outbound.postgres.page_numbers import PageNumbers, raise_if_put_back
from core.errors import FencedError


def test_numbers_of_all_partitions_count_from_a_partitions_own_take_over_on() -> None:
    numbers = PageNumbers()
    numbers.taken_over(0)
    numbers.taken_over(1)
    numbers.stored(5)
    numbers.stored(3)
    assert (numbers.seen(0), numbers.seen(1)) == (5, 5)
    numbers.taken_over(1)
    numbers.stored(4)
    assert (numbers.seen(0), numbers.seen(1)) == (5, 4)


def test_a_number_that_is_not_higher_is_refused() -> None:
    raise_if_put_back(6, 5)
    with pytest.raises(FencedError, match="page 5 was stored, and the next one is to be page 5"):
        raise_if_put_back(5, 5)
