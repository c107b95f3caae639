"""What is built is what is meant to be installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

from entrypoints import settings_table

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_the_four_roots_and_nothing_else(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    roots = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert roots == {"core", "adapters", "entrypoints", "bootstrap.py"}
    assert any(name.endswith("migrations/env.py") for name in names)
    assert "adapters/statements/fonts/DejaVuSansCondensed.ttf" in names
    assert any(name.endswith("licenses/adapters/statements/fonts/LICENSE") for name in names)
    http = ROOT / "adapters/inbound/http"
    page = [one for one in (http / "swagger_ui").iterdir() if one.is_file()]
    assert len(page) == 9
    beside = [http / "openapi/examples.json", *page]
    assert {str(one.relative_to(ROOT)) for one in beside} <= set(names)


def test_locks_pin_hashes_and_name_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


def test_the_readme_lists_every_setting_as_it_is() -> None:
    assert settings_table.markdown() in (ROOT / "README.md").read_text()
