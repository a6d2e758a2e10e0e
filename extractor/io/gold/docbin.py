"""spaCy DocBin: `notes.spacy`, one Doc a note, spans of criterion, role and reason in the group "sc" that spaCy trains on.

Tokens are those of spaCy's blank English tokenizer, as a model in training has them. A span that does not begin and end
with a token cannot be told to such a model: it is listed, and left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.exchange import (
    LABEL_RULE,
    Document,
    Imported,
    assembled,
    label_of,
    read_sidecar,
    span_of_label,
    write_sidecar,
)
from extractor.io.gold.records import Corpus, GoldSpan, spans_by_note
from extractor.records import Note

NAME = "docbin"
GROUP = "sc"
FILE = "notes.spacy"


def export(corpus: Corpus, folder: Path) -> list[str]:
    """Writes the folder; returns the spans that do not align with tokens."""
    from spacy.tokens import DocBin

    losses = write_sidecar(corpus, folder, format=NAME)
    spans = spans_by_note(corpus)
    nlp = _english()
    nlp.max_length = max((len(note.note_text) for note in corpus.notes), default=0) + 1  # its limit is for parsers
    docs = DocBin(store_user_data=True)
    for note in corpus.notes:
        doc, lost = _doc(nlp, note, spans[note.note_id])
        docs.add(doc)
        losses += lost
    (folder / FILE).write_bytes(docs.to_bytes())
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of a DocBin file; note ids are in the user data of each Doc."""
    from spacy.tokens import DocBin

    sidecar = read_sidecar(folder, format=NAME)
    try:
        docs = list(DocBin().from_bytes((folder / FILE).read_bytes()).get_docs(_english().vocab))
    except FileNotFoundError:
        raise InputError(f"{folder}: no {FILE}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / FILE}: not a DocBin: {type(error).__name__}") from None
    return assembled(sidecar, [_document(doc) for doc in docs], source=folder)


@cache
def _english() -> Any:
    """spaCy's blank English pipeline: a tokenizer and nothing else."""
    import spacy

    return spacy.blank("en")


def _doc(nlp: Any, note: Note, spans: tuple[GoldSpan, ...]) -> tuple[Any, list[str]]:
    doc = nlp.make_doc(note.note_text)
    doc.user_data["note_id"] = note.note_id
    aligned, losses = [], []
    for span in spans:
        found = doc.char_span(span.start, span.end, label=label_of(span)) if span.start < span.end else None
        if found is None:
            what = "is empty" if span.start == span.end else "does not begin and end with a token"
            losses.append(f"note {span.note_id}: {span.criterion} {span.start}..{span.end}: {what}")
        else:
            aligned.append(found)
    doc.spans[GROUP] = aligned
    return doc, losses


def _document(doc: Any) -> Document:
    note_id = str(doc.user_data.get("note_id"))
    spans, faults = [], []
    for span in doc.spans.get(GROUP, ()):
        found = span_of_label(span.label_, note_id, span.start_char, span.end_char)
        if found is None:
            faults.append(f"note {note_id}: the span at {span.start_char}..{span.end_char} {LABEL_RULE}")
        else:
            spans.append(found)
    return Document(note_id, doc.text, tuple(spans), (), tuple(faults))
