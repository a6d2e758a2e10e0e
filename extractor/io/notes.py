"""Raw rows in, notes and patients out; every row that cannot be one becomes a failure that names file and row."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.sources import BadRow, RawRow, read_raw
from extractor.records import Failure, Note, Patient, Sex

NOTE_COLUMNS = ("note_id", "patient_id", "note_date", "note_text", "note_title")
REQUIRED = NOTE_COLUMNS[:4]
STAGE = "read"
SEXES: Mapping[str, Sex] = {"female": "female", "f": "female", "woman": "female", "male": "male", "m": "male", "man": "male"}
OMOP_NAMES = {"person_id": "patient_id"}


class RowError(ValueError):
    """What is wrong with one row, said without its text."""


def read_notes(
    path: Path, *, columns: Mapping[str, str] | None = None, patients: Mapping[str, Patient] | None = None
) -> Iterator[Note | Failure]:
    """Notes of a file or folder in order, bad rows as failures.

    `columns` maps our names to those of the file. With `patients`, a note of a patient who is not among them fails.
    A note id that came before fails too. Raises `InputError` when a column that every note needs is missing.
    """
    seen: set[str] = set()
    names = {name: (columns or {}).get(name, name) for name in NOTE_COLUMNS}
    first = True
    for row in read_raw(path):
        if isinstance(row, RawRow) and first:
            names = with_omop_names(names, row)
            check_columns(row, names, path)
            first = False
        yield note_or_failure(row, names, seen, patients)


def with_omop_names(names: dict[str, str], row: RawRow) -> dict[str, str]:
    """The names with OMOP's `person_id` for the patient, where the row has that."""
    if names["patient_id"] == "patient_id" and "patient_id" not in row.values and "person_id" in row.values:
        return {**names, "patient_id": "person_id"}
    return names


def check_columns(row: RawRow, names: Mapping[str, str], path: Path) -> None:
    """Raises `InputError` when a column that every note needs is missing."""
    missing = [name for name in REQUIRED if names[name] not in row.values]
    if missing:
        wanted = ", ".join(f"{name} (looked for '{names[name]}')" for name in missing)
        has = ", ".join(map(str, row.values)) or "nothing"
        raise InputError(f"{row.place}: no column {wanted}; the row has {has}. Map columns with --column note_text=NAME")


def note_or_failure(
    row: RawRow | BadRow, names: Mapping[str, str], seen: set[str], patients: Container[str] | None
) -> Note | Failure:
    """The row as a note, else what is wrong with it; `seen` are the ids of the notes before it, and is added to."""
    if isinstance(row, BadRow):
        return Failure(None, None, row.place, STAGE, row.error)
    values = {name: row.values.get(column) for name, column in names.items()}
    note_id, patient_id = _id(values["note_id"]), _id(values["patient_id"])
    try:
        note = _note(values, note_id, patient_id)
        if note.note_id in seen:
            raise RowError(f"note_id {note.note_id} came before; ids must be unique in the corpus")
        if patients is not None and note.patient_id not in patients:
            raise RowError(f"patient_id {note.patient_id} is not in the patients file")
    except RowError as error:
        return Failure(note_id, patient_id, row.place, STAGE, str(error))
    seen.add(note.note_id)
    return note


def _note(values: Mapping[str, Any], note_id: str | None, patient_id: str | None) -> Note:
    if note_id is None:
        raise RowError("note_id is empty")
    if patient_id is None:
        raise RowError("patient_id is empty")
    text = values["note_text"]
    if not isinstance(text, str):
        raise RowError(f"note_text is {'missing' if text is None else 'a ' + type(text).__name__}; expected text")
    title = values["note_title"]
    return Note(note_id, patient_id, _required_day(values["note_date"]), _encodable(text), str(title) if title else None)


def _encodable(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise RowError("note_text holds half of a surrogate pair; the file was written from broken UTF-16")
    return text


def _id(value: Any) -> str | None:
    text = "" if value is None else str(value)
    return text if text.strip() else None


def _required_day(value: Any) -> date:
    day = parse_day(value, "note_date")
    if day is None:
        raise RowError("note_date is empty; every note needs its date (YYYY-MM-DD)")
    return day


def parse_day(value: Any, column: str) -> date | None:
    """A date, a date-time or ISO text as a date; empty is `None`; anything else raises `RowError`."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip().replace("Z", "+00:00")).date()
    except ValueError:
        raise RowError(f"{column} is not a date; write YYYY-MM-DD") from None


def read_patients(path: Path) -> dict[str, Patient]:
    """Patients by id; raises `InputError` with every faulty row, since a wrong birth date would decide a verdict."""
    patients: dict[str, Patient] = {}
    faults: list[str] = []
    for row in read_raw(path):
        if isinstance(row, BadRow):
            faults.append(f"{row.place}: {row.error}")
            continue
        try:
            patient = _patient({OMOP_NAMES.get(name, name): value for name, value in row.values.items()})
            if patient.patient_id in patients:
                raise RowError(f"patient_id {patient.patient_id} came before")
            patients[patient.patient_id] = patient
        except RowError as error:
            faults.append(f"{row.place}: {error}")
    if faults:
        raise InputError("\n".join(faults))
    return patients


def _patient(values: Mapping[str, Any]) -> Patient:
    patient_id = _id(values.get("patient_id"))
    if patient_id is None:
        raise RowError("patient_id is missing or empty")
    sex = values.get("sex")
    if sex and str(sex).strip().lower() not in SEXES:
        raise RowError("sex must be female, male or empty")
    return Patient(
        patient_id,
        SEXES[str(sex).strip().lower()] if sex else None,
        parse_day(values.get("birth_date"), "birth_date"),
        parse_day(values.get("index_date"), "index_date"),
    )
