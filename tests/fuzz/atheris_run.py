"""Looks for inputs that reach new code in the decoders, by atheris, which is libFuzzer for Python.

`python -m tests.fuzz.atheris_run MODULE FOLDER OPTIONS_OF_LIBFUZZER...` does so for each of the
module's `TARGETS`. In the folder, `corpus/` keeps what reached something new, and the next run goes
on from it; `findings/` has the inputs that raised, and beside them what libFuzzer said, with the
traceback. The exit status is 1 if there are any.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NoReturn

import atheris

from tests.fuzz.target import Target

_INSTRUMENTED: Final = ["core", "adapters", "tests.fuzz"]


def fuzz_each(targets: Mapping[str, Target], folder: Path, options: Sequence[str]) -> bool:
    """Fuzz one after the other, and tell of each; whether nothing was found."""
    clean = [_is_clean(name, one, folder, options) for name, one in targets.items()]
    return all(clean)


def _is_clean(name: str, target: Target, folder: Path, options: Sequence[str]) -> bool:
    corpus, findings = folder / "corpus" / name, folder / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    log = findings / f"{name}.log"
    _sow(target, corpus)
    status = _ended(target, log, [*options, f"-artifact_prefix={findings}/{name}-", str(corpus)])
    told = f"FOUND, see {log}"
    if status == 0:
        told = log.read_text(errors="replace").splitlines()[-1]
        log.unlink()
    sys.stdout.write(f"{name}: {told}\n")
    # Before the next child, which would have it, too.
    sys.stdout.flush()
    return status == 0


def _sow(target: Target, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / sha256(seed).hexdigest()[:40]).write_bytes(seed)


def _ended(target: Target, log: Path, options: Sequence[str]) -> int:
    """The exit status of a child that fuzzes the target.

    libFuzzer ends its process; and what is imported here need not be imported for each target.
    """
    child = os.fork()
    if child == 0:
        _fuzz(target, log, options)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _fuzz(target: Target, log: Path, options: Sequence[str]) -> NoReturn:
    with log.open("wb") as written:
        os.dup2(written.fileno(), sys.stdout.fileno())
        os.dup2(written.fileno(), sys.stderr.fileno())
    atheris.Setup([sys.argv[0], *options], target.read)
    atheris.Fuzz()
    raise AssertionError("libFuzzer ends its process")


def main() -> int:
    """Do as the module says."""
    module, folder, *options = sys.argv[1:]
    with atheris.instrument_imports(include=_INSTRUMENTED):
        targets = importlib.import_module(module).TARGETS
    return 0 if fuzz_each(targets, Path(folder), options) else 1


if __name__ == "__main__":
    sys.exit(main())
