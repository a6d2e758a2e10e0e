"""A drug and its dose in their sentence in, the status of the drug ("stopped", "planned" …) and the word for it out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.spec.doses import Change, DoseWords, Status
from extractor.text.times import S

_I = re.IGNORECASE
_CLAUSE = re.compile(
    r"[;.](?=\s|$)|\n\s*\n|\n\s{0,8}(?:[-*•]|\d{1,2}[.)])\s|\n[ \t]{0,8}[A-Z][A-Za-z/ ]{1,24}:|\bbut\b|\bwhich\b|\bwhile\b",
    _I,
)
REACH = 48
"""How far, in characters, a status word may stand from the drug or the end of its dose."""


@dataclass(frozen=True, slots=True)
class StatusCue:
    """A status and the word that gave it, by its span in the text."""

    status: Status
    start: int
    end: int


class StatusReader:
    """The status and change words, compiled once."""

    def __init__(self, words: DoseWords) -> None:
        self._before = _words({status: group.before for status, group in words.statuses.items()})
        self._after = _words({status: group.after for status, group in words.statuses.items()})
        self._changes = _words(dict(words.changes.items()))

    def status(self, text: str, drug: tuple[int, int], end: int, *, floor: int = 0, limit: int | None = None) -> StatusCue | None:
        """The nearest status word of the clause; `floor` and `limit` are where neighbouring drugs end and begin.

        A word right after the dose wins over one inside it, that over one before the drug, except that a plan, a
        refusal or an allergy before it stands.
        """
        before = self._nearest_before(text, drug[0], floor)
        if before is not None and before.status in ("planned", "declined", "allergic"):
            return before
        after = self._nearest_after(text, end, len(text) if limit is None else limit)
        return after or self._inside(text, drug[1], end) or before

    def change(self, text: str, start: int, end: int) -> Change | None:
        """Whether `text[start:end]` says that the dose went up or down; the last word decides."""
        pattern, names = self._changes
        found = [names[" ".join(m[0].lower().split())] for m in pattern.finditer(text, start, end)]
        return found[-1] if found else None  # type: ignore[return-value]

    def _inside(self, text: str, start: int, end: int) -> StatusCue | None:
        pattern, names = self._after
        found = list(pattern.finditer(text, start, end))
        return _cue(found[-1], names) if found else None

    def _nearest_before(self, text: str, start: int, floor: int) -> StatusCue | None:
        pattern, names = self._before
        low = max(floor, start - REACH, 0)
        breaks = [m.end() for m in _CLAUSE.finditer(text, low, start)]
        low = breaks[-1] if breaks else low
        found = [m for m in pattern.finditer(text, low, start) if len(text[m.end() : start].split()) <= 4]
        return _cue(found[-1], names) if found else None

    def _nearest_after(self, text: str, end: int, limit: int) -> StatusCue | None:
        pattern, names = self._after
        match = pattern.search(text, end, min(limit, end + REACH, len(text)))
        if match is None or _CLAUSE.search(text, end, match.start()):
            return None
        between = text[end : match.start()].lower().split()
        if len(between) > 3 or {"no", "not", "never", "without"} & set(between):
            return None
        if {"for", "to", "with"} & set(between) and _cue(match, names).status == "allergic":
            return None  # "hydrocortisone cream to rash"
        is_of_next = limit < len(text) and len(text[match.end() : limit].split()) <= 1
        return None if is_of_next else _cue(match, names)


def _cue(match: re.Match[str], names: dict[str, str]) -> StatusCue:
    status: Status = names[" ".join(match[0].lower().split())]  # type: ignore[assignment]
    return StatusCue(status, match.start(), match.end())


def _words(
    groups: dict[Status, tuple[str, ...]] | dict[Change, tuple[str, ...]],
) -> tuple[re.Pattern[str], dict[str, str]]:
    names = {" ".join(term.lower().split()): name for name, terms in groups.items() for term in terms}
    pattern = "|".join(re.escape(term).replace(r"\ ", S) for term in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z])(?<!self-)(?:{pattern})(?![A-Za-z])", _I | re.ASCII), {
        term: str(name) for term, name in names.items()
    }
