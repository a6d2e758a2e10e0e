"""Two plain ways to read a note, with the literal terms of our concepts and nothing else of ours: what we have to beat.

Both are pipelines like any other, so that a baseline is a run like any other, judged by the same trial. Regular
expressions, traps, sections, doses, values and dates are ours and are left out: a mention is dated by its note. What a
term says by itself (the class of a drug, a side) stays with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from extractor.dates import on
from extractor.records import Assertion, DateInterval, Mention, Note
from extractor.text.concepts import Phrase
from extractor.text.quiet import silence_note_loggers
from extractor.text.rules import TextRules
from extractor.text.snippets import line_at, snippet

if TYPE_CHECKING:
    from spacy.language import Language

AFFIRMED = Assertion()


class KeywordPipeline:
    """Every term that stands in the note as whole words, in any case, is taken as said of the patient on that day.

    Terms that say by themselves that it is not so, or not yet, are no keywords and are left out.
    """

    def __init__(self, rules: TextRules) -> None:
        self.rules = rules
        self._phrases = [phrase for phrase in rules.concepts.phrases if not phrase.rule.sets]
        self._search = AhoCorasick([_small(phrase.text) for phrase in self._phrases])

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by start, then end and concept."""
        text = note.note_text
        found = [
            _mention(note, start, end, self._phrases[index], AFFIRMED, line_at(text, start, end))
            for index, start, end in self._search.find_matches_as_indexes(_small(text), overlapping=True)
            if _is_whole(text, start, end) and _is_as_written(self._phrases[index], text[start:end])
        ]
        return _in_order(found)


class StockPipeline:
    """medspaCy as `medspacy.load()` makes it: its sentences, its target matcher with our terms, and its own ConText."""

    def __init__(self, rules: TextRules) -> None:
        self.rules = rules
        self._phrases: dict[str, list[Phrase]] = {}
        for phrase in rules.concepts.phrases:
            self._phrases.setdefault(phrase.text.lower(), []).append(phrase)
        self._nlp = stock_medspacy(self._phrases)

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by start, then end and concept; of overlapping terms medspaCy keeps one."""
        found: list[Mention] = []
        for span in self._nlp(note.note_text).ents:
            place = (span.sent.start_char, span.sent.end_char)
            says = span._
            for phrase in self._phrases[span.label_]:
                if _is_as_written(phrase, span.text):
                    flags = {
                        "negated": says.is_negated, "uncertain": says.is_uncertain, "hypothetical": says.is_hypothetical,
                        "historical": says.is_historical, "family": says.is_family,
                    }  # fmt: skip
                    assertion = Assertion(**flags | dict.fromkeys(phrase.rule.sets, True))
                    found.append(_mention(note, span.start_char, span.end_char, phrase, assertion, place))
        return _in_order(found)


def stock_medspacy(terms: Iterable[str]) -> Language:
    """medspaCy as it loads itself (tokenizer, PyRuSH, target matcher, ConText); its targets are the terms, labelled as such."""
    import medspacy
    from medspacy.target_matcher import TargetRule

    silence_note_loggers()
    nlp: Language = medspacy.load()
    nlp.get_pipe("medspacy_target_matcher").add([TargetRule(term, term) for term in terms])
    return nlp


def _mention(note: Note, start: int, end: int, phrase: Phrase, assertion: Assertion, sentence: tuple[int, int]) -> Mention:
    rule = phrase.rule
    attributes = {**rule.attributes, **({"class": " ".join(rule.classes)} if rule.classes else {})}
    past = assertion.historical
    return Mention(
        note_id=note.note_id, patient_id=note.patient_id, note_date=note.note_date, note_title=note.note_title or "",
        concept=rule.concept, start=start, end=end, text=note.note_text[start:end],
        snippet=snippet(note.note_text, *sentence, start, end), sentence_start=sentence[0], assertion=assertion,
        when=DateInterval(None, note.note_date) if past else on(note.note_date), date_source="none" if past else "note",
        attributes=tuple(sorted(attributes.items())),
    )  # fmt: skip


def _small(text: str) -> str:
    """In lower case letter by letter, so that offsets stay (of "İ" the lower case is two characters)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(small if len(small := char.lower()) == 1 else char for char in text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the place neither begins nor ends inside a word or number."""
    return not any(0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum() for place in (start, end))


def _is_as_written(phrase: Phrase, found: str) -> bool:
    """Whether an abbreviation that counts in its own case only stands in it."""
    return not phrase.exact or found == phrase.text


def _in_order(found: Sequence[Mention]) -> list[Mention]:
    """Each place once a concept, by place; two terms of a concept may be the same word."""
    return list(_once(sorted(found, key=lambda mention: (mention.start, mention.end, mention.concept))))


def _once(ordered: Sequence[Mention]) -> Iterator[Mention]:
    seen: set[tuple[int, int, str, tuple[tuple[str, str], ...]]] = set()
    for mention in ordered:
        key = (mention.start, mention.end, mention.concept, mention.attributes)
        if key not in seen:
            seen.add(key)
            yield mention
