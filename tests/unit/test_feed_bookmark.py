"""A bookmark is as short as can be, says where each partition stands, and takes nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.entities.feed_bookmark import (
    MAX_CHARACTERS_PER_PARTITION,
    FeedBookmark,
    FeedPlaces,
    digest_of_topic,
)
from core.entities.outcome_event import FeedPlace

TOPIC = digest_of_topic("topic-1")
OFFSETS = st.integers(0, 2**63 - 1) | st.integers(0, 300)


@given(st.lists(OFFSETS, min_size=1, max_size=40))
def test_it_is_read_as_it_was_written(offsets: list[int]) -> None:
    bookmark = FeedBookmark(TOPIC, tuple(offsets))
    text = str(bookmark)
    assert FeedBookmark.parse(text) == bookmark
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(text) <= MAX_CHARACTERS_PER_PARTITION * (len(offsets) + 2)


def test_it_is_short_where_partitions_are_alike() -> None:
    of_8 = FeedBookmark(TOPIC, tuple(1_000_000 + number for number in range(8)))
    of_4096 = FeedBookmark(TOPIC, tuple(10**9 + 3 * number for number in range(4_096)))
    assert len(str(of_8)) < 30
    assert len(str(of_4096)) < 12_000


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda one: one.hex()))
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be the id"):
        FeedBookmark.parse(text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + "A",
        lambda text: text[:-1],
        lambda text: text + "=",
        lambda text: "B" + text[1:],
        lambda text: text + "\n",
        lambda text: "",
        lambda text: "A" * 60_000,
        lambda text: "AQEBAQEBAQ" + "_" * 40,
    ],
)
def test_a_spoiled_one_is_refused(spoil: object) -> None:
    text = str(FeedBookmark(TOPIC, (1, 2, 300)))
    with pytest.raises(ValueError, match="must be the id"):
        FeedBookmark.parse(spoil(text))  # type: ignore[operator]


def test_more_partitions_than_there_can_be_are_refused() -> None:
    with pytest.raises(ValueError, match="must be the id"):
        FeedBookmark.parse(str(FeedBookmark(TOPIC, (0,) * 4_097)))


def test_places_move_past_events() -> None:
    places = FeedPlaces(TOPIC, (5, 7))
    before = places.bookmark
    assert places.is_before(FeedPlace(0, 5))
    places.move_past(FeedPlace(0, 5))
    assert not places.is_before(FeedPlace(0, 5))
    assert places.is_before(FeedPlace(0, 6))
    assert places.bookmark == FeedBookmark(TOPIC, (6, 7))
    assert before == FeedBookmark(TOPIC, (5, 7))


def test_topics_have_digests_of_their_own() -> None:
    assert digest_of_topic("topic-1") != digest_of_topic("topic-2")
