"""The shape of the code is what the import contracts say."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept() -> None:
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr
    assert "0 broken" in lint.stdout


@pytest.mark.parametrize("name", ["core", "adapters", "entrypoints", "bootstrap"])
def test_our_packages_are_ours_and_not_namesakes_from_elsewhere(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


def test_the_top_level_holds_what_it_should() -> None:
    folders = {one.name for one in ROOT.iterdir() if (one / "__init__.py").exists()}
    assert folders == {"core", "adapters", "entrypoints", "infra"}
