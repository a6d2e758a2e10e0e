"""`patterns/modifiers.yaml` in: words that give a mention an attribute (side, severity, status …), with their reach."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from extractor.spec.load import load_yaml
from extractor.spec.rules import Kind


class Modifier(BaseModel):
    """Words that set `attribute` to `value` on the nearest mention of one of `kinds`, at most so many tokens away.

    `before`: how many tokens the words may stand before the mention; `after`: how many after it. A comma counts as
    four tokens. `affirmed`: not across a denial, and not where one stands before the words.
    `closes`: behind a comma only where it ends its phrase ("asthma, severe", not "asthma, severe headache").
    `concepts`, if given, limits it to those concepts or classes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    attribute: str
    value: str
    terms: tuple[str, ...]
    kinds: tuple[Kind, ...] = ("condition", "finding")
    concepts: tuple[str, ...] = ()
    before: int = 4
    after: int = 6
    affirmed: bool = False
    closes: bool = False


class ModifierFile(BaseModel):
    """All modifiers, in order of preference where two of one attribute are as near."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    modifiers: tuple[Modifier, ...]


def load_modifiers(folder: Path) -> tuple[Modifier, ...]:
    """The modifiers of a patterns folder; raises `SpecError` with every fault of the file."""
    return load_yaml(folder / "modifiers.yaml", ModifierFile).modifiers
