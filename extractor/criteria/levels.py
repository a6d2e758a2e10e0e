"""The dose of one drug mention against a limit in mg/kg/day of prednisone-equivalent, with or without a weight.

In come a `Dose` node and a mention; out comes a `Level`: above, not above or not known, with the arithmetic in words.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractor.criteria.outcome import Context
from extractor.criteria.person import weight_near
from extractor.logic import Truth, truth
from extractor.quantities import prednisone_equivalent
from extractor.records import Mention
from extractor.spec.nodes import Dose, Values
from extractor.timeline import day_of

PER_KG_UNITS = ("mg/kg/d", "mg/kg")


@dataclass(frozen=True, slots=True)
class Level:
    """How one mention's dose stands to the limit. `mg_per_kg` is `None` where no weight or no dose is known.

    `weight` is the mention whose number was used; `None` for a dose that needs none.
    """

    above: Truth
    words: str
    daily_mg: float | None = None
    mg_per_kg: float | None = None
    weight: Mention | None = None


def has_value(mention: Mention, conditions: dict[str, Values]) -> bool:
    """Whether any attribute of the mention has one of the values given for it."""
    return any(mention.attribute(name) in values for name, values in conditions.items())


def level_of(spec: Dose, mention: Mention, context: Context) -> Level:
    """The level of one mention's dose; a dose in mg/kg is taken as written."""
    if mention.value is not None and mention.unit in PER_KG_UNITS:
        above = truth(mention.value > spec.over_mg_per_kg)
        return Level(above, f"{mention.value:g} mg/kg/d as written", mg_per_kg=mention.value)
    daily_mg = equivalent_mg(spec, mention)
    if daily_mg is None:
        if has_value(mention, spec.pulse):
            return Level(Truth.TRUE, "a pulse")
        return Level(Truth.UNKNOWN, "dose not known")
    return _per_weight(spec, mention, daily_mg, context)


def equivalent_mg(spec: Dose, mention: Mention) -> float | None:
    """The day's dose in mg of prednisone; a statement of a highest dose names no drug and is taken as prednisone."""
    if mention.value is None:
        return None
    if mention.concept in spec.equal_doses:
        return prednisone_equivalent(mention.concept, mention.value, spec.equal_doses)
    return mention.value if mention.concept in (*spec.peak_statements, *spec.unnamed) else None


def _per_weight(spec: Dose, mention: Mention, daily_mg: float, context: Context) -> Level:
    lightest, heaviest = spec.weight_range_kg
    limit = spec.over_mg_per_kg
    dose = f"{daily_mg:g} mg/d prednisone-equivalent"
    if daily_mg / heaviest > limit:
        return Level(Truth.TRUE, f"{dose}, above {limit:g} mg/kg at any weight up to {heaviest:g} kg", daily_mg)
    weighed = weight_near(context, day_of(mention))
    if weighed is not None:
        kg, weight = weighed
        per_kg = daily_mg / kg
        words = f"{dose} / {kg:.1f} kg = {per_kg:.2f} mg/kg/d"
        return Level(truth(per_kg > limit), words, daily_mg, per_kg, weight)
    if daily_mg / lightest <= limit:
        return Level(Truth.FALSE, f"{dose}, at most {limit:g} mg/kg at any weight from {lightest:g} kg", daily_mg)
    return Level(Truth.UNKNOWN, f"{dose}, no weight known", daily_mg)
