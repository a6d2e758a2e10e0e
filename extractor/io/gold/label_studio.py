"""Label Studio JSON: one task a note in `tasks.json`, and the labelling configuration in `label_config.xml`.

A region carries the criterion as its label, role and reason as choices of the region. Offsets: releases up to 1.3 count
UTF-16 units, later ones count code points in <Text> (HumanSignal/label-studio issues 1008 and 1347, pull request 1559).
The unit of an export is written in each task; a region that comes back is read in that unit, or in the other one where
only so its offsets give the words that the region quotes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from extractor.errors import InputError
from extractor.io.gold.exchange import (
    SIDECAR,
    SPAN_RULE,
    Document,
    Imported,
    assembled,
    checked_span,
    read_sidecar,
    write_sidecar,
)
from extractor.io.gold.offsets import OFFSET_UNITS, OffsetUnit, TextOffsets
from extractor.io.gold.records import REASONS, ROLES, Corpus, GoldSpan, spans_by_note
from extractor.records import Note

NAME = "label-studio"
CONFIGURATION = """<View>
  <Labels name="criterion" toName="text">
{labels}
  </Labels>
  <Choices name="role" toName="text" perRegion="true" required="true" choice="single">
{roles}
  </Choices>
  <Choices name="reason" toName="text" perRegion="true" choice="single"
           visibleWhen="choice-selected" whenTagName="role" whenChoiceValue="rejected">
{reasons}
  </Choices>
  <Text name="text" value="$text"/>
</View>
"""


def export(corpus: Corpus, folder: Path, *, offset_unit: OffsetUnit = "utf16") -> list[str]:
    """Writes the folder; nothing is lost but columns that no export carries."""
    losses = write_sidecar(corpus, folder, format=NAME)
    spans = spans_by_note(corpus)
    tasks = [_task(number, note, spans[note.note_id], offset_unit) for number, note in enumerate(corpus.notes, start=1)]
    (folder / "tasks.json").write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    (folder / "label_config.xml").write_text(_configuration(corpus), encoding="utf-8", newline="\n")
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of the one JSON file beside `corpus.json`, as exported or as downloaded from the tool."""
    sidecar = read_sidecar(folder, format=NAME)
    files = [path for path in sorted(folder.glob("*.json")) if path.name != SIDECAR]
    if len(files) != 1:
        raise InputError(f"{folder}: {len(files)} JSON files beside {SIDECAR}; keep the one that is to be read")
    try:
        tasks = json.loads(files[0].read_bytes().decode("utf-8"))
        documents = [_document(task) for task in tasks]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{files[0]}: not a JSON export of Label Studio; choose the format JSON, not JSON-MIN") from None
    return assembled(sidecar, documents, source=files[0])


def _task(number: int, note: Note, spans: tuple[GoldSpan, ...], unit: OffsetUnit) -> dict[str, Any]:
    offsets = TextOffsets.of(note.note_text)
    regions = [part for place, span in enumerate(spans) for part in _regions(f"e{place}", span, note.note_text, offsets, unit)]
    return {
        "id": number,
        "data": {
            "text": note.note_text,
            "note_id": note.note_id,
            "patient_id": note.patient_id,
            "note_date": note.note_date.isoformat(),
            "note_title": note.note_title,
            "offset_unit": unit,
        },
        "annotations": [{"id": number, "result": regions}],
    }


def _regions(region_id: str, span: GoldSpan, text: str, offsets: TextOffsets, unit: OffsetUnit) -> list[dict[str, Any]]:
    """The label of a region and its choices, which are results of their own with the region's id."""
    place = {
        "start": offsets.to_units(span.start, unit),
        "end": offsets.to_units(span.end, unit),
        "text": text[span.start : span.end],
    }
    choices = {"role": span.role, "reason": span.reason}
    shared = {"id": region_id, "to_name": "text"}
    label = {**shared, "from_name": "criterion", "type": "labels", "value": {**place, "labels": [span.criterion]}}
    return [
        label,
        *(
            {**shared, "from_name": name, "type": "choices", "value": {**place, "choices": [word]}}
            for name, word in choices.items()
            if word
        ),
    ]


def _configuration(corpus: Corpus) -> str:
    def tags(tag: str, words: tuple[str, ...]) -> str:
        return "\n".join(f"    <{tag} value={quoteattr(word)}/>" for word in words)

    return CONFIGURATION.format(
        labels=tags("Label", corpus.criteria), roles=tags("Choice", ROLES), reasons=tags("Choice", REASONS)
    )


def _document(task: Mapping[str, Any]) -> Document:
    note_id, text = str(task["data"]["note_id"]), task["data"]["text"]
    annotations = [one for one in task.get("annotations") or () if not one.get("was_cancelled")]
    results = annotations[0]["result"] if annotations else []
    losses = [f"note {note_id}: has {len(annotations)} annotations; the first is taken"] if len(annotations) > 1 else []
    regions: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in results:
        regions[str(result.get("id"))].append(result)
    offsets, declared = TextOffsets.of(text), task["data"].get("offset_unit")
    unit: OffsetUnit = declared if declared in OFFSET_UNITS else "codepoint"
    spans, faults = [], []
    for region_id, parts in regions.items():
        label = next((part for part in parts if part.get("type") == "labels"), None)
        if label is None:
            losses.append(f"note {note_id}: region {region_id[:20]} has no label; it is not carried")
            continue
        place = _place(label["value"], text, offsets, unit)
        span = None if place is None else _span(note_id, place, label, parts)
        if span is None:
            what = "its words do not stand at its offsets" if place is None else SPAN_RULE
            faults.append(f"note {note_id}: region {region_id[:20]}: {what}")
        else:
            spans.append(span)
    return Document(note_id, text, tuple(spans), tuple(losses), tuple(faults))


def _place(value: Mapping[str, Any], text: str, offsets: TextOffsets, unit: OffsetUnit) -> tuple[int, int] | None:
    """The span in code points, in the unit that makes the region's own words come out."""
    for tried in (unit, *(other for other in OFFSET_UNITS if other != unit)):
        start, end = (offsets.to_code_point(int(value[key]), tried) for key in ("start", "end"))
        if start is not None and end is not None and text[start:end] == value.get("text", text[start:end]):
            return start, end
    return None


def _span(note_id: str, place: tuple[int, int], label: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> GoldSpan | None:
    chosen = {part["from_name"]: part["value"]["choices"] for part in parts if part.get("type") == "choices"}
    words = [label["value"]["labels"], chosen.get("role", []), chosen.get("reason", [])]
    if len(words[0]) != 1 or len(words[1]) != 1 or len(words[2]) > 1:
        return None
    return checked_span(words[0][0], note_id, *place, words[1][0], next(iter(words[2]), None))
