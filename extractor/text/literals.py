"""Token sequences in, places where they stand out: a trie over normalised tokens.

Concept terms and assertion cues are both literal phrases; both are found by this one matcher. The slow reference
pipeline finds the same phrases with medspaCy's matcher, and a test holds the two to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from extractor.text.tokens import tokenize

Payload = TypeVar("Payload")
_END = ""  # no token is empty, so the key is free


class LiteralMatcher(Generic[Payload]):
    """Finds every occurrence of every phrase, overlapping ones included.

    >>> matcher = LiteralMatcher([("no evidence of", "negated"), ("no", "negated")])
    >>> [(first, last) for first, last, _ in matcher.find(("no", "evidence", "of", "tb"))]
    [(0, 1), (0, 3)]
    """

    def __init__(self, phrases: Iterable[tuple[str, Payload]]) -> None:
        self._trie: dict[str, Any] = {}
        for phrase, payload in phrases:
            node = self._trie
            for norm in tokenize(phrase).norms:
                node = node.setdefault(norm, {})
            node.setdefault(_END, []).append(payload)

    def find(self, norms: tuple[str, ...]) -> Iterator[tuple[int, int, Payload]]:
        """(first token, one past the last, payload), by first token, then shorter before longer."""
        trie, count = self._trie, len(norms)
        for first in [place for place, norm in enumerate(norms) if norm in trie]:
            node, after = trie[norms[first]], first + 1
            while node is not None:
                if _END in node:
                    for payload in node[_END]:
                        yield first, after, payload
                if after == count:
                    break
                node = node.get(norms[after])
                after += 1
