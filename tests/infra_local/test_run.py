"""`make run`, with stand-ins for the product: starting, dying, being killed, stopping."""

import json
import os
import signal

import asyncpg
import pytest

from infra.local.stack import STOPPING_ORDER
from tests.eventually import eventually
from tests.running_stack import NAMES, STAND_IN, Run, none_lives

pytestmark = pytest.mark.timeout(180)


async def ensure_up(run: Run) -> dict[str, int]:
    """Each test finds the stack running, whatever the one before did to it."""
    return await run.up() if run.is_over else run.pids()


async def test_stack_json_says_what_runs_and_only_its_owner_may_read_it(run: Run) -> None:
    await ensure_up(run)
    file = run.data / "stack.json"
    stack = json.loads(file.read_text())
    assert set(stack) == {"url", "kafka", "postgres", "processes"}
    assert stack["url"] == run.url
    assert {process["name"] for process in stack["processes"]} == NAMES
    assert file.stat().st_mode & 0o777 == 0o600
    connection = await asyncpg.connect(stack["postgres"])
    assert await connection.fetchval("SELECT current_user") == "counterfoil"
    await connection.close()
    assert await run.is_ready()


@pytest.mark.parametrize("name", ["api", "webhooks", "processor", "kafka", "postgres"])
async def test_a_process_that_is_killed_is_reported_and_runs_again(run: Run, name: str) -> None:
    before = await ensure_up(run)
    reports = run.output.count(f"{name} runs again")
    os.kill(before[name], signal.SIGKILL)
    await eventually(lambda: run.output.count(f"{name} runs again") > reports)
    assert f"{name} (process {before[name]}) was ended by SIGKILL" in run.output
    after = run.pids()
    assert after[name] != before[name]
    assert {**after, name: 0} == {**before, name: 0}
    assert not none_lives({name: after[name]})


async def test_ctrl_c_stops_everything_in_order_and_leaves_nothing(run: Run) -> None:
    pids = await ensure_up(run)
    assert await run.stop() == 0
    assert none_lives(pids)
    assert not (run.data / "stack.json").exists()
    said = run.output[run.output.rindex("Counterfoil runs.") :]
    places = [said.index(f"stopping {name}") for name in STOPPING_ORDER]
    assert places == sorted(places)
    assert (run.data / "logs" / "api.log").read_text().endswith("stopped in good order\n")
    assert "database system is shut down" in (run.data / "logs" / "postgres.log").read_text()


async def test_what_was_written_is_there_after_the_supervisor_was_killed(run: Run) -> None:
    pids = await ensure_up(run)
    dsn = json.loads((run.data / "stack.json").read_text())["postgres"]
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (what integer)")
    await connection.execute("INSERT INTO kept VALUES (1)")
    await connection.close()

    os.kill(pids["supervisor"], signal.SIGKILL)
    await run.over()
    await eventually(lambda: none_lives(pids), 20)

    await run.up()
    dsn = json.loads((run.data / "stack.json").read_text())["postgres"]
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT count(*) FROM kept") >= 1
    await connection.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_a_make_that_alone_is_killed_or_interrupted_takes_everything_with_it(
    run: Run, number: signal.Signals
) -> None:
    await run.stop() if not run.is_over else None
    pids = await run.up(by_make=True)
    assert run.child is not None
    assert run.child.pid != pids["supervisor"]
    os.kill(run.child.pid, number)
    assert await run.over() == -number
    await eventually(lambda: none_lives(pids), 20)
    assert not (run.data / "stack.json").exists()


async def test_what_a_killed_supervisor_left_paused_is_ended_by_the_next(run: Run) -> None:
    pids = await ensure_up(run)
    os.kill(pids["processor"], signal.SIGSTOP)
    os.kill(pids["supervisor"], signal.SIGKILL)
    await run.over()
    await run.up()
    assert none_lives(pids)


async def test_a_second_run_of_the_same_data_is_refused_in_a_sentence(run: Run) -> None:
    pids = await ensure_up(run)
    second = Run(run.data, run.port, STAND_IN)
    await second.begin()
    assert await second.over() == 1
    assert f"is in use by a make run (process {pids['supervisor']})" in run.output
    assert run.pids() == pids
    assert not none_lives(pids)


async def test_after_three_restarts_within_a_minute_everything_is_stopped(run: Run) -> None:
    await run.stop() if not run.is_over else None
    pids = await run.up()
    for deaths in range(4):
        api = run.pids()["api"]
        os.kill(api, signal.SIGKILL)
        if deaths < 3:
            await eventually(lambda api=api: run.pids()["api"] != api)
    assert await run.over() == 1
    assert "api died 4 times within 60 s" in run.output
    assert none_lives(pids)
