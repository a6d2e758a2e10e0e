"""Several mentions of one event or one drug, put together before they are weighed.

An undated mention takes the date of a dated one of the same event. The mentions of a drug make a course: a stated last
dose bounds all of them, a drug that was held was not given, one that was running when the notes fell silent may
run still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from extractor.criteria.items import Vote
from extractor.records import DateInterval, Mention
from extractor.spec.nodes import Courses, Find
from extractor.timeline import has_own_date, runs_to_its_note, sentence_of


def with_shared_dates(votes: Sequence[Vote], spec: Find) -> list[Vote]:
    """`votes` in which each undated support has the `when` of the newest dated one of the same event, if any.

    With `bare: takes_dated` a support dated by its note alone takes the `when` of one whose date is told, or else of one
    told as history.
    """
    votes = [_opened(vote) for vote in votes]
    told = [vote for vote in votes if vote.side == "supports" and not (spec.bare == "takes_dated" and _is_bare(vote, spec))]
    dated = [vote for vote in told if vote.when.earliest is not None]
    shared = [_dated(vote, _candidates(vote, dated), spec.same_event) for vote in votes]
    if spec.bare == "stands":
        return shared
    history = [v for v in votes if v.item in spec.supports and v.side != "none" and v.mention.assertion.historical]
    return [_as_told(vote, dated, history, spec) if _is_bare(vote, spec) else vote for vote in shared]


def _opened(vote: Vote) -> Vote:
    """A treatment told as history under a dated heading ("CT 9 Feb: change after XRT") was given some time before it."""
    if vote.item.dated_by and vote.mention.assertion.historical and vote.mention.date_source == "section":
        return replace(vote, when=DateInterval(None, vote.when.latest))
    return vote


def _is_bare(vote: Vote, spec: Find) -> bool:
    """In the present tense and dated by nothing but its note."""
    if vote.side != "supports" or has_own_date(vote.mention):
        return False
    if vote.mention.assertion.historical or vote.item.dated_by:
        return False
    return not any(vote.mention.attribute(name) in values for name, values in spec.ongoing.items())


def _as_told(vote: Vote, dated: Sequence[Vote], history: Sequence[Vote], spec: Find) -> Vote:
    for known in (dated, history):
        same = [other for other in known if _same_event(vote.mention, other.mention, spec.same_event)]
        if same:
            newest = max(same, key=lambda other: (other.when.latest or date.max, other.mention.note_date, other.mention.start))
            return replace(vote, when=newest.when)
    return vote


def _dated(vote: Vote, dated: Sequence[Vote], same_event: Sequence[str]) -> Vote:
    if vote.side != "supports" or vote.when.earliest is not None:
        return vote
    same = [other for other in dated if _may_date(vote, other, same_event) and _known_by(vote, other)]
    if not same:
        return vote
    newest = max(same, key=lambda other: (other.when.latest or date.max, other.mention.note_date, other.mention.start))
    return replace(vote, when=newest.when)


def _candidates(vote: Vote, dated: Sequence[Vote]) -> Sequence[Vote]:
    """Of the dated votes those that may date this one: for a treatment the same words, else what it was given for."""
    if not vote.item.dated_by:
        return dated
    same_words = [other for other in dated if _words(other.mention) == _words(vote.mention)]
    return same_words or [other for other in dated if other.mention.concept in vote.item.dated_by]


def _words(mention: Mention) -> str:
    return " ".join(mention.text.lower().split())


def _may_date(vote: Vote, other: Vote, same_event: Sequence[str]) -> bool:
    return other.mention.concept in vote.item.dated_by or _same_event(vote.mention, other.mention, same_event)


def _same_event(undated: Mention, dated: Mention, names: Sequence[str]) -> bool:
    if undated.concept != dated.concept:
        return False
    pairs = [(undated.attribute(name), dated.attribute(name)) for name in names]
    return all(mine is None or mine == other for mine, other in pairs)


def _known_by(vote: Vote, other: Vote) -> bool:
    """The dated event had begun when the undated mention was written, and by the last day that it may speak of."""
    last = min(vote.when.latest or vote.mention.note_date, vote.mention.note_date)
    return other.when.earliest is not None and other.when.earliest <= last


def with_courses(votes: Sequence[Vote], courses: Courses) -> list[Vote]:
    """`votes` with the supports of each drug narrowed by its last dose, its stop, or its place in an allergy list.

    A word for the whole class says nothing more beside a drug's name in its sentence ("last antibody: …"). A drug
    that is merely named ("told about rituximab") leaves open whether it was given.
    """
    drugs = sorted({vote.mention.concept for vote in votes if vote.side == "supports"})
    course = {drug: [vote for vote in votes if vote.mention.concept == drug] for drug in drugs}
    named = {sentence_of(vote.mention) for vote in votes if vote.side == "supports"}
    told = [vote for vote in votes if not (_is_class_word(vote) and sentence_of(vote.mention) in named)]
    return [_in_course(vote, course.get(vote.mention.concept, []), courses) for vote in told]


def _is_class_word(vote: Vote) -> bool:
    """A word for the drugs that leaves open which ("biologics: …"), and carries no date of its own."""
    bare = not has_own_date(vote.mention)
    return vote.side == "undecided" and not vote.denies and (vote.item.exact or bare)


def _in_course(vote: Vote, course: Sequence[Vote], courses: Courses) -> Vote:
    if vote.side != "supports":
        return vote
    status = vote.mention.attribute("status")
    if is_last_dose(vote.mention):
        return vote
    if status in courses.not_given_statuses:
        return replace(vote, side="none", reason="negated")
    if status in courses.exposed_before_note_statuses:
        first = min(other.mention.note_date for other in course if other.mention.attribute("status") == status)
        return replace(vote, when=DateInterval(None, first))
    bounded = _bounded(_running(vote), course, courses)
    if _is_merely_named(vote.mention) and bounded.when == vote.when:
        return replace(bounded, side="undecided", reason="uncertain")
    if _goes_on(vote.mention, courses) and bounded.place == "before" and not _end(vote, course, courses):
        return replace(bounded, side="undecided", reason="uncertain")
    return bounded


_TAKEN = ("status", "dose", "frequency", "route", "count", "duration_days")
"""Attributes of a mention of which any one tells that the drug was given or is taken."""


def _is_merely_named(mention: Mention) -> bool:
    """A drug's name alone: no dose, no word of its use, no date, and not in a list of medicines."""
    if has_own_date(mention) or mention.section == "medications":
        return False
    return all(mention.attribute(name) is None for name in _TAKEN)


def _goes_on(mention: Mention, courses: Courses) -> bool:
    """Taken from a day on; a single dose is over with its day."""
    return mention.attribute("status") in courses.ongoing_statuses and mention.attribute("frequency") != "once"


def _running(vote: Vote) -> Vote:
    """A drug that was started, or taken since a day, was taken up to its note."""
    if not runs_to_its_note(vote.mention):
        return vote
    return replace(vote, when=DateInterval(vote.when.earliest, vote.mention.note_date), lasting=True)


def is_last_dose(mention: Mention) -> bool:
    """Whether `when` is the day of the last dose."""
    return mention.attribute("last_dose") == "yes" and has_own_date(mention)


def _bounded(vote: Vote, course: Sequence[Vote], courses: Courses) -> Vote:
    """No dose later than the last one that the newest note tells of; a stop with no day told leaves the day open."""
    past = vote.mention.attribute("status") in courses.undated_past_statuses
    undated = not has_own_date(vote.mention)
    when = DateInterval(None, vote.when.latest) if past and undated else vote.when
    last = _last_dose(vote, course)
    if last is not None and undated and last.earliest is not None and (when.latest is None or last.earliest <= when.latest):
        return replace(vote, when=last, lasting=False)
    end = _end(vote, course, courses)
    if end is not None and (when.earliest is None or when.earliest <= end):
        when = DateInterval(when.earliest, end if when.latest is None else min(when.latest, end))
    return replace(vote, when=when)


def _last_dose(vote: Vote, course: Sequence[Vote]) -> DateInterval | None:
    """When the last dose was that this note or a later one tells of; of several the newest told."""
    known = [o for o in course if is_last_dose(o.mention) and o.side == "supports"]
    told = [o for o in known if o.mention.note_date >= vote.mention.note_date]
    return max(told, key=lambda o: (o.mention.note_date, o.when.latest or date.min)).when if told else None


def _end(vote: Vote, course: Sequence[Vote], courses: Courses) -> date | None:
    """The end of the course as told by this note or a later one: its last dose, else the day it was found stopped."""
    told = [other for other in course if other.mention.note_date >= vote.mention.note_date]
    last_doses = [other for other in told if is_last_dose(other.mention) and other.side == "supports"]
    stops = [other for other in told if other.denies or other.mention.attribute("status") in courses.ended_statuses]
    return _newest_end(last_doses) or _newest_end(stops)


def _newest_end(votes: Iterable[Vote]) -> date | None:
    ends = [(vote.mention.note_date, vote.when.latest) for vote in votes if vote.when.latest is not None]
    return max(ends)[1] if ends else None
