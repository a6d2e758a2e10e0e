"""A note's characters in, word tokens out: the one tokenizer of terms, cues and notes.

A token is a run of letters, a run of digits, or a single other visible character, so a boundary depends on two
neighbouring characters only ("20mg" is two tokens, "hep B." three). That makes a sentence's tokens the same
whether the sentence stands alone or in its note, and lets terms match over line breaks and double spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_PLAIN = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9\s]")  # the same of lower-cased ASCII text, in half the time
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
    is_plain = text.isascii()
    lower = text.lower() if is_plain else ""
    spans = [found.span() for found in (_PLAIN.finditer(lower) if is_plain else TOKEN.finditer(text))]
    if not spans:
        return NO_TOKENS
    starts, ends = zip(*spans, strict=True)
    if is_plain:
        return Tokens(starts, ends, tuple([lower[start:end] for start, end in spans]))
    return Tokens(starts, ends, tuple([text[start:end].lower().translate(STRAIGHT) for start, end in spans]))


NO_TOKENS = Tokens((), (), ())
