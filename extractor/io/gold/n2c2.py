"""n2c2 2018 track 1: one XML file a patient, its records in one text, a tag a criterion that is met or not met.

The format has no unknown, no span, and of a record nothing but text and date; what that loses is listed. It needs no
`corpus.json`: a folder of the challenge can be read as it is. A criterion without a tag has no verdict in what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from extractor.errors import InputError
from extractor.io.gold.exchange import Imported, file_stem
from extractor.io.gold.records import Corpus, GoldChart
from extractor.records import Note, Patient, VerdictValue

NAME = "n2c2"
MET: dict[VerdictValue, str] = {"met": "met", "not_met": "not met"}
VERDICT: dict[str, VerdictValue] = {word: verdict for verdict, word in MET.items()}
RULE = "*" * 100
RECORD = re.compile(r"\s*?Record date: (\d{4}-\d\d-\d\d)\n{0,2}(.*?)\n?", re.DOTALL)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export(corpus: Corpus, folder: Path) -> list[str]:
    """Writes one file a patient; returns what the format does not hold."""
    folder.mkdir(parents=True, exist_ok=True)
    losses = [f"column {name} is not carried" for name in corpus.unread]
    for chart in corpus.charts:
        notes = [note for note in corpus.notes if note.patient_id == chart.patient.patient_id]
        (folder / f"{file_stem(chart.patient.patient_id)}.xml").write_bytes(_xml(chart, notes).encode("utf-8"))
        losses += _chart_losses(chart, notes)
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of a folder of such files; note ids are the patient's with a number. Raises `InputError` with all faults."""
    charts, notes, faults = [], [], []
    for path in sorted(folder.glob("*.xml")):
        try:
            chart, own = _read(path)
        except InputError as error:
            faults.append(str(error))
            continue
        charts.append(chart)
        notes += own
    if not charts and not faults:
        raise InputError(f"{folder}: no .xml files")
    if faults:
        raise InputError("\n".join(faults))
    criteria = dict.fromkeys(criterion for chart in charts for criterion in chart.verdicts)
    losses = [
        f"patient {chart.patient.patient_id}: no tag for {' '.join(lacking)}, so no verdict"
        for chart in charts
        if (lacking := [criterion for criterion in criteria if criterion not in chart.verdicts])
    ]
    return Imported(Corpus(tuple(charts), tuple(notes)), tuple(losses))


def _xml(chart: GoldChart, notes: list[Note]) -> str:
    records = "".join(
        f"\n\nRecord date: {note.note_date.isoformat()}\n\n{NOT_XML.sub(' ', note.note_text)}\n\n{RULE}\n" for note in notes
    )
    tags = "".join(f'<{name} met="{MET[verdict]}" />\n' for name, verdict in chart.verdicts.items() if verdict in MET)
    content = f"<TEXT>{_cdata(records)}</TEXT>\n<TAGS>\n{tags}</TAGS>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<PatientMatching>\n{content}\n</PatientMatching>\n'


def _cdata(text: str) -> str:
    """Character data that any XML reader gives back as it is: a carriage return in it would be read as a line feed."""
    inner = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{inner}]]>"


def _chart_losses(chart: GoldChart, notes: list[Note]) -> Iterator[str]:
    patient = chart.patient
    place = f"patient {patient.patient_id}"
    for verdict in ("unknown", "not_applicable"):
        names = [name for name, given in chart.verdicts.items() if given == verdict]
        if names:
            yield f"{place}: no tag for the verdict {verdict}: {' '.join(names)}"
    if chart.evidence:
        yield f"{place}: {len(chart.evidence)} spans"
    if chart.doubts:
        yield f"{place}: {len(chart.doubts)} doubts of the reader"
    known = [name for name in ("sex", "birth_date", "index_date") if getattr(patient, name)] + ["split"] * bool(chart.split)
    if known:
        yield f"{place}: {', '.join(known)}"
    titled = [note.note_id for note in notes if note.note_title is not None]
    if titled:
        yield f"{place}: titles of {len(titled)} notes"
    numbered = [note.note_id for number, note in enumerate(notes, start=1) if note.note_id != f"{patient.patient_id}-{number}"]
    if numbered:
        yield f"{place}: the ids of notes {' '.join(numbered)}"
    for note in notes:
        spoiled = len(NOT_XML.findall(note.note_text))
        if spoiled:
            yield f"note {note.note_id}: {spoiled} characters that XML cannot hold are written as blanks"
        if f"\n{RULE}\n" in f"\n{note.note_text}\n":
            yield f"note {note.note_id}: holds the line that parts records, and is read as several"


def _read(path: Path) -> tuple[GoldChart, list[Note]]:
    content = path.read_bytes()
    if b"<!DOCTYPE" in content.split(b"<TEXT>")[0]:
        raise InputError(f"{path}: has a document type; such files may name entities that fill the memory, and are not read")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(f"{path}:{error.position[0]}: not well-formed XML") from None
    patient_id = unquote(path.stem)
    verdicts: dict[str, VerdictValue] = {}
    for tag in root.iterfind("TAGS/*"):
        word = tag.get("met")
        if word not in VERDICT:
            raise InputError(f"{path}: tag {tag.tag}: met must be one of {', '.join(VERDICT)}")
        verdicts[tag.tag] = VERDICT[word]
    notes = list(_notes(patient_id, root.findtext("TEXT") or "", path))
    return GoldChart(Patient(patient_id), verdicts), notes


def _notes(patient_id: str, text: str, path: Path) -> Iterator[Note]:
    records = f"\n{text}".split(f"\n{RULE}\n")
    for number, record in enumerate((one for one in records if one.strip()), start=1):
        found = RECORD.fullmatch(record)
        if found is None:
            raise InputError(f"{path}: record {number} does not begin with 'Record date: YYYY-MM-DD'")
        day, words = found.groups()
        yield Note(f"{patient_id}-{number}", patient_id, date.fromisoformat(day), words)
