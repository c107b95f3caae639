"""Shards, ids, positions, cursors and fingerprints: what is stored for ever stays as it is."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.system.ids import SystemIds
from core.entities.account import AccountStatus, is_user_id, settlement_account, user_account
from core.entities.command import fingerprint_of
from core.entities.orders import (
    CaptureHold,
    ChangeAccount,
    Deposit,
    Discard,
    ExpireHold,
    Order,
    PlaceHold,
    Reverse,
    Transfer,
    VoidHold,
    Withdrawal,
)
from core.entities.position import Position
from core.entities.shard import SHARD_COUNT, partition_of, shard_of
from core.entities.statement import StatementCursor
from core.entities.transaction_id import (
    keyed_transaction_id,
    may_be_ours,
    shard_of_id,
    with_shard,
)
from tests.builders import NOON, leg, money

SHARDS = st.integers(0, SHARD_COUNT - 1)


def test_the_shard_of_a_user_is_pinned() -> None:
    assert [shard_of(user_id) for user_id in ("123", "alice", "a:b@c")] == [2662, 701, 3084]


def test_a_keyed_id_is_pinned() -> None:
    expected = UUID("949db35c-0948-8a65-bf64-7222ce15463b")
    assert keyed_transaction_id("anonymous", "key-1", 0xA65) == expected


def test_a_fingerprint_is_pinned() -> None:
    pinned = fingerprint_of(Deposit("123", money(10_050)), None, None).hex()
    assert pinned == "19e56926813f61ccb2b361c4fe276d7684996db666bab49c14f67822b6c75d2f"


@given(SHARDS)
def test_an_id_carries_its_shard(shard: int) -> None:
    unkeyed = SystemIds().new_transaction_id(shard)
    keyed = keyed_transaction_id("client", "key", shard)
    assert (unkeyed.version, keyed.version) == (7, 8)
    assert shard_of_id(unkeyed) == shard_of_id(keyed) == shard
    assert may_be_ours(unkeyed)
    assert may_be_ours(keyed)
    assert unkeyed.variant == keyed.variant == RFC_4122


@given(st.uuids(), SHARDS)
def test_giving_a_shard_touches_nothing_else(some: UUID, shard: int) -> None:
    assert with_shard(with_shard(some, shard), shard_of_id(some)) == some


@given(st.text(), st.text(), st.text(), st.text())
def test_client_and_key_do_not_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    try:
        first, second = keyed_transaction_id(a, b, 0), keyed_transaction_id(c, d, 0)
    except UnicodeEncodeError:
        return
    assert (first == second) == ((a, b) == (c, d))


def test_random_ids_are_not_ours() -> None:
    assert not may_be_ours(UUID("7f0c2d3e-94b6-4b1e-9c53-0a4f0c3a1d11"))


@given(st.integers(0, 4095), st.integers(0, 10**18 - 1))
def test_a_position_reads_back_as_itself(partition: int, offset: int) -> None:
    assert Position.parse(str(Position(partition, offset))) == (partition, offset)


@pytest.mark.parametrize("text", ["", "3", "3:", ":4", "-1:4", "3:4:5", "3:4\n", "٣:4", "3: 4"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a partition and an offset"):
        Position.parse(text)


@given(st.integers(1, 2**62), st.integers(1, 2**62), st.binary(min_size=8, max_size=8))
def test_a_cursor_reads_back_as_itself(sequence: int, last: int, digest: bytes) -> None:
    cursor = StatementCursor(sequence, last, digest)
    assert StatementCursor.parse(str(cursor)) == cursor


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    try:
        StatementCursor.parse(text)
    except ValueError as error:
        assert "next_cursor" in str(error)  # noqa: PT017


@pytest.mark.parametrize("text", ["123", "a", "A.b_c:d@e+f-g", "0" * 128])
def test_user_ids(text: str) -> None:
    assert is_user_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 129, "@settlement", "@settlement:3", "-a", ".a", "a b", "a\0", "a\n", "é", "\ud800"],
)
def test_what_is_no_user_id(text: str) -> None:
    assert not is_user_id(text)


@given(SHARDS, st.integers(1, SHARD_COUNT))
def test_a_settlement_account_belongs_to_its_partition(shard: int, partition_count: int) -> None:
    partition = partition_of(shard, partition_count)
    key = settlement_account(partition, "USD")
    assert partition_of(key.shard, partition_count) == partition
    assert key.is_settlement


def test_no_user_account_is_a_settlement_account() -> None:
    assert not user_account("alice", "USD").is_settlement


ID, OTHER_ID = UUID(int=1), UUID(int=2)
LATER = NOON + timedelta(microseconds=1)
LEG = leg("a", "b", 1)
FREEZE, CLOSE = AccountStatus.FROZEN, AccountStatus.CLOSED
ASKED: list[tuple[Order, str | None, Mapping[str, str] | None]] = [
    (Deposit("a", money(1)), None, None),
    (Deposit("b", money(1)), None, None),
    (Deposit("a", money(2)), None, None),
    (Deposit("a", money(1, "EUR")), None, None),
    (Deposit("a", money(1)), "", None),
    (Deposit("a", money(1)), "1", None),
    (Deposit("a", money(1)), None, {"1": "2"}),
    (Deposit("a", money(1)), None, {"1": "3"}),
    (Deposit("a", money(1)), None, {"2": "2"}),
    (Deposit("a", money(1)), None, {"1": "2", "2": "2"}),
    (Withdrawal("a", money(1)), None, None),
    (Transfer((LEG,)), None, None),
    (Transfer((LEG, LEG)), None, None),
    (Transfer((LEG, leg("a", "b", 2))), None, None),
    (Transfer((LEG, leg("a", "b", 1, "EUR"))), None, None),
    (Transfer((LEG, leg("b", "a", 1))), None, None),
    (Transfer((LEG,)), "b", {"1": "USD", "a": "metadata:1", "c": "d"}),
    (Transfer((LEG, leg("b", "metadata:3", 1))), "a", {"c": "d"}),
    (PlaceHold("a", money(1)), None, None),
    (PlaceHold("a", money(1), "b"), None, None),
    (PlaceHold("a", money(1), None, 1), None, None),
    (PlaceHold("a", money(1), None, 2), None, None),
    (PlaceHold("a", money(1), None, None, NOON), None, None),
    (PlaceHold("a", money(1), None, None, LATER), None, None),
    (CaptureHold(ID), None, None),
    (CaptureHold(OTHER_ID), None, None),
    (CaptureHold(ID, Decimal(1)), None, None),
    (CaptureHold(ID, Decimal("1.5")), None, None),
    (CaptureHold(ID, None, "a"), None, None),
    (CaptureHold(ID, None, None, final=False), None, None),
    (VoidHold(ID), None, None),
    (VoidHold(OTHER_ID), None, None),
    (ExpireHold(ID), None, None),
    (Discard(ID, Position(3, 1), "a"), None, None),
    (Discard(OTHER_ID, Position(3, 1), "a"), None, None),
    (Discard(ID, Position(3, 2), "a"), None, None),
    (Discard(ID, Position(3, 1), "b"), None, None),
    (Reverse(ID), None, None),
    (Reverse(OTHER_ID), None, None),
    (Reverse(ID, Decimal(1)), None, None),
    (ChangeAccount("a", "USD"), None, None),
    (ChangeAccount("b", "USD"), None, None),
    (ChangeAccount("a", "EUR"), None, None),
    (ChangeAccount("a", "USD", 0), None, None),
    (ChangeAccount("a", "USD", 1), None, None),
    (ChangeAccount("a", "USD", None, FREEZE), None, None),
    (ChangeAccount("a", "USD", None, CLOSE), None, None),
    (ChangeAccount("a", "USD", None, None, {}), None, None),
    (ChangeAccount("a", "USD", None, None, {"a": "b"}), None, None),
    (ChangeAccount("a", "USD", None, None, {"a": "c"}), None, None),
    (ChangeAccount("a", "USD"), None, {"a": "b"}),
]


def test_whatever_differs_in_one_place_has_another_fingerprint() -> None:
    fingerprints = [fingerprint_of(*one) for one in ASKED]
    assert len(set(fingerprints)) == len(ASKED)
    assert [fingerprint_of(*one) for one in ASKED] == fingerprints


def test_a_fingerprint_is_of_values_not_of_how_they_were_written() -> None:
    half, written_longer = (Reverse(UUID(int=1), Decimal(amount)) for amount in ("1.5", "1.500"))
    assert fingerprint_of(half, None, None) == fingerprint_of(written_longer, None, None)
