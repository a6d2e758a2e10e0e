"""`patterns/sections.yaml` in, the titles of each section out."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from extractor.spec.load import load_yaml


class SectionTitles(BaseModel):
    """How one section is titled; `short` sections end at a blank line once text followed their title."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    titles: tuple[str, ...]
    short: bool = False


class SectionRules(BaseModel):
    """All sections by normalised name, and the titles that may stand inside a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sections: dict[str, SectionTitles]
    inline: tuple[str, ...] = ()


def load_sections(folder: Path) -> SectionRules:
    """The section rules of a patterns folder; raises `SpecError` with every fault of the file."""
    return load_yaml(folder / "sections.yaml", SectionRules)
