"""What is sent together may be decided in any order, and still means what the file says."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.cli.bulk.row_keys import KeyedRow
from adapters.inbound.cli.bulk.rows import Row
from adapters.inbound.cli.bulk.waves import LANES, MAX_WAVE_ROWS, lanes, waves

USERS = st.sampled_from(["a", "b", "c", "d", "e"])


def one_user(type_: str, user_id: str) -> dict[str, str]:
    return {"type": type_, "user_id": user_id}


ITEMS = st.one_of(
    st.builds(one_user, st.sampled_from(["deposit", "withdraw"]), USERS),
    st.tuples(USERS, USERS)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: {"type": "transfer", "from_user_id": two[0], "to_user_id": two[1]}),
)


def keyed(number: int, item: dict[str, str]) -> KeyedRow:
    return KeyedRow(Row(number, (), item, None, b""), f"key-{number}")


def depend(first: Row, second: Row) -> bool:
    """Whether the order of two rows matters, and the log does not keep it: one pays with what the
    other brings, and they lie in the logs of two users.
    """
    if first.place == second.place:
        return False
    pays = (first.receiver, second.place), (second.receiver, first.place)
    takes = second.takes, first.takes
    return any(to == payer and taking for (to, payer), taking in zip(pays, takes, strict=True))


@given(st.lists(ITEMS, max_size=40))
def test_no_two_rows_of_a_wave_depend_on_each_other(items: list[dict[str, str]]) -> None:
    rows = [keyed(number, item) for number, item in enumerate(items)]
    sent = list(waves(rows))
    assert [one for wave in sent for one in wave] == rows
    for wave in sent:
        assert wave
        assert not any(
            depend(one.row, other.row) for at, one in enumerate(wave) for other in wave[at + 1 :]
        )


@given(st.lists(ITEMS, max_size=40))
def test_a_users_rows_stay_in_one_lane_in_order(items: list[dict[str, str]]) -> None:
    rows = [keyed(number, item) for number, item in enumerate(items)]
    parts = lanes(rows)
    assert len(parts) <= LANES
    assert sorted(one.row.line for part in parts for one in part) == list(range(len(rows)))
    for part in parts:
        assert [one.row.line for one in part] == sorted(one.row.line for one in part)
    homes = [{one.row.place for one in part} for part in parts]
    assert sum(len(home) for home in homes) == len(set().union(*homes))


def test_money_that_only_comes_in_waits_for_nothing() -> None:
    payroll = [
        {"type": "transfer", "from_user_id": "boss", "to_user_id": f"u{n}"} for n in range(99)
    ]
    collection = [
        {"type": "transfer", "from_user_id": f"v{n}", "to_user_id": "shop"} for n in range(99)
    ]
    rows = [keyed(number, item) for number, item in enumerate([*payroll, *collection])]
    assert len(list(waves(rows))) == 1


def test_a_wave_is_bounded() -> None:
    rows = [keyed(number, one_user("deposit", f"u{number}")) for number in range(MAX_WAVE_ROWS + 1)]
    assert [len(wave) for wave in waves(rows)] == [MAX_WAVE_ROWS, 1]
