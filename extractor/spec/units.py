"""`patterns/units.yaml` and `patterns/analytes.yaml` in, dose equivalents and analyte rules out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from extractor.quantities import normal_unit, prednisone_equivalent
from extractor.spec.load import load_yaml, patterns_folder

Scale = Literal["number", "result", "either"]


class Units(BaseModel):
    """Which doses count as equal. `glucocorticoid_equivalents`: mg of a drug with the effect of 5 mg of prednisone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    glucocorticoid_equivalents: dict[str, float]

    @field_validator("glucocorticoid_equivalents")
    @classmethod
    def _positive(cls, equivalents: dict[str, float]) -> dict[str, float]:
        wrong = [drug for drug, mg in equivalents.items() if mg <= 0 or drug != drug.lower()]
        if wrong:
            raise ValueError(f"drugs are lower case and equivalents above 0 mg: {', '.join(wrong)}")
        return equivalents

    def prednisone_equivalent(self, drug: str, mg: float) -> float | None:
        """mg of prednisone with the effect of `mg` of `drug`; `None` for a drug that is not in the table."""
        return prednisone_equivalent(drug, mg, self.glucocorticoid_equivalents)


class Analyte(BaseModel):
    """One thing that is measured: its names, its units with believable values, and how numbers mean results.

    `panel_names` are short ones that count only beside an analyte of `panel` ("AST 33 ALT 47 TB 1.7").
    `weak_is_positive`: a weak line is a positive result (pregnancy tests), not a doubtful one (antibodies).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    concept: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: tuple[str, ...] = ()
    exact_names: tuple[str, ...] = ()
    panel_names: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    units: dict[str, tuple[float, float]] = {}
    upper: dict[str, float] = {}
    scale: Scale = "number"
    positive_from: float | None = None
    negative_below: float | None = None
    weak_is_positive: bool = False
    examples: tuple[str, ...] = ()


class AnalyteRules(BaseModel):
    """All analytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    analytes: tuple[Analyte, ...]

    @field_validator("analytes")
    @classmethod
    def _names_are_unique(cls, analytes: tuple[Analyte, ...]) -> tuple[Analyte, ...]:
        owner: dict[str, str] = {}
        for analyte in analytes:
            for name in {name.lower() for name in analyte.names}:
                if name in owner:
                    raise ValueError(f"{name!r} names both {owner[name]} and {analyte.concept}")
                owner[name] = analyte.concept
        return analytes


def load_units(folder: Path | None = None) -> Units:
    """The dose equivalents of the patterns folder; raises `SpecError` with every fault of the file."""
    return load_yaml(patterns_folder(folder) / "units.yaml", Units)


def load_analytes(folder: Path | None = None) -> AnalyteRules:
    """The analytes of the patterns folder; raises `SpecError` with every fault of the file."""
    return load_yaml(patterns_folder(folder) / "analytes.yaml", AnalyteRules)


def known_units(analyte: Analyte) -> dict[str, tuple[float, float]]:
    """The units of an analyte in canonical spelling; unknown spellings stay as written."""
    return {normal_unit(unit) or unit: limits for unit, limits in analyte.units.items()}
