"""`run.json`: what a run was made of and by, and what it counted. No note text."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from extractor.io.tables import appear
from extractor.spec.trials import Trial

ANSWERING = ("text", "criteria", "spec")
"""The packages, beside the modules at the top, on which an answer depends."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a run. `slow_notes` were read the long way, `reused_notes` taken from an earlier run."""

    notes: int
    patients: int
    mentions: int
    failures: int
    slow_notes: int
    reused_notes: int


def now() -> datetime:
    """The time of day in UTC: used to time a run, never to judge a patient."""
    return datetime.now(timezone.utc)


def read_run_json(folder: Path) -> dict[str, Any]:
    """The `run.json` of a folder, empty when there is none."""
    path = folder / "run.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_run_json(
    out: Path,
    *,
    started: datetime,
    counts: Counts,
    trial: Trial | None,
    rules_sha256: str | None,
    inputs: Mapping[str, object],
    key: Mapping[str, object],
) -> None:
    """Versions, hashes, inputs, counts and timings of a run; by its key it is known again."""
    ended = now()
    content = {
        "program": {"name": "prescreen", "version": package_version(), "code_sha256": code_sha256()},
        "python": platform.python_version(),
        "trial_id": trial.id if trial else None,
        "trial_sha256": trial_sha256(trial) if trial else None,
        "patterns_sha256": rules_sha256,
        "inputs": dict(inputs),
        "key": dict(key),
        "counts": {name: getattr(counts, name) for name in Counts.__slots__},
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((ended - started).total_seconds(), 3),
    }
    partial = out / "run.json.partial"
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    appear(partial, out / "run.json")


def trial_sha256(trial: Trial) -> str:
    """A hash of what the trial file says, whatever its layout."""
    return hashlib.sha256(trial.model_dump_json().encode("utf-8")).hexdigest()


@cache
def code_sha256() -> str:
    """A hash of the code that makes mentions of notes and verdicts of mentions: with another, answers may differ."""
    package = Path(__file__).resolve().parent.parent
    files = [*package.glob("*.py"), *(file for name in ANSWERING for file in (package / name).rglob("*.py"))]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def package_version() -> str:
    """The installed version, or `checkout` where the package is not installed."""
    try:
        return version("prescreen")
    except PackageNotFoundError:
        return "checkout"
