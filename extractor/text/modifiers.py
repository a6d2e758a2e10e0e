"""Words that qualify a mention, linked to it: "severe", "left", "in remission", "due to otosclerosis"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.spec.modifiers import Modifier
from extractor.text.literals import LiteralMatcher
from extractor.text.tokens import Tokens

COMMA_COST = 4  # tokens
STOPS = frozenset({";", "but", "however", "although", "while", "whereas", "|", "•"})
COMMAS = frozenset({",", "(", ")", ":", "/"})
DENIALS = frozenset({"no", "not", "nor", "never", "without", "nil", "denies", "denied", "none", "neither"})
ENDS = frozenset({".", "?", "!"})
FOLLOWERS = frozenset({
    "and", "or", "but", "on", "with", "despite", "in", "since", "for", "at", "now", "currently", "today",
    "again", "under", "when", "who", "which", "requiring", "needing", "to", "as", "per", "by", "from", "x",
    "disease", "form", "type", "course", "phenotype", "stage", "variant"
})  # fmt: skip
"""Words that may follow a quality which closes its phrase: "asthma, severe despite steroids", not "asthma, severe headache"."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A mention as a modifier sees it: character span in the sentence, kind, and names (concept and classes)."""

    start: int
    end: int
    kind: str
    names: frozenset[str]


class ModifierLinker:
    """All modifiers, compiled once."""

    def __init__(self, modifiers: Sequence[Modifier]) -> None:
        self._matcher: LiteralMatcher[Modifier] = LiteralMatcher(
            (term, modifier) for modifier in modifiers for term in modifier.terms
        )

    def link(self, tokens: Tokens, anchors: Sequence[Anchor]) -> list[dict[str, str]]:
        """For each anchor its attributes; a modifier serves the nearest anchor, and anchors at the same place or as near."""
        attributes: list[dict[str, str]] = [{} for _ in anchors]
        best: list[dict[str, int]] = [{} for _ in anchors]
        if not anchors:
            return attributes
        spans = [_token_span(tokens, anchor) for anchor in anchors]
        for first, after, modifier in _longest(list(self._matcher.find(tokens.norms))):
            costs = [_cost(tokens, (first, after), span, modifier, anchor) for span, anchor in zip(spans, anchors, strict=True)]
            nearest = min((cost for cost in costs if cost is not None), default=None)
            served = [span for span, cost in zip(spans, costs, strict=True) if cost is not None and cost == nearest]
            for index, cost in enumerate(costs):
                if cost is None or cost >= best[index].get(modifier.attribute, 1_000):
                    continue
                if any(_overlap(spans[index], span) for span in served):
                    best[index][modifier.attribute] = cost
                    attributes[index][modifier.attribute] = modifier.value
        return attributes


def _longest(found: list[tuple[int, int, Modifier]]) -> list[tuple[int, int, Modifier]]:
    kept: list[tuple[int, int, Modifier]] = []
    for first, after, modifier in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if not any(m.attribute == modifier.attribute and f < after and first < a for f, a, m in kept):
            kept.append((first, after, modifier))
    return kept


def _token_span(tokens: Tokens, anchor: Anchor) -> tuple[int, int]:
    inside = [i for i in range(len(tokens)) if tokens.starts[i] < anchor.end and tokens.ends[i] > anchor.start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _goes_on(tokens: Tokens, after: int) -> bool:
    """Whether a word follows that the quality is likely to belong to."""
    if after == len(tokens) or tokens.norms[after - 1] in FOLLOWERS:
        return False
    return tokens.norms[after].isalpha() and tokens.norms[after] not in FOLLOWERS


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _cost(tokens: Tokens, words: tuple[int, int], span: tuple[int, int], modifier: Modifier, anchor: Anchor) -> int | None:
    """Tokens between words and anchor, commas dear; `None` when out of reach or of another kind."""
    if anchor.kind not in modifier.kinds or (modifier.concepts and not anchor.names & set(modifier.concepts)):
        return None
    if _overlap(words, span):
        return 0
    is_before = words[1] <= span[0]
    between = tokens.norms[words[1] : span[0]] if is_before else tokens.norms[span[1] : words[0]]
    if modifier.affirmed and (
        DENIALS.intersection(between) or DENIALS.intersection(tokens.norms[max(0, words[0] - 2) : words[0]])
    ):
        return None
    if any(norm in STOPS for norm in between) or any(norm in ENDS for norm in between):
        return None
    if modifier.closes and not is_before and COMMAS.intersection(between) and _goes_on(tokens, words[1]):
        return None
    cost = len(between) + (COMMA_COST - 1) * sum(norm in COMMAS for norm in between) + 1
    reach = modifier.before if is_before else modifier.after
    return cost if cost <= reach + 1 else None
