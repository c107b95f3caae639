"""What `make run` refuses: in one sentence, with an exit status, and with nothing touched."""

import json
import socket
from pathlib import Path

import pytest

from infra.local.folder import MARKER, opened
from infra.local.jars import require_maven
from infra.local.refused import Refused
from tests.running_stack import STAND_IN, Run
from tests.servers import scratch_folder

pytestmark = pytest.mark.timeout(60)


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file below the folder, with its content."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


async def refused(data: Path, port: int = 1024) -> str:
    """Run it, expect it to fail; what it said."""
    run = Run(data, port, STAND_IN)
    await run.begin()
    assert await run.over() == 1
    assert "Traceback" not in run.output
    return run.output


async def test_a_folder_with_other_files_is_left_alone() -> None:
    with scratch_folder() as folder:
        data = folder / "data"
        data.mkdir()
        (data / "diary.txt").write_text("mine")
        before = snapshot(data)
        assert "holds files that are not Counterfoil's" in await refused(data)
        assert snapshot(data) == before


async def test_a_taken_port_is_named() -> None:
    with scratch_folder() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await refused(folder / "data", port)
        assert f"Port {port} is taken" in said
        assert "starting" not in said


async def test_a_port_that_is_none_is_named() -> None:
    with scratch_folder() as folder:
        run = Run(folder / "data", 65536, STAND_IN)
        await run.begin()
        assert await run.over() == 1
        assert "PORT=65536 is not a port" in run.output


@pytest.mark.parametrize("server", ["postgres", "kafka"])
async def test_a_server_folder_that_cannot_be_understood_is_left_alone(server: str) -> None:
    with scratch_folder() as folder:
        data = folder / "data"
        with opened(data):
            pass
        (data / server).mkdir(mode=0o755)
        (data / server / "something").write_text("else")
        assert "it was left as it is" in await refused(data)
        assert (data / server / "something").read_text() == "else"


async def test_a_ledger_that_is_gone_is_not_silently_made_anew() -> None:
    with scratch_folder() as folder:
        data = folder / "data"
        with opened(data) as claimed:
            claimed.mark_complete()
        said = await refused(data)
        assert "has lost its ledger and its command log" in said
        assert not (data / "postgres").exists()


@pytest.mark.parametrize("marker", ["{", "[]", '{"format": 2, "complete": true}'])
def test_a_marker_that_is_not_ours_is_left_alone(marker: str) -> None:
    with scratch_folder() as folder:
        (folder / MARKER).write_text(marker)
        with pytest.raises(Refused, match="left as it is"), opened(folder):
            pass
        assert (folder / MARKER).read_text() == marker


def test_a_marker_that_was_not_finished_is_written_again() -> None:
    with scratch_folder() as folder:
        (folder / f"{MARKER}.new").write_text("{")
        with opened(folder):
            assert json.loads((folder / MARKER).read_text())["format"] == 1


def test_a_data_folder_is_for_one_at_a_time() -> None:
    with (
        scratch_folder() as folder,
        opened(folder / "data"),
        pytest.raises(Refused, match="in use"),
        opened(folder / "data"),
    ):
        pass


def test_a_missing_maven_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.local.jars.jars_are_here", lambda: False)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Refused, match="apt-get install maven"):
        require_maven()


async def test_a_migration_that_fails_ends_the_start_with_its_log() -> None:
    with scratch_folder() as folder:
        run = Run(folder / "data", 1024, STAND_IN)
        await run.begin(STANDIN_FAILS="migrate")
        assert await run.over() == 1
        assert "migrate ended with exit status 1" in run.output
        assert "migrate was told to fail" in run.output
