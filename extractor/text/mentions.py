"""A note in, its mentions out: sentence by sentence, concepts with what the sentence says of them.

This is where the parts of `text/` meet. How literal terms are found, and which sentences are looked at, is the
pipeline's choice (`pipeline.py`); what a sentence yields is decided here, and depends on that sentence, its section,
its list heading and the dates of the note only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractor.dates import add_years, on
from extractor.quantities import parse_number
from extractor.records import Assertion, DateInterval, DateSource, Mention, Note, Section
from extractor.text.assertions import assess
from extractor.text.bodies import BodyMeasure, find_bodies
from extractor.text.concepts import Expression, LiteralFinder, Match
from extractor.text.dating import TimeExpression, find_times, guess_day_first
from extractor.text.drug_context import with_context
from extractor.text.found import Found, dosed
from extractor.text.leads import leads
from extractor.text.measurements import Measurement, find_measurements, guess_si_units
from extractor.text.modifiers import Anchor
from extractor.text.reports import Report, dated_reports, is_quoted, own_times, reports_at
from extractor.text.rules import TextRules
from extractor.text.sections import section_at
from extractor.text.sentences import split
from extractor.text.snippets import snippet
from extractor.text.time_headings import DatedBlock, section_times, time_at
from extractor.text.time_links import when
from extractor.text.tokens import Tokens, tokenize

FAMILY_SECTION = "family_history"
QUOTED_SECTION = "imaging"  # of a report inside another note, whatever heading the note has over it
LIFELONG = ("never", "no history", "no hx", "no prior", "no previous", "no past", "no known history", "no personal", "no h/o", "naive")
QUANTITY_GROUPS = frozenset({"value", "unit", "low", "high", "comparator"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What is true of a whole note before its sentences are read."""

    note: Note
    title: str
    sections: list[Section]
    section_starts: list[int]
    times: list[TimeExpression]
    time_starts: list[int]
    blocks: list[DatedBlock]
    reports: list[Report]
    measurements: list[Measurement]
    measurement_starts: list[int]
    bodies: list[BodyMeasure]
    day_first: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One sentence in its note: span, tokens, section name and list heading."""

    start: int
    end: int
    text: str
    tokens: Tokens
    section: str
    lead: str


def setting_of(note: Note, rules: TextRules, *, day_first: bool | None = None) -> Setting:
    """Sections and dates of the note. `day_first` orders numeric dates; `None` lets the note's own dates decide."""
    text = note.note_text
    if day_first is None:
        day_first = guess_day_first(text, note.note_date) or False
    sections = rules.sections.find(text)
    times = find_times(text, note.note_date, day_first=day_first)
    measurements = find_measurements(text, rules.analytes, times=times, si_units=guess_si_units(text))
    reports = [report for finder in rules.reports for report in finder.find(text, note.note_title or "")]
    times = own_times(reports, times)
    return Setting(
        note=note, title=note.note_title or "", sections=sections, section_starts=[s.start for s in sections],
        times=times, time_starts=[t.start for t in times], blocks=[*dated_reports(reports, times), *section_times(text, times)], reports=reports,
        measurements=measurements, measurement_starts=[m.start for m in measurements], bodies=find_bodies(text), day_first=day_first,
    )  # fmt: skip


def places_of(setting: Setting) -> Iterable[tuple[int, int, str, str]]:
    """(start, end, section name, list heading) of every sentence of the note, in order."""
    text = setting.note.note_text
    spans = split(text)
    for (start, end), lead in zip(spans, leads(text, spans), strict=True):
        section = section_at(setting.sections, setting.section_starts, start)
        name = QUOTED_SECTION if is_quoted(setting.reports, start) else section.name if section else ""
        yield start, end, name, text[lead[0] : lead[1]] if lead else ""


def mentions_of(
    setting: Setting, place: Place, rules: TextRules, literals: LiteralFinder, expressions: Iterable[Expression]
) -> list[Mention]:
    """The mentions of one sentence, by start, then end, then concept."""
    times = _times_of(setting, place)
    found = _found(setting, place, rules, literals, expressions, times)
    if not found:
        return []
    spans = [f.named for f in found]
    assertions = assess(
        place.text, place.tokens, spans, rules.cues,
        section=place.section, lead=place.lead, note_title=setting.title, section_is_family=place.section == FAMILY_SECTION,
    )  # fmt: skip
    linked = rules.modifiers.link(place.tokens, [Anchor(*f.named, f.kind, frozenset((f.concept, *f.classes))) for f in found])
    claiming = [f.named for f in found if not f.shares_date]
    return [
        _mention(setting, place, item, _heeded(assertion, item), attributes, times, claiming)
        for item, assertion, attributes in zip(found, assertions, linked, strict=True)
    ]


def _found(
    setting: Setting,
    place: Place,
    rules: TextRules,
    literals: LiteralFinder,
    expressions: Iterable[Expression],
    times: Sequence[TimeExpression],
) -> list[Found]:
    title = setting.title or setting.note.note_text[:120]
    reports = reports_at(setting.reports, place.start, place.end)
    matches = rules.concepts.find(
        place.text, place.tokens, literals, expressions, section=place.section, title=title, reports=reports
    )
    taken = [(m.start, m.end) for m in matches if m.rule.kind == "drug"]
    found: list[Found] = []
    for match in matches:
        item = _from_match(match)
        found += dosed(item, place.text, rules.doses, times, taken, setting.note.note_date) if item.kind == "drug" else [item]
    if taken:
        following = setting.note.note_text[place.end : place.end + 60]
        found = with_context(found, place.text, following, place.section, times, setting.note.note_date)
    return [*found, *_measured(setting, place), *_body(setting, place)]


def _measured(setting: Setting, place: Place) -> Iterable[Found]:
    """The measurements that begin in the sentence; what they say is their result, so negation does not apply."""
    first = bisect_left(setting.measurement_starts, place.start)
    for item in setting.measurements[first:]:
        if item.start >= place.end:
            return
        attributes = {"result": item.result, "flag": item.flag, "titre": None if item.titre is None else str(item.titre)}
        yield Found(
            item.start - place.start, min(item.end, place.end) - place.start, item.concept, "measurement", ignores=("negated",),
            value=item.value, unit=item.unit, comparator=item.comparator, range_low=item.range_low, range_high=item.range_high,
            attributes=tuple((name, value) for name, value in attributes.items() if value is not None), interval=item.when,
        )  # fmt: skip


def _body(setting: Setting, place: Place) -> Iterable[Found]:
    """Weights and heights that begin in the sentence; nobody denies a weight."""
    for item in setting.bodies:
        if place.start <= item.start < place.end:
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
    first = bisect_left(setting.time_starts, place.start)
    inside = []
    for time in setting.times[first:]:
        if time.start >= place.end:
            break
        inside.append(replace(time, start=time.start - place.start, end=time.end - place.start))
    return inside


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
    others = [span for span in spans if span != item.named]
    interval, source = when(
        item.named, place.text, times, note_date,
        others=others, section_time=time_at(setting.blocks, place.start), historical=assertion.historical,
    )  # fmt: skip
    if assertion.hypothetical and source == "explicit":
        return _ahead(interval, note_date), source
    return (DateInterval(None, note_date), "none") if source == "note" and _is_lifelong_denial(assertion) else (interval, source)


def _is_lifelong_denial(assertion: Assertion) -> bool:
    """ "Never used steroids" and "no history of cancer" speak of all the time up to the note."""
    cue = dict(assertion.cues).get("negated", "").lower()
    return any(word in cue for word in LIFELONG)


def _to_come(item: Found, interval: DateInterval, assertion: Assertion, note_date: date) -> Assertion:
    """An antibody dated after its note is one that is planned."""
    if "monoclonal_antibody" not in item.classes or interval.earliest is None or interval.earliest <= note_date:
        return assertion
    cues = assertion.cues if assertion.hypothetical else (*assertion.cues, ("hypothetical", "a date to come"))
    return replace(assertion, hypothetical=True, cues=cues)


def _ahead(interval: DateInterval, note_date: date) -> DateInterval:
    """A plan for "August" is for the coming one: an interval of the year past, moved on by a year."""
    if interval.earliest is None or interval.latest is None or not add_years(note_date, -1) < interval.latest < note_date:
        return interval
    return DateInterval(add_years(interval.earliest, 1), add_years(interval.latest, 1))


def place_at(start: int, end: int, text: str, section: str, lead: str) -> Place:
    """A sentence made ready for `mentions_of`."""
    sentence = text[start:end]
    return Place(start, end, sentence, tokenize(sentence), section, lead)
