"""Literal terms found by medspaCy's target matcher: the reference that the fast matcher is held to.

The only module that imports spaCy and medspaCy. Words are our tokens, so that a term is found over a line break or
at the end of a sentence (medSpaCy's own tokenizer keeps "B." whole); overlapping matches are all kept, because the
matcher is asked for `result_type="group"` (its default writes `doc.ents` match by match, which is quadratic).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.text.concepts import LiteralFinder
from extractor.text.quiet import silence_note_loggers
from extractor.text.tokens import Tokens, tokenize

GROUP = "concepts"
LABEL = "TERM"


def medspacy_finder(phrases: Sequence[str]) -> LiteralFinder:
    """A finder of every phrase, by index, over the tokens of a sentence; one medspaCy matcher, built once."""
    import spacy
    from medspacy.target_matcher import TargetMatcher, TargetRule
    from spacy.tokens import Doc

    silence_note_loggers()
    nlp = spacy.blank("en")
    by_norms = _indices_by_norms(phrases)
    nlp.tokenizer = lambda text: Doc(nlp.vocab, words=list(tokenize(text).norms))
    matcher = TargetMatcher(nlp, result_type="group", span_group_name=GROUP, prune=False)
    matcher.add([TargetRule(" ".join(norms), LABEL) for norms in by_norms])

    def find(tokens: Tokens) -> Iterable[tuple[int, int, int]]:
        if not tokens.norms:
            return []
        doc = matcher(Doc(nlp.vocab, words=list(tokens.norms)))
        spans = {(span.start, span.end) for span in doc.spans.get(GROUP, ())}
        return [(start, end, index) for start, end in sorted(spans) for index in by_norms.get(tokens.norms[start:end], ())]

    return find


def _indices_by_norms(phrases: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    by_norms: dict[tuple[str, ...], list[int]] = {}
    for index, phrase in enumerate(phrases):
        by_norms.setdefault(tokenize(phrase).norms, []).append(index)
    return by_norms
