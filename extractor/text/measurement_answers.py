"""A result as the words around it leave it: a question answered with no, antibodies that were not found, an index.

"HIV positive? No" and "No antibodies to HIV were detected" name a positive result and say that there is none.
Assays of antibodies report a ratio of signal to cut-off: below 1 is negative, from 1 on reactive (as their makers
define it); the word that stands behind the ratio goes before it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from extractor.text.measurement_forms import RESULT, Result, Tail

_I = re.IGNORECASE
_ANSWER = r"(?:no(?:ne)?|nil|n|never|denie[sd]|negative|neg|false|absent)(?=\s{0,3}(?:$|[.,;)|\n/\]]|\s{2}))"
_ANSWERED = re.compile(
    r"(?:\s?(?:serology|status|at any time|ever|result|test)){0,2}"
    rf"[)\]]?(?:\s?[?:=]\s{{0,20}}|\s?\.{{3,40}}\s{{0,3}}|\s{{2,20}}|"
    rf"\s?\|\s{{0,20}}|\s[-–]\s)(?:\[\s?[xX]\s?\]\s?)?{_ANSWER}|\s{{1,20}}\[\s?\]\s?y(?:es)?\s{{1,4}}\[\s?[xX✓]\s?\]\s?n|"
    r"\s{0,8}/?\s{0,2}(?:\[\s?[xX✓]\s?\]|\(\s?[xX✓]\s?\)|☒|☑|■)\s?neg",
    _I,
)
_DENIED = re.compile(
    r"\b(?:no|nor|without|neither)(?:\s(?:serolog\w+|evidence|detectable|of|any|specific|circulating|signs?|trace|significant)){0,4}"
    r"(?:\santi-?bod(?:y|ies)(?:\s(?:to|against|for))?)?(?:\s(?:either|the|both))?\s?$|"
    r"\banti-?bod(?:y|ies)\s(?:to|against|for)\s$",
    _I,
)
_UNFOUND = re.compile(r"(?:are|were|was|is|have been|could be)?\s?(?:not|never)\s$", _I)
_INDEX = re.compile(r"\s{0,3}(?:\(\s?)?(?:s\s?/\s?c(?:o|utoff)?|coi|s/n|index|ratio|rlu|cut-?off index)\b\.?", _I)
_WORD = re.compile(rf"[\s,;:(\[=/-]{{0,6}}(?:{RESULT.pattern})", _I)


_GENOME = re.compile(r"\b(?:pcr|rna|naat?|vl|viral\sload)\b", _I)


def is_of_genome(concept: str, between: str) -> bool:
    """Whether a result behind the name of an antibody is that of the virus itself ("HCV, PCR clear")."""
    return concept.endswith("_antibody") and _GENOME.search(between) is not None


def as_answered(text: str, start: int, tail: Tail) -> Tail:
    """`tail` of names that begin at `start`, negative where its positive result is denied or answered with no."""
    if tail.result != "positive":
        return tail
    before = text[max(0, start - 60) : start]
    denied = _DENIED.search(before)
    if _ANSWERED.match(text, tail.end) or (denied and denied.group().lower().startswith(("no", "without", "neither"))):
        return replace(tail, result="negative")
    return replace(tail, result="negative") if _UNFOUND.search(text[max(0, tail.start - 20) : tail.start]) else tail


def of_index(text: str, tail: Tail) -> tuple[Result, int] | None:
    """The result that a bare number stands for in a test that is positive or negative, and where its words end.

    A zero is negative; a ratio takes the word behind it, otherwise its side of 1. `None` for any other number.
    """
    if tail.value is None or tail.comparator in (">", ">="):
        return None
    index = _INDEX.match(text, tail.end)
    end = index.end() if index else tail.end
    word = _WORD.match(text, end)
    if word is not None and (index is not None or tail.value < 1) and word.lastgroup in ("positive", "negative", "indeterminate"):
        closed = text[word.end() : word.end() + 1] == ")" and "(" in text[tail.end : word.end()]
        return _named(word.lastgroup), word.end() + closed
    if index is not None:
        return ("negative" if tail.value < 1 else "positive"), index.end()
    return ("negative", tail.end) if tail.value == 0 and tail.unit is None else None


def _named(group: str) -> Result:
    return "positive" if group == "positive" else "negative" if group == "negative" else "indeterminate"
