"""A limit that a form asks about, and its answer: "CrCl <= 30 mL/min: No" tells of a clearance above 30.

Lists of criteria quote limits; the number in them is no result. Answered with no, it is the limit on the other
side; answered with yes, it is as written; a question without an answer tells nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from extractor.text.measurement_forms import Tail
from extractor.text.snippets import line_at

_I = re.IGNORECASE
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ANSWER = r"(?P<answer>no(?:ne)?|nil|n|absent|false|yes|y|present|true)(?=\s{0,3}(?:$|[.,;)|\n\]]|\s{2}))"
_UNIT = (
    r"(?:\s?m[lL]\s?/\s?min(?:\s?/\s?1[.,]73\s?m\S{0,2})?|\s?[UI]{1,2}\s?/\s?[lL]|\s?[uµμm]{1,2}(?:mol|g)\s?/\s?d?[lL]|"
    r"\s?(?:x|×)\s?(?:ULN|normal)?)?"
)
_BEHIND = re.compile(
    rf"{_UNIT}\)?(?:[^|\n]{{0,60}}?)(?:\s?[?:=|]\s{{0,20}}|\s?\.{{2,40}}\s{{0,3}}|\s{{3,30}}|\s[-–]{{1,2}}\s)(?:\[\s?[xX✓]\s?\]\s?)?{_ANSWER}",
    _I,
)
_BOXES = re.compile(r"\[\s?(?P<first>[xX✓]?)\s?\]\s{0,3}(?:y(?:es)?)?\s{0,12}\[\s?(?P<second>[xX✓]?)\s?\]", _I)


def as_limit(text: str, tail: Tail) -> Tail | None:
    """`tail` as a form's answer leaves it: unchanged where it is a result, `None` where a limit was not answered."""
    if tail.comparator not in OPPOSITE or tail.value is None:
        return tail
    answer = _answer(text, tail)
    if answer is None:
        return tail
    if answer == "":
        return None
    return tail if answer == "yes" else replace(tail, comparator=OPPOSITE[tail.comparator])


def _answer(text: str, tail: Tail) -> str | None:
    """ "yes", "no", or `""` for a question left open; `None` where nothing is asked."""
    start, end = line_at(text, tail.start, tail.end)
    boxes = _BOXES.search(text[start:end])
    if boxes is not None:
        ticked = bool(boxes["first"]), bool(boxes["second"])
        return {(True, False): "yes", (False, True): "no"}.get(ticked, "")
    said = _BEHIND.match(text, tail.end)
    if said is None:
        return None
    return "yes" if said["answer"].lower() in ("yes", "y", "present", "true") else "no"
