"""Everything the text side reads from `patterns/`, compiled once and never changed: the rules of a run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from extractor.spec.cues import CueRules, load_cues
from extractor.spec.doses import load_doses
from extractor.spec.load import patterns_folder
from extractor.spec.modifiers import load_modifiers
from extractor.spec.rules import load_concepts
from extractor.spec.sections import load_sections
from extractor.spec.units import load_analytes
from extractor.text.concepts import ConceptMatcher
from extractor.text.doses import Doses
from extractor.text.measurements import Analytes
from extractor.text.modifiers import ModifierLinker
from extractor.text.reports import ReportFinder
from extractor.text.sections import SectionFinder


@dataclass(frozen=True)
class TextRules:
    """Compiled concepts, cues, sections, modifiers, analytes and doses, and the hash of the files they came from."""

    concepts: ConceptMatcher
    cues: CueRules
    sections: SectionFinder
    reports: tuple[ReportFinder, ...]
    modifiers: ModifierLinker
    analytes: Analytes
    doses: Doses
    sha256: str

    @classmethod
    def load(cls, folder: Path | None = None) -> TextRules:
        """The rules of a patterns folder (the bundled one by default); raises `SpecError` on a faulty file."""
        patterns = patterns_folder(folder)
        sections = load_sections(patterns)
        return cls(
            ConceptMatcher(load_concepts(patterns)),
            load_cues(patterns),
            SectionFinder.compile(sections),
            tuple(ReportFinder.compile(report) for report in sections.reports),
            ModifierLinker(load_modifiers(patterns)),
            Analytes(load_analytes(patterns)),
            Doses(load_doses(patterns)),
            patterns_sha256(patterns),
        )


def patterns_sha256(patterns: Path) -> str:
    """One hash of all YAML files of the folder, trials left out: what a stored mention depends on."""
    digest = hashlib.sha256()
    for path in sorted(patterns.rglob("*.yaml")):
        if "trials" not in path.relative_to(patterns).parts:
            digest.update(path.relative_to(patterns).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
