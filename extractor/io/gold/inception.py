"""INCEpTION: one UIMA CAS JSON file a note, written and read by dkpro-cassis, which counts UTF-16 units in files.

Evidence is a span layer of the project, `webanno.custom.Evidence`, with the string features criterion, role and reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.exchange import (
    SPAN_RULE,
    Document,
    Imported,
    assembled,
    checked_span,
    file_stem,
    read_sidecar,
    write_sidecar,
)
from extractor.io.gold.records import Corpus, GoldSpan, spans_by_note
from extractor.records import Note

NAME = "inception"
LAYER = "webanno.custom.Evidence"
FEATURES = ("criterion", "role", "reason")


def export(corpus: Corpus, folder: Path) -> list[str]:
    """Writes the folder; nothing is lost but columns that no export carries."""
    losses = write_sidecar(corpus, folder, format=NAME)
    spans = spans_by_note(corpus)
    for note in corpus.notes:
        (folder / f"{file_stem(note.note_id)}.cas.json").write_text(
            _cas_json(note, spans[note.note_id]), encoding="utf-8", newline="\n"
        )
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of the CAS files of a folder."""
    sidecar = read_sidecar(folder, format=NAME)
    files = ((row["note_id"], folder / f"{file_stem(row['note_id'])}.cas.json") for row in sidecar["notes"])
    return assembled(sidecar, [_document(note_id, path) for note_id, path in files if path.is_file()], source=folder)


def _cas_json(note: Note, spans: tuple[GoldSpan, ...]) -> str:
    from cassis import Cas

    types = _type_system()
    cas = Cas(typesystem=types)
    cas.sofa_string, cas.sofa_mime = note.note_text, "text/plain"
    evidence = types.get_type(LAYER)
    for span in spans:
        cas.add(evidence(begin=span.start, end=span.end, criterion=span.criterion, role=span.role, reason=span.reason))
    return str(cas.to_json(pretty_print=True, ensure_ascii=False))


def _type_system() -> Any:
    from cassis import TypeSystem

    types = TypeSystem()
    layer = types.create_type(name=LAYER, supertypeName="uima.tcas.Annotation")
    for feature in FEATURES:
        types.create_feature(domainType=layer, name=feature, rangeType="uima.cas.String")
    return types


def _document(note_id: str, path: Path) -> Document:
    from cassis import load_cas_from_json

    try:
        cas = load_cas_from_json(path.read_bytes().decode("utf-8"))
        found = cas.select(LAYER) if cas.typesystem.contains_type(LAYER) else []
    except Exception as error:  # the library raises many kinds, and their messages may hold the text
        raise InputError(f"{path}: not a UIMA CAS in JSON: {type(error).__name__}") from None
    spans, faults = [], []
    for annotation in found:
        words = [getattr(annotation, feature, None) for feature in FEATURES]
        span = checked_span(words[0], note_id, annotation.begin, annotation.end, words[1], words[2])
        if span is None:
            faults.append(f"note {note_id}: evidence {annotation.begin}..{annotation.end} {SPAN_RULE}")
        else:
            spans.append(span)
    return Document(note_id, cas.sofa_string or "", tuple(spans), (), tuple(faults))
