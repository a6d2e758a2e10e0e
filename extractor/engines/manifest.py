"""`run.json`: what a run was made of and by, and what it counted. No note text."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from extractor.spec.trials import Trial


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


def counts_of(folder: Path) -> dict[str, int]:
    """The counts in the `run.json` of a folder."""
    counts: dict[str, int] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["counts"]
    return counts


def rules_of(folder: Path) -> str | None:
    """The hash of the patterns that made the mentions of a run folder, if its `run.json` says so."""
    path = folder / "run.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8")).get("patterns_sha256")
    return str(found) if found else None


def write_run_json(
    out: Path, *, started: datetime, counts: Counts, trial: Trial | None, rules_sha256: str | None, inputs: Mapping[str, object]
) -> None:
    """Versions, hashes, inputs, counts and timings of a run."""
    ended = now()
    content = {
        "program": {"name": "prescreen", "version": package_version()},
        "python": platform.python_version(),
        "trial_id": trial.id if trial else None,
        "trial_sha256": trial_sha256(trial) if trial else None,
        "patterns_sha256": rules_sha256,
        "inputs": dict(inputs),
        "counts": {name: getattr(counts, name) for name in Counts.__slots__},
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((ended - started).total_seconds(), 3),
    }
    partial = out / "run.json.partial"
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(out / "run.json")


def trial_sha256(trial: Trial) -> str:
    """A hash of what the trial file says, whatever its layout."""
    return hashlib.sha256(trial.model_dump_json().encode("utf-8")).hexdigest()


def package_version() -> str:
    """The installed version, or `checkout` where the package is not installed."""
    try:
        return version("prescreen")
    except PackageNotFoundError:
        return "checkout"
