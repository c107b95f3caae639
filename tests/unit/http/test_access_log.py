"""One line a request, that can be found by the id that the client was told."""

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.unit.http.world import Api, World


async def test_each_request_is_one_line(api: Api) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = await api.deposit("alice", X_Request_Id="r-1")
    (line,) = lines
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "http_request",
        "log_level": "info",
        "method": "POST",
        "path": "/deposit",
        "status": 202,
        "request_id": "r-1",
        "transaction_id": answer.body["transaction_id"],
    }


async def test_an_id_does_not_stay_for_the_next_request(api: Api) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        await api.deposit("alice", X_Request_Id="r-1")
        await api.get("/balance/alice?position=secret")
    assert "transaction_id" not in lines[1]
    assert lines[1]["request_id"] != "r-1"
    assert lines[1]["path"] == "/balance/alice"


@pytest.mark.parametrize(
    ("path", "level"), [("/livez", "debug"), ("/metrics", "debug"), ("/none", "info")]
)
async def test_probes_are_quiet(api: Api, path: str, level: str) -> None:
    with capture_logs() as lines:
        await api.get(path)
    assert [line["log_level"] for line in lines] == [level]


async def test_a_surprise_is_logged_with_its_traceback(api: Api, world: World) -> None:
    world.command_log.error = ZeroDivisionError("what went wrong")
    with capture_logs(processors=[merge_contextvars]) as lines:
        await api.deposit(X_Request_Id="r-1")
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("http_request_failed", "error"),
        ("http_request", "warning"),
    ]
    assert {line["request_id"] for line in lines} == {"r-1"}
    assert lines[0]["exc_info"] is world.command_log.error
