"""A note in, its mentions out: sentence by sentence, concepts with what the sentence says of them.

This is where the parts of `text/` meet. How literal terms are found, and which sentences are looked at, is the
pipeline's choice (`pipeline.py`); what a sentence yields is decided here, and depends on that sentence, its section,
its list heading and the dates of the note only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractor.dates import add_years, on
from extractor.quantities import parse_number
from extractor.records import Assertion, DateInterval, DateSource, Mention
from extractor.text.assertions import assess
from extractor.text.concepts import Expression, LiteralFinder, Match
from extractor.text.drug_context import with_context
from extractor.text.drug_unnamed import FOLLOWING, Stretch
from extractor.text.found import Found, dosed
from extractor.text.modifiers import Anchor
from extractor.text.reports import reports_at
from extractor.text.setting import Setting
from extractor.text.snippets import snippet
from extractor.text.time_headings import time_at
from extractor.text.time_links import when
from extractor.text.times import TimeExpression
from extractor.text.tokens import Tokens, tokenize

FAMILY_SECTION = "family_history"
LIFELONG = (
    "never",
    "no history",
    "no hx",
    "no prior",
    "no previous",
    "no past",
    "no known history",
    "no personal",
    "no h/o",
    "naive",
)
QUANTITY_GROUPS = frozenset({"value", "unit", "low", "high", "comparator"})


@dataclass(frozen=True, slots=True)
class Place:
    """One sentence in its note: span, tokens, section name and list heading."""

    start: int
    end: int
    text: str
    tokens: Tokens
    section: str
    lead: str


def mentions_of(setting: Setting, place: Place, literals: LiteralFinder, expressions: Iterable[Expression]) -> list[Mention]:
    """The mentions of one sentence, by start, then end, then concept."""
    rules = setting.rules
    matches = _matches(setting, place, literals, expressions)
    measured = [*_unphrased(_measured(setting, place), matches), *_body(setting, place)]
    if not matches and not measured:
        return []
    times = _times_of(setting, place)
    found = [*_in_context(setting, place, list(_with_doses(setting, place, matches, times)), times), *measured]
    spans = [f.named for f in found]
    assertions = assess(
        place.text, place.tokens, spans, rules.cues,
        section=place.section, lead=place.lead, note_title=setting.title, section_is_family=place.section == FAMILY_SECTION,
    )  # fmt: skip
    linked = rules.modifiers.link(place.tokens, [Anchor(*f.named, f.kind, frozenset((f.concept, *f.classes))) for f in found])
    claiming = [f.named for f in found if not f.shares_date and f.kind != "person"]
    return [
        _mention(setting, place, item, _heeded(assertion, item), attributes, times, claiming)
        for item, assertion, attributes in zip(found, assertions, linked, strict=True)
    ]


def _matches(setting: Setting, place: Place, literals: LiteralFinder, expressions: Iterable[Expression]) -> list[Match]:
    reports = reports_at(setting.reports, place.start, place.end)
    return setting.rules.concepts.find(
        place.text, place.tokens, literals, expressions, section=place.section, title=setting.opening, reports=reports
    )


def _with_doses(setting: Setting, place: Place, matches: Sequence[Match], times: Sequence[TimeExpression]) -> Iterable[Found]:
    taken = [(m.start, m.end) for m in matches if m.rule.kind == "drug"]
    for match in matches:
        item = _from_match(match)
        if item.kind == "drug":
            item = replace(item, course=setting.rules.doses.course_of(item.concept, item.classes))
            yield from dosed(item, place.text, setting.rules.doses, times, taken, setting.note.note_date)
        else:
            yield item


def _in_context(setting: Setting, place: Place, found: Sequence[Found], times: Sequence[TimeExpression]) -> Sequence[Found]:
    """The drugs with what the rest of the sentence says of them."""
    if not any(item.kind == "drug" for item in found):
        return found
    note, start = setting.note.note_text, place.start
    end = min(len(note), place.end + FOLLOWING)
    every = [replace(time, start=time.start - start, end=time.end - start) for time in setting.times_in(start, end)]
    stretch = Stretch(note[start:end], len(place.text), every, setting.note.note_date)
    leading = note[max(0, start - 120) : start]
    return with_context(found, place.text, leading, stretch, place.section, setting.title, times, setting.note.note_date)


def _measured(setting: Setting, place: Place) -> Iterable[Found]:
    """The measurements that begin in the sentence; what they say is their result, so negation does not apply."""
    for item in setting.measurements_in(place.start, place.end):
        attributes = {"result": item.result, "flag": item.flag, "titre": None if item.titre is None else str(item.titre)}
        yield Found(
            item.start - place.start, min(item.end, place.end) - place.start, item.concept, "measurement", ignores=("negated",),
            value=item.value, unit=item.unit, comparator=item.comparator, range_low=item.range_low, range_high=item.range_high,
            attributes=tuple((name, value) for name, value in attributes.items() if value is not None), interval=item.when,
        )  # fmt: skip


def _unphrased(measured: Iterable[Found], matches: Sequence[Match]) -> Iterable[Found]:
    """The results whose concept has no phrase at the same place: a phrase ("HIV positive: no") knows more."""
    phrases = [(m.start, m.end, m.rule.concept) for m in matches]
    for item in measured:
        if not any(start < item.end and item.start < end and concept == item.concept for start, end, concept in phrases):
            yield item


def _body(setting: Setting, place: Place) -> Iterable[Found]:
    """Weights and heights that begin in the sentence; nobody denies a weight."""
    for item in setting.bodies_in(place.start, place.end):
        guessed = (("unit_guessed", "yes"),) if item.is_unit_guessed else ()
        yield Found(
            item.start - place.start, min(item.end, place.end) - place.start, item.concept, "measurement",
            ignores=("negated",), value=item.value, unit=item.unit, attributes=guessed,
        )  # fmt: skip


def _from_match(match: Match) -> Found:
    rule = match.rule
    groups = {**dict(match.attributes), **rule.attributes}
    own = {name: value for name, value in groups.items() if name not in QUANTITY_GROUPS}
    return Found(
        match.start, match.end, rule.concept, rule.kind, rule.classes, rule.ignores, rule.sets,
        value=_number(groups.get("value")), unit=groups.get("unit"), comparator=groups.get("comparator"),
        range_low=_number(groups.get("low")), range_high=_number(groups.get("high")),
        attributes=tuple(sorted(own.items())), shares_date=rule.shares_date,
    )  # fmt: skip


def _number(written: str | None) -> float | None:
    return parse_number(written) if written else None


def _heeded(assertion: Assertion, item: Found) -> Assertion:
    """The assertion as the rule has it: without what does not apply to its phrase, with what the phrase itself says."""
    if not item.ignores and not item.sets:
        return assertion
    kept = tuple(cue for cue in assertion.cues if cue[0] not in item.ignores and cue[0] not in item.sets)
    flags = dict.fromkeys(item.ignores, False) | dict.fromkeys(item.sets, True)
    return replace(assertion, **flags, cues=(*kept, *((name, "the phrase itself") for name in item.sets)))


def _times_of(setting: Setting, place: Place) -> list[TimeExpression]:
    times = setting.times_in(place.start, place.end)
    return [replace(time, start=time.start - place.start, end=time.end - place.start) for time in times]


def _mention(
    setting: Setting,
    place: Place,
    item: Found,
    assertion: Assertion,
    attributes: dict[str, str],
    times: Sequence[TimeExpression],
    spans: Sequence[tuple[int, int]],
) -> Mention:
    note = setting.note
    start, end = place.start + item.start, place.start + item.end
    interval, source = _dated(setting, place, item, assertion, times, spans)
    assertion = _to_come(item, interval, assertion, note.note_date)
    merged = {**attributes, **dict(item.attributes)}
    if item.kind == "vaccine" and not assertion.negated and interval.earliest is not None and interval.earliest > note.note_date:
        merged["status"] = "planned"
    if item.classes:
        merged["class"] = " ".join(item.classes)
    return Mention(
        note_id=note.note_id, patient_id=note.patient_id, note_date=note.note_date, note_title=setting.title,
        concept=item.concept, start=start, end=end, text=note.note_text[start:end],
        snippet=snippet(note.note_text, place.start, place.end, start, end), section=place.section, sentence_start=place.start,
        assertion=assertion, when=interval, date_source=source,
        value=item.value, unit=item.unit, comparator=item.comparator, range_low=item.range_low, range_high=item.range_high,
        attributes=tuple(sorted(merged.items())),
    )  # fmt: skip


def _dated(
    setting: Setting,
    place: Place,
    item: Found,
    assertion: Assertion,
    times: Sequence[TimeExpression],
    spans: Sequence[tuple[int, int]],
) -> tuple[DateInterval, DateSource]:
    if item.interval is not None:
        return item.interval, "explicit"
    note_date: date = setting.note.note_date
    if item.kind == "person":  # true on the day of the note, whatever else of the sentence is dated
        own = next((time for time in times if time.kind == "point" and item.start < time.end and time.start < item.end), None)
        return (own.interval, own.source) if own else (on(note_date), "note")
    if assertion.hypothetical and not times:
        return on(note_date), "note"
    others = [] if _heads_its_line(place, item) else [span for span in spans if span != item.named]
    interval, source = when(
        item.named, place.text, times, note_date,
        others=others, section_time=time_at(setting.blocks, place.start), historical=assertion.historical,
    )  # fmt: skip
    if assertion.hypothetical and source == "explicit":
        return _ahead(interval, note_date), source
    if item.kind == "condition" and interval.earliest is not None and interval.earliest > note_date:
        return on(note_date), "note"  # the date is of something else: "pregnant, due 12 December"
    return (DateInterval(None, note_date), "none") if source == "note" and _is_lifelong_denial(assertion) else (interval, source)


def _heads_its_line(place: Place, item: Found) -> bool:
    """ "Kidney infection: admitted six weeks ago …": the title of a problem shares the date of what is told of it."""
    return item.kind == "condition" and place.text[item.named[1] : item.named[1] + 2].lstrip().startswith(":")


def _is_lifelong_denial(assertion: Assertion) -> bool:
    """ "Never used steroids" and "no history of cancer" speak of all the time up to the note."""
    cue = dict(assertion.cues).get("negated", "").lower()
    return any(word in cue for word in LIFELONG)


def _to_come(item: Found, interval: DateInterval, assertion: Assertion, note_date: date) -> Assertion:
    """A drug dated after its note is one that is planned; a later step of a taper is not."""
    is_step = ("step", "later") in item.attributes
    if item.kind != "drug" or is_step or interval.earliest is None or interval.earliest <= note_date:
        return assertion
    cues = assertion.cues if assertion.hypothetical else (*assertion.cues, ("hypothetical", "a date to come"))
    return replace(assertion, hypothetical=True, cues=cues)


def _ahead(interval: DateInterval, note_date: date) -> DateInterval:
    """A plan for "August" is for the coming one: an interval of the year past, moved on by a year."""
    if interval.earliest is None or interval.latest is None or not add_years(note_date, -1) < interval.latest < note_date:
        return interval
    return DateInterval(add_years(interval.earliest, 1), add_years(interval.latest, 1))


def place_at(setting: Setting, start: int, end: int, lead: tuple[int, int] | None) -> Place:
    """A sentence made ready for `mentions_of`; `lead` is the span of its list heading."""
    text = setting.note.note_text
    sentence = text[start:end]
    heading = text[lead[0] : lead[1]] if lead else ""
    return Place(start, end, sentence, tokenize(sentence), setting.section_of(start), heading)
