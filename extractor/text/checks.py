"""Compiled rules in, what is dear or dangerous about each out: for `prescreen patterns check`.

Three things: expressions that a text can make take for ever, expressions that nothing sets off so that they are tried
on every sentence, and what each expression costs, guessed from its strings or measured on notes.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractor.records import Note
from extractor.text.backtracking import explosive
from extractor.text.concepts import Expression
from extractor.text.kept_needs import needs_of
from extractor.text.lookup import lowered
from extractor.text.needs import need_rate, rarest
from extractor.text.places import Sentences
from extractor.text.prefilter import Prefilter
from extractor.text.rules import TextRules


@dataclass(frozen=True, slots=True)
class Cost:
    """What one expression costs. `tries` a thousand words are guessed; a note's `microseconds` and `tries_a_note` measured."""

    expression: Expression
    tries: float
    tries_a_note: float = 0.0
    microseconds: float = 0.0


def dangerous(rules: TextRules) -> Iterator[str]:
    """One line for each expression or trap that backtracks without bound: concept and pattern."""
    for rule in rules.concepts.rules:
        for pattern in (*rule.patterns, *rule.exact_patterns, *rule.traps):
            if explosive(pattern):
                yield f"{rule.concept}: takes for ever on some text: {pattern}"


def unserved(rules: TextRules) -> list[Expression]:
    """The expressions that nothing sets off: they are tried on every sentence of the sections that their rule names."""
    return [rules.concepts.expressions[number] for number in prefilter_of(rules).unserved]


def guessed_costs(rules: TextRules) -> list[Cost]:
    """What every expression costs by the strings that set it off, the dearest first."""
    costs = [Cost(expression, 1000 * rate) for expression, rate in _rated(rules)]
    return sorted(costs, key=lambda cost: -cost.tries)


def measured_costs(rules: TextRules, notes: Iterable[Note]) -> list[Cost]:
    """What every expression costs on these notes, the dearest first; notes that are read the long way are left out."""
    prefilter, expressions = prefilter_of(rules), rules.concepts.expressions
    seconds: defaultdict[int, float] = defaultdict(float)
    tries: Counter[int] = Counter()
    count = 0
    for note in notes:
        for text, numbers in _tried(note, prefilter):
            for number in numbers:
                regex = expressions[number].regex
                started = time.process_time()
                regex.search(text)
                seconds[number] += time.process_time() - started
                tries[number] += 1
        count += 1
    found = [
        Cost(one, 1000 * rate, tries[number] / count, 1e6 * seconds[number] / count)
        for number, (one, rate) in enumerate(_rated(rules))
        if count
    ]
    return sorted(found, key=lambda cost: -cost.microseconds)


def prefilter_of(rules: TextRules) -> Prefilter:
    """The prefilter that the fast pipeline uses."""
    concepts = rules.concepts
    terms = [phrase.text for phrase in concepts.phrases]
    return Prefilter(terms, rules.analytes.phrases, [expression.pattern for expression in concepts.expressions])


def _tried(note: Note, prefilter: Prefilter) -> Iterator[tuple[str, list[int]]]:
    lower = lowered(note.note_text)
    if lower is None:
        return
    hits = prefilter.scan(lower)
    for start, end in Sentences(note.note_text).at(hits.triggers()):
        yield note.note_text[start:end], [number for number in hits.suspects(start, end) if number >= 0]


def _rated(rules: TextRules) -> Iterator[tuple[Expression, float]]:
    """Each expression, and about how often, a word, what sets it off is found; nothing sets off what may be anywhere."""
    expressions = rules.concepts.expressions
    for expression, (letters, marks) in zip(expressions, needs_of([one.pattern for one in expressions]), strict=True):
        rare = rarest([*letters, *marks])
        yield expression, 1.0 if rare is None else need_rate(rare)
