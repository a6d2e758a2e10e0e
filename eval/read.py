"""Folders into records: a gold folder, a run folder, a split. All faults of a folder are told at once.

Comes in: paths. Goes out: `Gold` and `Run`, checked against the vocabulary of the data contract, so that
nothing behind this file needs to check again. A fault names file, patient and offsets, and never quotes a
note.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.records import (
    EFFECTS,
    KINDS,
    REASONS,
    ROLES,
    STATUSES,
    VERDICTS,
    EvalError,
    Gold,
    GoldPatient,
    Note,
    PredictedCandidate,
    PredictedVerdict,
    Run,
    Span,
)
from eval.rows import Row, read_csv, read_jsonl, read_table

FAULTS_SHOWN = 20


def read_gold(folder: Path, *, split: str | None = None) -> Gold:
    """The gold of a folder, or of one split of it as `splits.csv` (`patient_id`, `split`) says.

    Raises `EvalError` with every span whose text is not in its note at its offsets, every unknown word and
    every id given twice. `sampling.csv` (`patient_id`, `probability`) is read where there is one.
    """
    path = folder / "gold.jsonl"
    if not path.is_file():
        raise EvalError(f"{folder}: no gold.jsonl; a gold folder holds gold.jsonl, notes.jsonl and patients.jsonl")
    rows = read_jsonl(path)
    notes = read_notes(folder / "notes.jsonl")
    _raise(
        path,
        [fault for row in rows for fault in _faults_of_patient(row, notes)] + _repeated(rows, "patient_id"),
    )
    wanted = None if split is None else read_split(folder, split)
    patients = [_gold_patient(row) for row in rows if wanted is None or row["patient_id"] in wanted]
    ids = {patient.patient_id for patient in patients}
    return Gold(
        patients=tuple(sorted(patients, key=lambda patient: patient.patient_id)),
        notes={note_id: note for note_id, note in sorted(notes.items()) if note.patient_id in ids},
        criteria=tuple(dict.fromkeys(criterion for row in rows for criterion in row["verdicts"])),
        sampling_probability=_read_probabilities(folder / "sampling.csv"),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def read_notes(path: Path) -> dict[str, Note]:
    """Notes by id; offsets count in `note_text` exactly as stored."""
    if not path.is_file():
        raise EvalError(f"{path.parent}: no notes.jsonl beside gold.jsonl; offsets cannot be checked without it")
    rows = read_jsonl(path)
    lacking = [f"line {n}: no {key}" for n, row in enumerate(rows, 1) for key in ("note_id", "note_text") if key not in row]
    _raise(path, lacking or _repeated(rows, "note_id"))
    return {
        row["note_id"]: Note(
            note_id=row["note_id"],
            patient_id=str(row.get("patient_id", "")),
            note_date=str(row.get("note_date") or ""),
            note_title=row.get("note_title") or "",
            note_text=row["note_text"],
        )
        for row in rows
    }


def read_split(folder: Path, split: str) -> frozenset[str]:
    """Patient ids of one split; an unknown split is refused with the names there are."""
    path = folder / "splits.csv"
    if not path.is_file():
        raise EvalError(f"{folder}: no splits.csv, so there is no split '{split}'")
    by_split: dict[str, set[str]] = defaultdict(set)
    for row in read_csv(path):
        by_split[str(row.get("split"))].add(str(row.get("patient_id")))
    if split not in by_split:
        raise EvalError(f"{path}: no split '{split}'; there are {', '.join(sorted(by_split))}")
    return frozenset(by_split[split])


def read_run(folder: Path) -> Run:
    """A run folder: `verdicts` (needed), `evidence` and `candidates` (where they are). One trial only."""
    if not folder.is_dir():
        raise EvalError(f"{folder}: no such run folder")
    verdicts, evidence = read_table(folder, "verdicts"), read_table(folder, "evidence", required=False)
    candidates = read_table(folder, "candidates", required=False)
    trials = sorted({str(row.get("trial_id")) for row in verdicts})
    if len(trials) > 1:
        raise EvalError(f"{folder}: verdicts of {len(trials)} trials ({', '.join(trials)}); score one trial at a time")
    _raise(
        folder,
        [*_faults_of_verdicts(verdicts), *_faults_of_evidence(evidence), *_faults_of_candidates(candidates)],
    )
    spans: dict[str, list[Span]] = defaultdict(list)
    for row in evidence:
        spans[str(row["patient_id"])].append(_span(row, str(row["criterion_id"])))
    return Run(
        name=folder.name,
        verdicts={
            (str(row["patient_id"]), row["criterion_id"]): PredictedVerdict(
                row["verdict"], row["effect"], row["kind"], row.get("rationale") or ""
            )
            for row in verdicts
        },
        evidence={patient_id: tuple(found) for patient_id, found in spans.items()},
        candidates={str(row["patient_id"]): _candidate(row) for row in candidates},
        made_by=_made_by(folder / "run.json"),
    )


def _made_by(path: Path) -> dict[str, str | None]:
    """The hashes of trial and patterns, and of the gold that the candidates' scores were fitted on, if they were."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        inputs = content.get("inputs") or {}
        named = {name: content.get(name) for name in ("trial_sha256", "patterns_sha256")}
        return {**named, "calibrated_on": (inputs.get("calibration") or {}).get("gold_sha256")}
    except (ValueError, AttributeError):
        raise EvalError(f"{path}: not as a run writes it") from None


def _gold_patient(row: Row) -> GoldPatient:
    evidence = tuple(_span(span, span["criterion"]) for span in row.get("evidence") or ())
    return GoldPatient(row["patient_id"], row["verdicts"], evidence)


def _span(row: Row, criterion: str) -> Span:
    return Span(
        criterion=criterion,
        note_id=str(row["note_id"]),
        start=int(row["start"]),
        end=int(row["end"]),
        role=row["role"],
        reason=row.get("reason") or None,
        text=row.get("text") or "",
        section=row.get("section") or None,
        negated=_is_true(row.get("negated")),
        date_source=row.get("date_source") or None,
        value=_number(row.get("value")),
    )


def _candidate(row: Row) -> PredictedCandidate:
    return PredictedCandidate(
        status=row["status"],
        score=_number(row.get("score")),
        rank=_number(row.get("rank")),
        failed=len(_names(row.get("failed"))),
        to_review=len(_names(row.get("to_review"))),
    )


def _is_true(cell: Any) -> bool:
    return cell is True or str(cell).lower() in ("true", "1")


def _number(cell: Any) -> float | None:
    number = None if cell is None or cell == "" else float(cell)
    return None if number is None or math.isnan(number) else number


def _names(cell: Any) -> list[str]:
    """A list column; as CSV it is JSON, or names parted by space, comma, semicolon or bar."""
    if not isinstance(cell, str):
        return list(cell or ())
    if cell.lstrip().startswith("["):
        return [str(name) for name in json.loads(cell)]
    return cell.replace("|", " ").replace(";", " ").replace(",", " ").split()


def _read_probabilities(path: Path) -> dict[str, float]:
    if not path.is_file():
        return {}
    rows = read_csv(path)
    _raise(
        path,
        [f"patient {row.get('patient_id')}: needs 0 < probability <= 1" for row in rows if not _is_chance(row)],
    )
    return {str(row["patient_id"]): float(row["probability"]) for row in rows}


def _is_chance(row: Row) -> bool:
    try:
        return 0 < float(row["probability"]) <= 1
    except (KeyError, TypeError, ValueError):
        return False


def _faults_of_patient(row: Row, notes: dict[str, Note]) -> list[str]:
    patient = row.get("patient_id")
    verdicts, evidence = row.get("verdicts"), row.get("evidence") or []
    if not isinstance(patient, str) or not isinstance(verdicts, dict):
        return [f"patient {patient!r}: needs 'patient_id' and 'verdicts'"]
    faults = [f"patient {patient}: {_not_one_of(verdict, VERDICTS)} in {criterion}"
              for criterion, verdict in verdicts.items() if verdict not in VERDICTS]  # fmt: skip
    return faults + [f"patient {patient}: {fault}" for span in evidence for fault in _faults_of_span(span, notes)]


def _faults_of_span(span: Row, notes: dict[str, Note]) -> list[str]:
    lacking = [key for key in ("criterion", "note_id", "start", "end", "role") if span.get(key) is None]
    if lacking:
        return [f"evidence without {', '.join(lacking)}"]
    place = f"{span['criterion']} {span['note_id']} {span['start']}..{span['end']}"
    if span["note_id"] not in notes:
        return [f"{place}: no such note"]
    text = notes[span["note_id"]].note_text
    faults = [f"{place}: {fault}" for fault in _role_faults(span)]
    if not 0 <= span["start"] <= span["end"] <= len(text):
        return [*faults, f"{place}: outside its note of {len(text)} characters"]
    if span.get("text") is not None and text[span["start"] : span["end"]] != span["text"]:
        return [*faults, f"{place}: the note has other text there"]
    return faults


def _role_faults(row: Row) -> list[str]:
    faults = [] if row.get("role") in ROLES else [_not_one_of(row.get("role"), ROLES)]
    return faults if not row.get("reason") or row["reason"] in REASONS else [*faults, _not_one_of(row["reason"], REASONS)]


def _faults_of_verdicts(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        place = f"verdicts, {row.get('patient_id')} {row.get('criterion_id')}"
        for column, allowed in (("verdict", VERDICTS), ("effect", EFFECTS), ("kind", KINDS)):
            if row.get(column) not in allowed:
                yield f"{place}: {column} {_not_one_of(row.get(column), allowed)}"
    pairs = Counter((row.get("patient_id"), row.get("criterion_id")) for row in rows)
    yield from (f"verdicts, {patient} {criterion}: {n} rows" for (patient, criterion), n in pairs.items() if n > 1)


def _faults_of_evidence(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        place = f"evidence, {row.get('patient_id')} {row.get('criterion_id')} {row.get('note_id')}"
        yield from (f"{place}: {fault}" for fault in _role_faults(row))
        if _number(row.get("start")) is None or _number(row.get("end")) is None or int(row["start"]) > int(row["end"]):
            yield f"{place}: needs start <= end"


def _faults_of_candidates(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        if row.get("status") not in STATUSES:
            yield f"candidates, {row.get('patient_id')}: status {_not_one_of(row.get('status'), STATUSES)}"
    yield from (f"candidates, {fault}" for fault in _repeated(rows, "patient_id"))


def _not_one_of(found: object, allowed: tuple[str, ...]) -> str:
    """The word found, cut short: a note pasted into the wrong column must not come out in a message."""
    return f"{str(found)[:20]!r} is not one of {', '.join(allowed)}"


def _repeated(rows: list[Row], key: str) -> list[str]:
    counts = Counter(row.get(key) for row in rows)
    return [f"{key} {value}: {n} rows" for value, n in counts.items() if n > 1]


def _raise(path: Path, faults: list[str]) -> None:
    if faults:
        shown = "\n  ".join(faults[:FAULTS_SHOWN])
        more = f"\n  and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        raise EvalError(f"{path}: {len(faults)} faults\n  {shown}{more}")
