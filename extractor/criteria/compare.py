"""A written number against a limit, comparators included: "<5" is surely not above 40, ">150" may be anything beyond."""

from __future__ import annotations

from typing import Literal

from extractor.logic import Truth, negate, truth

Relation = Literal["above", "at_least", "below", "at_most"]


def compare(value: float, comparator: str | None, relation: Relation, limit: float) -> Truth:
    """Whether the true number stands in `relation` to `limit`, given that it is written `comparator` `value`.

    >>> compare(5, "<", "above", 40), compare(150, ">", "above", 120), compare(100, "<", "above", 40)
    (<Truth.FALSE: 'false'>, <Truth.TRUE: 'true'>, <Truth.UNKNOWN: 'unknown'>)
    """
    if relation in ("below", "at_most"):
        return negate(compare(value, comparator, "at_least" if relation == "below" else "above", limit))
    strict = relation == "above"
    if comparator in (">", ">="):
        certain = value >= limit if comparator == ">" or not strict else value > limit
        return Truth.TRUE if certain else Truth.UNKNOWN
    if comparator in ("<", "<="):
        impossible = value <= limit if comparator == "<" or strict else value < limit
        return Truth.FALSE if impossible else Truth.UNKNOWN
    return truth(value > limit if strict else value >= limit)


SIGNS: dict[Relation, str] = {"above": ">", "at_least": "≥", "below": "<", "at_most": "≤"}
