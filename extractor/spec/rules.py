"""`patterns/concepts/**/*.yaml` in, concept rules out: terms, regular expressions, traps and marked-up examples.

A file holds one concept or a list under `concepts:`, and may define `macros:` (`{ear}` in a pattern) of its own
beside the shared ones of `patterns/macros.yaml`. In a pattern a single space stands for any white space, line
breaks included, because clinical text is hard-wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from extractor.errors import SpecError
from extractor.spec.load import load_yaml

Kind = Literal["condition", "drug", "vaccine", "test", "statement", "finding", "measurement", "person"]
Flag = Literal["negated", "uncertain", "hypothetical", "historical", "family"]
MACRO = re.compile(r"\{([a-z][a-z_0-9]*)\}")


class ConceptRule(BaseModel):
    """How one concept is written.

    `terms` match in any case, `exact_terms` in the case given; `patterns` are regular expressions in any case
    (`exact_patterns`: as written) whose group `span`, if any, is the mention and whose other named groups become
    attributes. A mention that overlaps one of `traps` is dropped, and so is a mention of a concept in `masks`
    that lies inside a mention of this one. `classes` are the wider names under which a trial may ask for it (`live_vaccine`).
    `attributes` are added to every mention; `ignores` names assertion
    cues that do not apply because the phrase itself says what it says, `sets` those that it makes true ("nose normal"
    is a denial of chondritis). `sections` / `not_sections` and
    `note_titles` (a regular expression) limit where it is looked for, `reports` to the stretches of a note that
    report such an examination (or to notes of such a title, where both are given). With `shares_date` a date beside it is also
    that of what the sentence reports next ("CT chest 2 May: no mass").
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    concept: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind = "condition"
    classes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    exact_terms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    exact_patterns: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    ignores: tuple[Flag, ...] = ()
    sets: tuple[Flag, ...] = ()
    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    note_titles: str | None = None
    reports: tuple[str, ...] = ()
    shares_date: bool = False
    source: str | None = None
    examples: tuple[str, ...] = ()

    @field_validator("patterns", "exact_patterns", "traps")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(MACRO.sub("x", pattern))
            except re.error as error:
                raise ValueError(f"not a regular expression: {pattern!r}: {error}") from None
        return patterns


class ConceptFile(BaseModel):
    """One YAML file of concepts."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    macros: dict[str, str] = {}
    concepts: tuple[ConceptRule, ...]


class _OneConcept(ConceptRule):
    macros: dict[str, str] = {}


class Macros(BaseModel):
    """Shared pattern parts by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    macros: dict[str, str]


def load_concepts(folder: Path) -> tuple[ConceptRule, ...]:
    """Every concept of a patterns folder, macros expanded, in the order of the file names.

    Rules of one concept may be spread over files; raises `SpecError` with the faults of the first faulty file.
    """
    shared = load_yaml(folder / "macros.yaml", Macros).macros if (folder / "macros.yaml").exists() else {}
    rules: list[ConceptRule] = []
    for path in sorted((folder / "concepts").rglob("*.yaml")):
        content = _load_file(path)
        macros = {**shared, **content.macros}
        rules += [_expanded(rule, macros, path) for rule in content.concepts]
    return tuple(rules)


def _load_file(path: Path) -> ConceptFile:
    head = path.read_text(encoding="utf-8")
    if re.search(r"^concepts:", head, re.MULTILINE):
        return load_yaml(path, ConceptFile)
    single = load_yaml(path, _OneConcept)
    return ConceptFile(macros=single.macros, concepts=(ConceptRule(**single.model_dump(exclude={"macros"})),))


def _expanded(rule: ConceptRule, macros: Mapping[str, str], path: Path) -> ConceptRule:
    changes: dict[str, Any] = {
        name: tuple(flexible_space(expand(pattern, macros, f"{path}: {rule.concept}")) for pattern in getattr(rule, name))
        for name in ("patterns", "exact_patterns", "traps")
    }
    return rule.model_copy(update=changes)


def expand(pattern: str, macros: Mapping[str, str], where: str) -> str:
    """`pattern` with each `{name}` replaced, nested ones too; raises `SpecError` on a name that is not defined."""
    for _ in range(8):
        unknown = next((name for name in MACRO.findall(pattern) if name not in macros), None)
        if unknown is not None:
            raise SpecError(f"{where}: macro {{{unknown}}} is not defined; there are {', '.join(sorted(macros)) or 'none'}")
        expanded = MACRO.sub(lambda m: f"(?:{macros[m[1]]})", pattern)
        if expanded == pattern:
            return pattern
        pattern = expanded
    raise SpecError(f"{where}: macros refer to themselves in {pattern[:60]!r}")


def flexible_space(pattern: str) -> str:
    r"""Each space outside a character class as `\s+`; a space with a quantifier after it keeps that quantifier.

    >>> flexible_space("ear pain[ -]x ?y")
    'ear\\s+pain[ -]x\\s?y'
    """
    out, in_class, index = [], False, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            out.append(pattern[index : index + 2])
            index += 2
            continue
        if char == "[" and not in_class:
            in_class = True
        elif char == "]" and in_class:
            in_class = False
        if char == " " and not in_class:
            out.append(
                r"\s" if pattern[index + 1 : index + 2] in ("?", "*", "+", "{") and pattern[index + 1 : index + 2] else r"\s+"
            )
        else:
            out.append(char)
        index += 1
    return "".join(out)
