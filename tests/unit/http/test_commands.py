"""What a client of `POST /deposit` and `POST /withdraw` is answered."""

import re
from uuid import UUID

import pytest

from core.entities.command import ANONYMOUS_CLIENT, Command
from core.entities.money import Money
from core.entities.orders import CommandType, Deposit, Withdrawal
from core.entities.shard import shard_of
from core.entities.transaction_id import keyed_transaction_id
from core.errors import LedgerUnavailableError, LogUnavailableError
from tests.builders import partition_for
from tests.unit.http.world import Api, World

KEYED = {"Idempotency_Key": "key-1"}
WAITING = {"Prefer": "wait=5"}


async def test_a_deposit_is_answered_by_a_receipt(api: Api, world: World) -> None:
    answer = await api.deposit("123", "100.50")
    assert answer.status == 202
    assert answer.body.keys() == {"transaction_id", "status", "position", "accepted_at"}
    assert answer.body["status"] == "pending"
    assert answer.body["position"] == f"{partition_for('123')}:0"
    assert answer.body["accepted_at"] == "2026-01-31T12:00:00.000000Z"
    transaction_id = answer.body["transaction_id"]
    expected = f"/transactions/{transaction_id}?position={answer.body['position']}"
    assert answer.headers["Location"] == expected
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Preference-Applied" not in answer.headers
    assert [str(one.transaction_id) for one in world.commands] == [transaction_id]


def deposited(command: Command) -> Deposit:
    assert isinstance(command.order, Deposit)
    return command.order


@pytest.mark.parametrize(
    ("path", "type_"), [("/deposit", CommandType.DEPOSIT), ("/withdraw", CommandType.WITHDRAW)]
)
async def test_the_path_says_what_the_command_is(
    api: Api, world: World, path: str, type_: CommandType
) -> None:
    body = '{"user_id":"u","amount":"7","currency":"JPY","reference":"Miete für März"}'
    assert (await api.post(path, body)).status == 202
    (command,) = world.commands
    assert isinstance(command.order, Deposit | Withdrawal)
    assert (command.type, *command.order) == (type_, "u", Money(7, "JPY", 0))
    assert (command.reference, command.client) == ("Miete für März", ANONYMOUS_CLIENT)
    assert command.idempotency_key is None


@pytest.mark.parametrize(
    ("amount", "minor_units"),
    [
        ("100.5", 10_050),
        ("100.50", 10_050),
        ("100.500", 10_050),
        ('"100.50"', 10_050),
        ("1e2", 10_000),
        ("100", 10_000),
        ("0.01", 1),
        ("1E+2", 10_000),
        ("10050e-2", 10_050),
        ("90071992547409.93", 9_007_199_254_740_993),
        ("100000000000000.00", 10**16),
        ("100." + "0" * 60, 10_000),
    ],
)
async def test_an_amount_is_what_it_looks_like(
    api: Api, world: World, amount: str, minor_units: int
) -> None:
    assert (await api.deposit(amount=amount)).status == 202
    assert [deposited(one).money.amount for one in world.commands] == [minor_units]


async def test_null_is_as_good_as_absent(api: Api, world: World) -> None:
    body = '{"user_id":"u","amount":1,"currency":null,"reference":null}'
    assert (await api.post("/deposit", body)).status == 202
    (command,) = world.commands
    assert (deposited(command).money.currency, command.reference) == ("USD", None)


async def test_all_sorts_of_user_ids_are_taken(api: Api, world: World) -> None:
    for user_id in ("0", "a:b@c+d._-", "x" * 128):
        assert (await api.deposit(user_id)).status == 202
    assert {deposited(one).user_id for one in world.commands} == {"0", "a:b@c+d._-", "x" * 128}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; charset=utf8; profile=x",
    ],
)
async def test_json_may_be_announced_in_several_ways(api: Api, content_type: str) -> None:
    assert (await api.post("/deposit", '{"user_id":"u","amount":1}', Content_Type=content_type)
            ).status == 202  # fmt: skip


async def test_the_request_id_goes_into_the_record(api: Api, world: World) -> None:
    answer = await api.deposit(X_Request_Id="abc-1._")
    assert answer.headers["X-Request-Id"] == "abc-1._"
    assert [one.request_id for one in world.commands] == ["abc-1._"]


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\tb", "ä", 'a"b', "a/b"])
async def test_a_request_id_that_could_do_harm_is_replaced(
    api: Api, world: World, given: str
) -> None:
    answer = await api.deposit(X_Request_Id=given)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert [one.request_id for one in world.commands] == [answer.headers["X-Request-Id"]]


async def test_request_ids_are_never_made_twice(api: Api) -> None:
    ids = [(await api.get("/livez")).headers["X-Request-Id"] for _ in range(20)]
    assert len(set(ids)) == 20


# Waiting


async def test_who_waits_gets_the_posted_transaction(api: Api, world: World) -> None:
    answer = await api.deposit("123", "100.50", **WAITING)
    assert answer.status == 201
    assert answer.headers["Preference-Applied"] == "wait=5"
    assert answer.headers["Location"].startswith(f"/transactions/{answer.body['transaction_id']}?")
    assert answer.body | {"transaction_id": "", "position": ""} == {
        "transaction_id": "",
        "status": "posted",
        "type": "deposit",
        "user_id": "123",
        "amount": "100.50",
        "currency": "USD",
        "reference": None,
        "metadata": None,
        "position": "",
        "accepted_at": "2026-01-31T12:00:00.000000Z",
        "posted_at": "2026-01-31T12:00:00.000000Z",
        "entries": [
            {
                "user_id": "123",
                "currency": "USD",
                "amount": "100.50",
                "sequence": 1,
                "balance_after": "100.50",
            }
        ],
    }
    assert world.waits == [5]


async def test_who_waits_for_a_rejected_command_gets_a_problem_with_its_figures(api: Api) -> None:
    await api.deposit(amount="10", **WAITING)
    answer = await api.withdraw(amount="10.01", **WAITING)
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Preference-Applied"] == "wait=5"
    transaction = answer.body["transaction"]
    assert transaction["status"] == "rejected"
    assert transaction["code"] == "insufficient_funds"
    assert answer.body == {
        "code": "insufficient_funds",
        "title": "Insufficient funds",
        "status": 422,
        "detail": "The account has less available than that.",
        "request_id": answer.headers["X-Request-Id"],
        "user_id": "alice",
        "needed": "10.01",
        "available": "10.00",
        "currency": "USD",
        "transaction": transaction,
    }
    assert answer.headers["Location"].startswith(f"/transactions/{transaction['transaction_id']}?")


async def test_a_withdrawal_from_nothing_is_rejected_as_such(api: Api) -> None:
    answer = await api.withdraw(**WAITING)
    assert (answer.status, answer.body["code"]) == (422, "account_not_found")


async def test_who_waits_in_vain_gets_the_receipt(api: Api, world: World) -> None:
    world.posts = False
    answer = await api.deposit(**WAITING)
    assert (answer.status, answer.body["status"]) == (202, "pending")
    assert answer.headers["Preference-Applied"] == "wait=5"


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [("wait=31", 30), ("wait=99999999999999999999", 30), ("respond-async, Wait = 7 ; x=y", 7)],
)
async def test_the_wait_is_clamped_and_the_answer_says_so(
    api: Api, world: World, prefer: str, seconds: int
) -> None:
    answer = await api.deposit(Prefer=prefer)
    assert answer.headers["Preference-Applied"] == f"wait={seconds}"
    assert world.waits == [seconds]


async def test_a_preference_that_is_none_is_ignored(api: Api, world: World) -> None:
    for prefer in ("wait", "wait=-1", "wait=1.5", "wait=soon", "waiting=5", "wait=٥"):
        answer = await api.deposit(Prefer=prefer)
        assert answer.status == 202
        assert "Preference-Applied" not in answer.headers
    assert world.waits == []


# Keys


async def test_a_key_makes_the_id(api: Api, world: World) -> None:
    answer = await api.deposit("alice", **KEYED)
    expected = keyed_transaction_id(ANONYMOUS_CLIENT, "key-1", shard_of("alice"))
    assert UUID(answer.body["transaction_id"]) == expected
    assert [one.idempotency_key for one in world.commands] == ["key-1"]


async def test_a_key_once_posted_answers_with_the_first_receipt(api: Api, world: World) -> None:
    first = await api.deposit(**KEYED)
    await world.post()
    second = await api.deposit(**KEYED)
    assert second.status == 202
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert second.body == first.body | {"status": "posted"}
    assert "Idempotency-Replayed" not in first.headers
    assert len(world.records) == 1


async def test_a_replay_tells_a_rejection_too(api: Api, world: World) -> None:
    await api.withdraw(**KEYED)
    await world.post()
    assert (await api.withdraw(**KEYED)).body["status"] == "rejected"
    waited = await api.withdraw(**KEYED, **WAITING)
    assert (waited.status, waited.body["code"]) == (422, "account_not_found")
    assert waited.headers["Idempotency-Replayed"] == "true"


async def test_who_waits_for_a_replay_gets_the_transaction(api: Api, world: World) -> None:
    first = await api.deposit(**KEYED, **WAITING)
    second = await api.deposit(**KEYED, **WAITING)
    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(world.records) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("k", '"k"'), ('"a\\"b"', 'a"b'), ('"a\\\\b"', "a\\b"), ('"k,"', "k,")]
)
async def test_quoted_and_bare_keys_are_one(api: Api, world: World, one: str, other: str) -> None:
    await api.deposit(Idempotency_Key=one)
    await api.deposit(Idempotency_Key=other)
    assert len({command.transaction_id for command in world.commands}) == 1


async def test_a_key_for_another_command_names_the_first_one(api: Api, world: World) -> None:
    first = await api.deposit(amount="1", **KEYED)
    await world.post()
    for answer in (
        await api.deposit(amount="2", **KEYED),
        await api.withdraw(amount="1", **KEYED),
        await api.deposit("bob", amount="1", **KEYED),
    ):
        assert (answer.status, answer.body["code"]) == (422, "idempotency_conflict")
        assert answer.body["transaction_id"] == first.body["transaction_id"]
    assert len(world.records) == 1


async def test_without_keys_equal_deposits_are_two(api: Api, world: World) -> None:
    await api.deposit()
    await api.deposit()
    assert len({one.transaction_id for one in world.commands}) == 2


# Dependencies


@pytest.mark.parametrize("maybe", [True, False])
async def test_without_kafka_the_answer_says_whether_the_command_may_be_accepted(
    api: Api, world: World, maybe: bool
) -> None:
    world.command_log.error = LogUnavailableError(
        "secret-host:9092 timed out", may_have_been_accepted=maybe
    )
    answer = await api.deposit("alice", **KEYED)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.body["code"] == "log_unavailable"
    assert answer.body["may_have_been_accepted"] is maybe
    expected = keyed_transaction_id(ANONYMOUS_CLIENT, "key-1", shard_of("alice"))
    assert answer.body["transaction_id"] == str(expected)
    assert "secret" not in answer.text


async def test_accepting_goes_on_without_postgresql(api: Api, world: World) -> None:
    world.reader.error = LedgerUnavailableError("away")
    assert (await api.deposit(**KEYED)).status == 202
    assert len(world.records) == 1


async def test_a_surprise_is_a_problem_that_tells_nothing(api: Api, world: World) -> None:
    world.command_log.error = ZeroDivisionError("secret")
    answer = await api.deposit(X_Request_Id="r-1")
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["code"] == "internal_error"
    assert answer.body["request_id"] == "r-1"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert (await api.get("/livez")).status == 200


async def test_commands_are_counted(api: Api, world: World) -> None:
    await api.deposit()
    await api.deposit(amount="0")
    text = (await api.get("/metrics")).text
    assert 'counterfoil_commands_accepted_total{replayed="false",type="deposit"} 1.0' in text
    refused = 'counterfoil_commands_refused_total{code="invalid_field",type="deposit"} 1.0'
    assert refused in text
    request = 'counterfoil_http_requests_total{method="POST",route="/deposit",status="202"} 1.0'
    assert request in text
