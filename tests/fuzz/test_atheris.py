"""A short search for inputs that reach new code; `make fuzz` is the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.java import CHECKOUT
from tests.fuzz.planted import WORD
from tests.fuzz.targets import TARGETS

pytest.importorskip("atheris", reason="atheris has wheels for Linux on x86-64 alone")


def fuzzed(module: str, folder: Path, runs: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz.atheris_run", module, str(folder)]
    options = [f"-runs={runs}", "-seed=1"]
    return subprocess.run(
        [*command, *options], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def test_no_decoder_raises_anything_but_refusals(tmp_path: Path) -> None:
    ended = fuzzed("tests.fuzz.targets", tmp_path, runs=4_000)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count(": Done ") == len(TARGETS)


def test_what_is_planted_is_found_and_kept(tmp_path: Path) -> None:
    ended = fuzzed("tests.fuzz.planted", tmp_path, runs=500_000)
    assert ended.returncode == 1
    (found,) = (tmp_path / "findings").glob("planted-crash-*")
    assert found.read_bytes().startswith(WORD)
    assert "KeyError: b'note'" in (tmp_path / "findings" / "planted.log").read_text()
