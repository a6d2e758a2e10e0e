"""Every column of every table, named once: Arrow schemas, and records to and from rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa

from extractor.records import Assertion, Candidate, DateInterval, Evidence, Failure, Mention, Note, Verdict

_ASSERTION = [pa.field(name, pa.bool_()) for name in ("negated", "uncertain", "hypothetical", "historical", "family")]
_STRINGS = pa.list_(pa.string())

MENTIONS = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("note_date", pa.date32()),
        ("note_title", pa.string()),
        ("concept", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("snippet", pa.string()),
        ("section", pa.string()),
        ("sentence_start", pa.int32()),
        *_ASSERTION,
        ("cues", pa.map_(pa.string(), pa.string())),
        ("earliest", pa.date32()),
        ("latest", pa.date32()),
        ("date_source", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("comparator", pa.string()),
        ("range_low", pa.float64()),
        ("range_high", pa.float64()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
VERDICTS = pa.schema(
    [
        ("patient_id", pa.string()),
        ("trial_id", pa.string()),
        ("criterion_id", pa.string()),
        ("kind", pa.string()),
        ("verdict", pa.string()),
        ("effect", pa.string()),
        ("rationale", pa.string()),
        ("evidence_ids", _STRINGS),
    ]
)
EVIDENCE = pa.schema(
    [
        ("evidence_id", pa.string()),
        ("patient_id", pa.string()),
        ("trial_id", pa.string()),
        ("criterion_id", pa.string()),
        ("note_id", pa.string()),
        ("note_date", pa.date32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("snippet", pa.string()),
        ("section", pa.string()),
        ("concept", pa.string()),
        ("role", pa.string()),
        ("reason", pa.string()),
        *_ASSERTION,
        ("earliest", pa.date32()),
        ("latest", pa.date32()),
        ("date_source", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
CANDIDATES = pa.schema(
    [
        ("patient_id", pa.string()),
        ("trial_id", pa.string()),
        ("status", pa.string()),
        ("score", pa.float64()),
        ("rank", pa.int32()),
        ("failed", _STRINGS),
        ("to_review", _STRINGS),
    ]
)
FAILURES = pa.schema([(name, pa.string()) for name in ("note_id", "patient_id", "source", "stage", "error")])
NOTES = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("note_date", pa.date32()),
        ("note_title", pa.string()),
        ("text_sha256", pa.string()),
    ]
)
"""The notes that a run has read, those without a mention too: what index dates and later runs rest on. No text."""
TABLES: Mapping[str, pa.Schema] = {
    "notes": NOTES,
    "mentions": MENTIONS,
    "verdicts": VERDICTS,
    "evidence": EVIDENCE,
    "candidates": CANDIDATES,
    "failures": FAILURES,
}


def note_row(note: Note) -> dict[str, Any]:
    """A note as a row of `NOTES`: its hash stands for its text."""
    digest = hashlib.sha256(note.note_text.encode("utf-8")).hexdigest()
    return {
        "note_id": note.note_id,
        "patient_id": note.patient_id,
        "note_date": note.note_date,
        "note_title": note.note_title,
        "text_sha256": digest,
    }


def mention_row(mention: Mention) -> dict[str, Any]:
    """A mention as a row of `MENTIONS`."""
    assertion = mention.assertion
    return {
        "note_id": mention.note_id,
        "patient_id": mention.patient_id,
        "note_date": mention.note_date,
        "note_title": mention.note_title,
        "concept": mention.concept,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "snippet": mention.snippet,
        "section": mention.section,
        "sentence_start": mention.sentence_start,
        **_flags(assertion),
        "cues": list(assertion.cues),
        "earliest": mention.when.earliest,
        "latest": mention.when.latest,
        "date_source": mention.date_source,
        "value": mention.value,
        "unit": mention.unit,
        "comparator": mention.comparator,
        "range_low": mention.range_low,
        "range_high": mention.range_high,
        "attributes": list(mention.attributes),
    }


def mention_of(row: Mapping[str, Any]) -> Mention:
    """The mention of a row of `MENTIONS`, equal to the one that made it."""
    flags = {name: bool(row[name]) for name in ("negated", "uncertain", "hypothetical", "historical", "family")}
    return Mention(
        note_id=row["note_id"],
        patient_id=row["patient_id"],
        note_date=day_of(row["note_date"]),
        note_title=row["note_title"] or "",
        concept=row["concept"],
        start=int(row["start"]),
        end=int(row["end"]),
        text=row["text"],
        snippet=row["snippet"],
        section=row["section"] or "",
        sentence_start=int(row["sentence_start"]),
        assertion=Assertion(**flags, cues=_pairs(row["cues"])),
        when=DateInterval(_maybe_day(row["earliest"]), _maybe_day(row["latest"])),
        date_source=row["date_source"],
        value=_number(row["value"]),
        unit=row["unit"] or None,
        comparator=row["comparator"] or None,
        range_low=_number(row["range_low"]),
        range_high=_number(row["range_high"]),
        attributes=_pairs(row["attributes"]),
    )


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a row of `VERDICTS`."""
    return {**asdict(verdict), "evidence_ids": list(verdict.evidence_ids)}


def evidence_row(evidence: Evidence, trial_id: str) -> dict[str, Any]:
    """A piece of evidence as a row of `EVIDENCE`."""
    mention = evidence.mention
    return {
        "evidence_id": evidence.evidence_id,
        "patient_id": mention.patient_id,
        "trial_id": trial_id,
        "criterion_id": evidence.criterion_id,
        "note_id": mention.note_id,
        "note_date": mention.note_date,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "snippet": mention.snippet,
        "section": mention.section,
        "concept": mention.concept,
        "role": evidence.role,
        "reason": evidence.reason,
        **_flags(mention.assertion),
        "earliest": mention.when.earliest,
        "latest": mention.when.latest,
        "date_source": mention.date_source,
        "value": mention.value,
        "unit": mention.unit,
    }


def candidate_row(candidate: Candidate) -> dict[str, Any]:
    """A candidate as a row of `CANDIDATES`."""
    return {**asdict(candidate), "failed": list(candidate.failed), "to_review": list(candidate.to_review)}


def failure_row(failure: Failure) -> dict[str, Any]:
    """A failure as a row of `FAILURES`."""
    return asdict(failure)


def _flags(assertion: Assertion) -> dict[str, bool]:
    return {name: getattr(assertion, name) for name in ("negated", "uncertain", "hypothetical", "historical", "family")}


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    items = value.items() if isinstance(value, Mapping) else value or ()
    return tuple((str(key), str(item)) for key, item in items)


def day_of(value: Any) -> date:
    """A date column's value, which JSON and CSV hold as ISO text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _maybe_day(value: Any) -> date | None:
    return None if value is None or value == "" else day_of(value)


def _number(value: Any) -> float | None:
    return None if value is None or value == "" else float(value)
