"""Who imports whom, and that the doors answer at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


def test_imports_follow_the_layers() -> None:
    done = run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])")
    assert done.returncode == 0, done.stdout


def test_help_loads_neither_spacy_nor_pyarrow() -> None:
    code = "import sys; from extractor.cli.app import main; main(['--help']); print(sorted({'spacy','medspacy','pyarrow','pydantic','typer'} & set(sys.modules)))"
    assert run("-c", code).stdout.strip().endswith("[]")


def test_no_criterion_or_concept_of_a_trial_is_named_in_python() -> None:
    """A trial is data: its criterion ids and concept ids stand in YAML only."""
    from extractor.spec.trials import load_trial

    ids = {criterion.id for criterion in load_trial("rp-low-dose-il2").criteria}
    for path in (ROOT / "extractor").rglob("*.py"):
        words = set(path.read_text(encoding="utf-8").replace('"', " ").replace("'", " ").split())
        assert not words & ids, f"{path} names {words & ids}"
