"""brat standoff: NOTE.txt and NOTE.ann for every note, and `annotation.conf`.

A span is a text-bound annotation of the criterion's type, its role and reason are attributes. The `.ann` file is
read line by line, so that no annotation can hold a line break: such a span is written as fragments, which brat knows
as a discontinuous annotation, and is joined again where nothing but line breaks lies between the fragments. A line
breaks wherever a reader may break it: form feed and U+2028 too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from extractor.io.gold.exchange import Document, Imported, assembled, checked_span, file_stem, read_sidecar, write_sidecar
from extractor.io.gold.records import REASONS, ROLES, Corpus, GoldSpan, spans_by_note

NAME = "brat"
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
PIECE = re.compile(f"[^{LINE_BREAKS}]+")
TEXT_BOUND = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)", re.DOTALL)
ATTRIBUTE = re.compile(r"[AM]\S+\t(\S+) (\S+)(?: (\S+))?")
KINDS = {"R": "relation", "E": "event", "N": "normalisation", "#": "remark", "*": "equivalence"}


def export(corpus: Corpus, folder: Path) -> list[str]:
    """Writes the folder; returns spans that brat cannot hold: empty ones, line breaks at an end."""
    losses = write_sidecar(corpus, folder, format=NAME)
    spans = spans_by_note(corpus)
    for note in corpus.notes:
        stem = folder / file_stem(note.note_id)
        stem.with_name(stem.name + ".txt").write_bytes(note.note_text.encode("utf-8"))
        lines = []
        for number, span in enumerate(spans[note.note_id], start=1):
            fragments = fragments_of(note.note_text, span.start, span.end)
            losses += _losses(span, fragments)
            lines += _lines(span, fragments, note.note_text, number) if fragments else []
        stem.with_name(stem.name + ".ann").write_bytes("".join(line + "\n" for line in lines).encode("utf-8"))
    (folder / "annotation.conf").write_text(_configuration(corpus), encoding="utf-8", newline="\n")
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of a folder that was exported and annotated."""
    sidecar = read_sidecar(folder, format=NAME)
    documents = [document for row in sidecar["notes"] for document in _documents(folder, row["note_id"])]
    return assembled(sidecar, documents, source=folder)


def fragments_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a span without line breaks.

    >>> fragments_of("sore left\\near", 5, 13)
    [(5, 9), (10, 13)]
    """
    return [(found.start(), found.end()) for found in PIECE.finditer(text, start, end)]


def type_name(criterion: str) -> str:
    """A criterion id as a brat type, which has no dots.

    >>> type_name("C1.a_b"), criterion_name("C1_da_ub")
    ('C1_da_ub', 'C1.a_b')
    """
    return criterion.replace("_", "_u").replace(".", "_d")


def criterion_name(type_: str) -> str:
    """The criterion id of a brat type."""
    return type_.replace("_d", ".").replace("_u", "_")


def _lines(span: GoldSpan, fragments: list[tuple[int, int]], text: str, number: int) -> list[str]:
    name = f"T{number}"
    places = ";".join(f"{start} {end}" for start, end in fragments)
    words = " ".join(text[start:end] for start, end in fragments)
    lines = [f"{name}\t{type_name(span.criterion)} {places}\t{words}", f"A{2 * number - 1}\tRole {name} {span.role}"]
    return [*lines, f"A{2 * number}\tReason {name} {span.reason}"] if span.reason else lines


def _losses(span: GoldSpan, fragments: list[tuple[int, int]]) -> list[str]:
    place = f"note {span.note_id}: {span.criterion} {span.start}..{span.end}"
    if not fragments:
        return [f"{place}: {'is empty' if span.start == span.end else 'is nothing but line breaks'}; brat holds no such span"]
    if (fragments[0][0], fragments[-1][1]) != (span.start, span.end):
        return [f"{place}: line breaks at its ends are cut off, {fragments[0][0]}..{fragments[-1][1]} is left"]
    return []


def _configuration(corpus: Corpus) -> str:
    lines = ["[entities]", *map(type_name, corpus.criteria), "", "[relations]", "", "[events]", "", "[attributes]"]
    lines += [f"Role\tArg:<ENTITY>, Value:{'|'.join(ROLES)}", f"Reason\tArg:<ENTITY>, Value:{'|'.join(REASONS)}"]
    return "\n".join(lines) + "\n"


def _documents(folder: Path, note_id: str) -> Iterator[Document]:
    stem = folder / file_stem(note_id)
    text_file, annotations = stem.with_name(stem.name + ".txt"), stem.with_name(stem.name + ".ann")
    if not text_file.is_file():
        return
    text = text_file.read_bytes().decode("utf-8")
    read = _Read.of(annotations.read_bytes().decode("utf-8") if annotations.is_file() else "")
    spans, losses, faults = [], list(read.losses), [f"note {note_id}: {fault}" for fault in read.faults]
    for name, bound in read.bounds.items():
        place = f"note {note_id}: {name}"
        if " ".join(text[start:end] for start, end in bound.fragments) != bound.words:
            faults.append(f"{place}: its words do not stand at its offsets")
        if not _is_contiguous(text, bound.fragments):
            losses.append(f"{place}: is discontinuous; the whole from its first to its last character is taken")
        start, end = min(s for s, _ in bound.fragments), max(e for _, e in bound.fragments)
        attributes = read.attributes.get(name, {})
        span = checked_span(bound.criterion, note_id, start, end, attributes.get("Role"), attributes.get("Reason"))
        if span is None:
            faults.append(f"{place}: needs the attribute Role, and Reason exactly where the role is rejected")
        else:
            spans.append(span)
    named = [f"note {note_id}: {loss}" if not loss.startswith("note ") else loss for loss in losses]
    yield Document(note_id, text, tuple(spans), tuple(named), tuple(faults))


@dataclass(frozen=True, slots=True)
class _Bound:
    """A text-bound annotation as its line says."""

    criterion: str
    fragments: tuple[tuple[int, int], ...]
    words: str


@dataclass(frozen=True, slots=True)
class _Read:
    """The lines of one `.ann` file."""

    bounds: dict[str, _Bound] = field(default_factory=dict)
    attributes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, lines: str) -> _Read:
        read = cls()
        for line in lines.split("\n"):  # not splitlines: another tool may have left a U+2028 in the words
            read._take(line.rstrip("\r"))
        return read

    def _take(self, line: str) -> None:
        bound, attribute = TEXT_BOUND.fullmatch(line), ATTRIBUTE.fullmatch(line)
        if bound:
            name, type_, places, words = bound.groups()
            fragments = tuple((int(start), int(end)) for start, end in (place.split(" ") for place in places.split(";")))
            self.bounds[name] = _Bound(criterion_name(type_), fragments, words)
        elif attribute:
            key, target, value = attribute.groups()
            self.attributes.setdefault(target, {})[key] = value
        elif line.startswith("T"):
            self.faults.append(
                f"{line.split(chr(9))[0][:12]} is no text-bound annotation: TYPE, offsets and words, parted by tabs"
            )
        elif line.strip():
            self.losses.append(f"{KINDS.get(line[0], 'line')} {line.split(chr(9))[0][:12]} is not carried")


def _is_contiguous(text: str, fragments: tuple[tuple[int, int], ...]) -> bool:
    gaps = zip(fragments, fragments[1:], strict=False)
    return all(end <= start and not text[end:start].strip(LINE_BREAKS) for (_, end), (start, _) in gaps)
