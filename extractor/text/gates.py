"""An expression in, a quick question out: can this sentence hold it at all?

A regular expression takes microseconds to find nothing; whether the strings that each of its matches holds
(`needs.py`) stand in the sentence takes a tenth of that. Expressions and traps are asked so before they are tried.
"""

from __future__ import annotations

from functools import lru_cache

from extractor.text.frequent import rate
from extractor.text.lookup import lowered
from extractor.text.needs import MARKS, Need, Pattern, need_rate, needs_of_pattern

KEPT_SENTENCES = 16  # a sentence is asked about by its expressions, and then by the traps of each match
MOST_STRINGS = 40
"""A need of more strings takes as long to look for as the expression itself."""


@lru_cache(maxsize=KEPT_SENTENCES)
def shown(sentence: str) -> str | None:
    """The sentence as gates look at it; `None` where letters surprise, so that every gate stands open."""
    lower = lowered(sentence)
    return None if lower is None else f" {MARKS.characters(lower)} "


class Gate:
    """What one expression needs, the rarest first; worked out when it is first asked, for most never are."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._needs: tuple[tuple[str, ...], ...] | None = None

    def is_open(self, shown: str | None) -> bool:
        """Whether a sentence may hold the expression."""
        if shown is None:
            return True
        needs = self._needs
        if needs is None:
            needs = self._needs = _listed(needs_of_pattern(self._pattern, MARKS))
        for need in needs:
            for text in need:
                if text in shown:
                    break
            else:
                return False
        return True


def _listed(needs: list[Need]) -> tuple[tuple[str, ...], ...]:
    """Each need with its most frequent string first, so that the search for it is short."""
    kept = sorted((need for need in needs if len(need) <= MOST_STRINGS), key=lambda need: (need_rate(need), sorted(need)))
    return tuple(tuple(sorted(need, key=lambda text: (-rate(text), text))) for need in kept)
