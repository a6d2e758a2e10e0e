"""A note's text and the evidence in it in, pieces of text out that tile it exactly: what a page marks and labels.

Overlapping evidence is drawn as it lies: a piece carries every span that covers it, and says which spans begin in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STRENGTH = {"supports": 0, "refutes": 1, "rejected": 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that the same evidence covers; `begins` are those of `evidence` that start here."""

    text: str
    evidence: tuple[Mapping[str, Any], ...]
    begins: tuple[Mapping[str, Any], ...]

    @property
    def role(self) -> str:
        """The strongest role here: supports before refutes before rejected; empty for plain text."""
        return min((str(row["role"]) for row in self.evidence), key=STRENGTH.__getitem__, default="")


def pieces(text: str, evidence: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """The pieces in order; joined they are `text`. Spans beyond the text are cut to it.

    >>> [p.text for p in pieces("no TB seen", [{"start": 3, "end": 5, "role": "refutes"}])]
    ['no ', 'TB', ' seen']
    """
    spans = [row for row in evidence if 0 <= row["start"] < min(row["end"], len(text))]
    cuts = sorted({0, len(text), *(row["start"] for row in spans), *(min(row["end"], len(text)) for row in spans)})
    made = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        covering = tuple(row for row in spans if row["start"] <= start and end <= min(row["end"], len(text)))
        made.append(Piece(text[start:end], covering, tuple(row for row in covering if row["start"] == start)))
    return made
