"""`patterns/sections.yaml` in, the titles of each section and the forms of reports inside notes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from extractor.errors import SpecError
from extractor.spec.load import load_yaml
from extractor.spec.rules import Macros, expand


class SectionTitles(BaseModel):
    """How one section is titled; `short` sections end at a blank line once text followed their title."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    titles: tuple[str, ...]
    short: bool = False


class ReportRule(BaseModel):
    """How the report of an examination is told inside a note, in regular expressions (any case, `^` at every line).

    `opens` begins one; `closes` ends it before the blank line. A note whose title is one of `titles` and whose title
    or first lines match `heads` is such a report throughout.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    opens: str
    heads: str
    titles: str
    closes: str


class SectionRules(BaseModel):
    """All sections by normalised name, the titles that may stand inside a line, and the reports inside notes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sections: dict[str, SectionTitles]
    inline: tuple[str, ...] = ()
    reports: tuple[ReportRule, ...] = ()


def load_sections(folder: Path) -> SectionRules:
    """The section rules of a patterns folder, macros expanded; raises `SpecError` with every fault of the file."""
    path = folder / "sections.yaml"
    rules = load_yaml(path, SectionRules)
    macros = load_yaml(folder / "macros.yaml", Macros).macros if (folder / "macros.yaml").exists() else {}
    reports = tuple(_expanded(report, macros, str(path)) for report in rules.reports)
    return rules.model_copy(update={"reports": reports})


def _expanded(report: ReportRule, macros: Mapping[str, str], where: str) -> ReportRule:
    parts = {part: expand(getattr(report, part), macros, where) for part in ("opens", "heads", "titles", "closes")}
    for part, pattern in parts.items():
        try:
            re.compile(pattern, re.IGNORECASE | re.MULTILINE)
        except re.error as error:
            raise SpecError(f"{where}: {part} of {report.name} is not a regular expression: {error}") from None
    return report.model_copy(update=parts)
