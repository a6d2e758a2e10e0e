"""Charts for tests, written one mention a line.

A line reads `<note date> <concept> [name=value ...] [flag ...]`: `2025-05-20 infliximab status=current`,
`2025-05-20 infliximab ?` (uncertain; `not` negated, `if` hypothetical, `was` historical, `kin` family).
`when=A..B` (either end may be left out) is when it happened, otherwise the note date; `value`, `unit`, `cmp`,
`range=..H` and `text` fill those fields; other names are attributes. `note=x` tells two notes of one day apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from extractor.criteria.evaluate import Judgement, judge
from extractor.records import Assertion, DateInterval, Mention, Patient
from extractor.spec.trials import Trial, load_trial

FLAGS = {"not": "negated", "?": "uncertain", "if": "hypothetical", "was": "historical", "kin": "family"}
CLASSES = {
    "monoclonal_antibody": ("infliximab", "rituximab", "tocilizumab", "denosumab", "adalimumab"),
    "not_monoclonal_antibody": ("etanercept", "anakinra"),
    "glucocorticoid": ("prednisone", "prednisolone", "methylprednisolone", "dexamethasone", "corticosteroid"),
    "standard_immunosuppressant": ("methotrexate", "azathioprine", "hydroxychloroquine", "immunosuppressant"),
    "named_severe_infection": ("pneumonia", "tuberculosis", "infectious_hepatitis"),
    "organ_disease": ("lung_disease", "endocrine_disease", "nerve_disease"),
    "live_vaccine": ("mmr_vaccine", "yellow_fever_vaccine"),
}
CLASS_OF = {concept: name for name, concepts in CLASSES.items() for concept in concepts}
FIELDS = ("value", "unit", "cmp", "range", "when", "text", "note", "source")


def mention_of(line: str, place: int, patient_id: str = "P1") -> Mention:
    """The mention that a line describes; `place` makes its span its own."""
    day, concept, *words = line.split()
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    flags = {FLAGS[word]: True for word in words if word in FLAGS}
    note_date = date.fromisoformat(day)
    attributes = {name: value.replace("+", " ") for name, value in pairs.items() if name not in FIELDS}
    if concept in CLASS_OF:
        attributes["class"] = CLASS_OF[concept]
    low, _, high = pairs.get("range", "..").partition("..")
    return Mention(
        note_id=f"{day}{pairs.get('note', '')}",
        patient_id=patient_id,
        note_date=note_date,
        concept=concept,
        start=100 * place,
        end=100 * place + 10,
        text=pairs.get("text", concept).replace("+", " "),
        snippet=f"{concept} {place}",
        assertion=Assertion(**flags),
        when=interval_of(pairs.get("when"), note_date),
        date_source="explicit" if "when" in pairs else "note",
        value=float(pairs["value"]) if "value" in pairs else None,
        unit=pairs.get("unit"),
        comparator=pairs.get("cmp"),
        range_low=float(low) if low else None,
        range_high=float(high) if high else None,
        attributes=tuple(sorted(attributes.items())),
    )


def interval_of(written: str | None, note_date: date) -> DateInterval:
    if written is None:
        return DateInterval(note_date, note_date)
    first, dots, last = written.partition("..")
    if not dots:
        return DateInterval(date.fromisoformat(first), date.fromisoformat(first))
    return DateInterval(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


def chart_of(lines: Sequence[str] | str) -> list[Mention]:
    """The mentions of a chart; lines may be parted by ` | `."""
    every = [part.strip() for part in (lines.split("|") if isinstance(lines, str) else lines)]
    return [mention_of(line, place) for place, line in enumerate((line for line in every if line), start=1)]


@pytest.fixture(scope="session")
def rp() -> Trial:
    return load_trial("rp-low-dose-il2")


@pytest.fixture(scope="session")
def chart() -> Callable[[Any], list[Mention]]:
    return chart_of


@pytest.fixture(scope="session")
def judged(rp: Trial) -> Callable[..., Judgement]:
    """`judged(lines, sex=…, born=…, on=…)`: the bundled trial judged on a chart."""

    def run(lines: Sequence[str] | str, *, sex: Any = "female", born: Any = "1981-04-09", on: str = "2025-06-16") -> Judgement:
        patient = Patient("P1", sex, date.fromisoformat(born) if born else None, date.fromisoformat(on))
        return judge(rp, patient, chart_of(lines))

    return run


@pytest.fixture(scope="session")
def answer(judged: Callable[..., Judgement]) -> Callable[..., tuple[str, str]]:
    """`answer(criterion, lines)`: the verdict, and the roles of the evidence in chart order as one string."""

    def run(criterion: str, lines: Sequence[str] | str, **who: Any) -> tuple[str, str]:
        judgement = judged(lines, **who)
        verdict = next(v for v in judgement.verdicts if v.criterion_id == criterion)
        roles = [e.reason or e.role for e in judgement.evidence if e.criterion_id == criterion]
        return verdict.verdict, " ".join(roles)

    return run
