"""Which Go builds k6: the one at hand if it is new enough, or else the one from PyPI."""

from pathlib import Path

import pytest

from tests.load import go

STAND_IN = Path("stand-in")


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go, "_stand_in", lambda _: STAND_IN)


def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str | None) -> Path:
    """A PATH with that program as its only `go`, or with none."""
    program = folder / "go"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


@pytest.mark.parametrize("version", ["go1.25", "go1.27.3", "go2.0.1"])
def test_a_go_that_is_new_enough_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program = on_path(tmp_path, monkeypatch, f"echo go version {version} linux/amd64")
    assert go.find_go(print) == program


@pytest.mark.parametrize("script", [None, "echo go version go1.24.9 linux/amd64", "exit 1"])
def test_without_one_or_with_one_that_is_old_or_broken_the_stand_in_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    on_path(tmp_path, monkeypatch, script)
    assert go.find_go(print) == STAND_IN
