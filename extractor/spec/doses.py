"""`patterns/doses.yaml` in, the words by which doses are read out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from extractor.spec.load import load_yaml, patterns_folder

Status = Literal[
    "allergic", "declined", "planned", "held", "failed", "completed", "stopped", "had", "given", "started", "current"
]  # fmt: skip
Change = Literal["increased", "reduced"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Frequency(_Frozen):
    """How often a day a dose is taken (below 1 for weekly and rarer), and how that is written."""

    per_day: float = Field(gt=0)
    terms: tuple[str, ...]


class StatusWords(_Frozen):
    """Words before a drug and after its dose that give one status."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class CourseWords(_Frozen):
    """Classes of drugs that are followed beyond their dose.

    `spaced` drugs by their last and next dose and their stop, `daily` ones by the steps of their dose. `unnamed` is the
    concept of what is said without a name ("none since"), `unnamed_classes` are its classes.
    """

    way: Literal["spaced", "daily"]
    classes: tuple[str, ...]
    unnamed: str
    unnamed_classes: tuple[str, ...] = ()

    def holds(self, classes: Iterable[str]) -> bool:
        """Whether a drug of these classes is followed in this way."""
        return not set(self.classes).isdisjoint(classes)


class DoseWords(_Frozen):
    """Routes, frequencies, statuses and changes of dose."""

    routes: dict[str, tuple[str, ...]]
    systemic_routes: tuple[str, ...]
    frequencies: dict[str, Frequency]
    weekly_drugs: tuple[str, ...]
    courses: tuple[CourseWords, ...]
    statuses: dict[Status, StatusWords]
    changes: dict[Change, tuple[str, ...]]

    def course_of(self, concept: str, classes: Iterable[str]) -> CourseWords | None:
        """How a drug of these classes, or a word for all of them, is followed; `None` where only its dose is read."""
        names = tuple(classes)
        return next((c for c in self.courses if c.unnamed == concept or c.holds(names)), None)

    @model_validator(mode="after")
    def _systemic_routes_exist(self) -> DoseWords:
        unknown = set(self.systemic_routes) - set(self.routes)
        if unknown:
            raise ValueError(f"systemic_routes names no route: {', '.join(sorted(unknown))}; known: {', '.join(self.routes)}")
        return self


def load_doses(folder: Path | None = None) -> DoseWords:
    """The dose words of the patterns folder; raises `SpecError` with every fault of the file."""
    return load_yaml(patterns_folder(folder) / "doses.yaml", DoseWords)
