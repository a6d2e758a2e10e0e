"""A note's characters in, word tokens out: the one tokenizer of terms, cues and notes.

A token is a run of letters, a run of digits, or a single other visible character, so a boundary depends on two
neighbouring characters only ("20mg" is two tokens, "hep B." three). That makes a sentence's tokens the same
whether the sentence stands alone or in its note, and lets terms match over line breaks and double spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
STRAIGHT = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-"}
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists, one entry a token: character span in the text given, and the lower-cased form."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    norms: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.norms)


def tokenize(text: str) -> Tokens:
    """The tokens of `text`; typographic quotes and dashes are made straight in `norms`.

    >>> tokenize("Hep B. 20mg").norms
    ('hep', 'b', '.', '20', 'mg')
    """
    found = list(TOKEN.finditer(text))
    return Tokens(
        tuple(m.start() for m in found),
        tuple(m.end() for m in found),
        tuple(m.group().lower().translate(STRAIGHT) for m in found),
    )
