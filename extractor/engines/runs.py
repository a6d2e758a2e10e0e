"""A whole run: notes and a trial in, a folder of tables out. What `prescreen run`, `annotate` and `screen` call.

Notes are read in any order; only their mentions are grouped by patient, and each patient is judged alone.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from extractor.criteria.evaluate import Judgement, judge
from extractor.engines.reading import NoteResult, read_note
from extractor.io.notes import read_notes
from extractor.io.schema import candidate_row, day_of, evidence_row, failure_row, mention_of, mention_row, note_row, verdict_row
from extractor.io.tables import Format, read_table, write_table
from extractor.ranking import rank
from extractor.records import Candidate, Failure, Mention, Note, Patient
from extractor.spec.trials import Trial
from extractor.text.pipeline import Pipeline

Progress = Callable[[int], None]
"""Called with the number of notes done so far."""


@dataclass
class Tally:
    """What a run counted."""

    notes: int = 0
    patients: int = 0
    mentions: int = 0
    failures: list[Failure] = field(default_factory=list)


def map_notes(rows: Iterable[Note | Failure], pipeline: Pipeline, tally: Tally, progress: Progress) -> Iterator[NoteResult]:
    """The results of the notes that could be read; failures of either stage are added to the tally."""
    for row in rows:
        tally.notes += 1
        if isinstance(row, Failure):
            tally.failures.append(row)
        else:
            result = read_note(pipeline, row)
            if result.failure is not None:
                tally.failures.append(result.failure)
            tally.mentions += len(result.mentions)
            yield result
        progress(tally.notes)


def annotate(
    notes: Path, out: Path, pipeline: Pipeline, *, columns: Mapping[str, str], format: Format, progress: Progress
) -> Tally:
    """Writes `mentions`, `notes` and `failures` of all notes; no trial is asked."""
    tally, charts = _extract(read_notes(notes, columns=columns), out, pipeline, format, progress)
    tally.patients = len(charts.mentions)
    return tally


def run(
    notes: Path,
    trial: Trial,
    out: Path,
    pipeline: Pipeline,
    *,
    patients: Mapping[str, Patient] | None,
    index_date: date | None,
    columns: Mapping[str, str],
    format: Format,
    progress: Progress,
) -> tuple[Tally, tuple[Candidate, ...]]:
    """Notes to candidates: writes notes, mentions, verdicts, evidence, candidates and failures into `out`."""
    tally, charts = _extract(read_notes(notes, columns=columns, patients=patients), out, pipeline, format, progress)
    candidates = judge_charts(charts, trial, out, patients=patients or {}, index_date=index_date, format=format)
    tally.patients = len(candidates)
    return tally, candidates


@dataclass
class Charts:
    """Mentions by patient, and each patient's newest note: the index date where none is given."""

    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    newest: dict[str, date] = field(default_factory=dict)

    def add_note(self, patient_id: str, note_date: date) -> None:
        self.mentions.setdefault(patient_id, [])
        self.newest[patient_id] = max(note_date, self.newest.get(patient_id, note_date))


def _extract(
    rows: Iterable[Note | Failure], out: Path, pipeline: Pipeline, format: Format, progress: Progress
) -> tuple[Tally, Charts]:
    tally, charts = Tally(), Charts()
    read: list[Note] = []
    for row in rows:
        for result in map_notes([row], pipeline, tally, progress):
            assert isinstance(row, Note)
            charts.add_note(row.patient_id, row.note_date)
            charts.mentions[row.patient_id].extend(result.mentions)
            read.append(row)
    write_table(out, "notes", map(note_row, read), format=format)
    write_table(out, "mentions", (mention_row(m) for mentions in charts.mentions.values() for m in mentions), format=format)
    write_table(out, "failures", map(failure_row, tally.failures), format=format)
    return tally, charts


def judge_charts(
    charts: Charts,
    trial: Trial,
    out: Path,
    *,
    patients: Mapping[str, Patient],
    index_date: date | None,
    format: Format,
) -> tuple[Candidate, ...]:
    """Writes verdicts, evidence and candidates of every chart; the index date is the patient's, the run's, or the newest note's."""
    judgements: list[Judgement] = []
    for patient_id in sorted({*charts.mentions, *patients}):
        patient = patients.get(patient_id, Patient(patient_id))
        day = patient.index_date or index_date or charts.newest.get(patient_id)
        judgements.append(judge(trial, patient, charts.mentions.get(patient_id, ()), index_date=day))
    candidates = rank(trial, judgements)
    write_table(out, "verdicts", (verdict_row(v) for j in judgements for v in j.verdicts), format=format)
    write_table(out, "evidence", (evidence_row(e, trial.id) for j in judgements for e in j.evidence), format=format)
    write_table(out, "candidates", map(candidate_row, candidates), format=format)
    return candidates


def screen(
    mentions: Path, trial: Trial, out: Path, *, patients: Mapping[str, Patient], index_date: date | None, format: Format
) -> tuple[Tally, tuple[Candidate, ...]]:
    """Judges the mentions of a run folder; raises `RunError` when it holds none."""
    tally, charts = Tally(), Charts()
    for row in read_table(mentions, "notes"):
        charts.add_note(row["patient_id"], day_of(row["note_date"]))
        tally.notes += 1
    for row in read_table(mentions, "mentions"):
        charts.mentions.setdefault(row["patient_id"], []).append(mention_of(row))
        tally.mentions += 1
    candidates = judge_charts(charts, trial, out, patients=patients, index_date=index_date, format=format)
    tally.patients = len(candidates)
    write_table(out, "failures", [], format=format)
    return tally, candidates


def now() -> datetime:
    """The time of day in UTC: used to time a run, never to judge a patient."""
    return datetime.now(timezone.utc)


def exit_status(tally: Tally) -> int:
    """0 all done, 1 done with failures, 2 when no note could be read."""
    if not tally.failures:
        return 0
    return 1 if len(tally.failures) < tally.notes else 2


def rules_of(folder: Path) -> str | None:
    """The hash of the patterns that made the mentions of a run folder, if its `run.json` says so."""
    path = folder / "run.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8")).get("patterns_sha256")
    return str(found) if found else None


def write_run_json(
    out: Path, *, started: datetime, tally: Tally, trial: Trial | None, rules_sha256: str | None, inputs: Mapping[str, object]
) -> None:
    """Versions, hashes, inputs, counts and timings of a run; no note text."""
    ended = now()
    content = {
        "program": {"name": "prescreen", "version": package_version()},
        "python": platform.python_version(),
        "trial_id": trial.id if trial else None,
        "trial_sha256": trial_sha256(trial) if trial else None,
        "patterns_sha256": rules_sha256,
        "inputs": dict(inputs),
        "counts": {"notes": tally.notes, "patients": tally.patients, "mentions": tally.mentions, "failures": len(tally.failures)},
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
