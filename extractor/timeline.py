"""A patient's mentions in date order, up to the index date, each stated once.

In come a row of the patients table and the mentions of all the patient's notes in any order; out comes a
`Timeline`, on which criteria are judged. Two rules of chart review live here: text written after the index date
is not used, and text copied forward from an earlier note counts once, at its first appearance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractor.records import DateInterval, Mention, Patient

COPIED_LENGTH = 45
"""Characters from which the same snippet in a later note is taken as copied forward.

Shorter ones ("Allergies: NKDA") are what anybody would write afresh at every visit.
"""

ENDED_STATUSES = ("stopped", "completed", "failed")
"""What is said of a drug that is no longer taken."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One patient at one index date. `mentions` are in order of note date, note and place in the note."""

    patient: Patient
    index_date: date
    mentions: tuple[Mention, ...]

    def named(self, concepts: Collection[str]) -> tuple[Mention, ...]:
        """The mentions whose concept, or one of its classes, is among `concepts`."""
        return tuple(mention for mention in self.mentions if is_named(mention, concepts))

    def until(self, day: date) -> Timeline:
        """What was written by the end of `day`, judged at the same index date."""
        return replace(self, mentions=tuple(m for m in self.mentions if m.note_date <= day))


def build(patient: Patient, mentions: Iterable[Mention], *, index_date: date | None = None) -> Timeline:
    """The patient's timeline at `index_date`, else the patient's own, else the date of the newest note.

    Raises `ValueError` when none of these is known: no index date is given and there is no mention.
    """
    everything = sorted(set(mentions), key=place_in_chart)
    day = index_date or patient.index_date or max((m.note_date for m in everything), default=None)
    if day is None:
        raise ValueError(f"patient {patient.patient_id}: no index date is given and no note has a mention")
    known = [mention for mention in everything if mention.note_date <= day]
    return Timeline(patient, day, tuple(first_appearances(known)))


def has_own_date(mention: Mention) -> bool:
    """Whether words of its own date it ("in May", "3 weeks ago"), not its table, its heading or its note."""
    return mention.date_source in ("explicit", "relative")


def place_in_chart(mention: Mention) -> tuple[object, ...]:
    """A total order: by note date, note, span, and for one span by its content."""
    return (mention.note_date, mention.note_id, mention.start, mention.end, mention.concept, repr(mention))


def first_appearances(mentions: Sequence[Mention]) -> list[Mention]:
    """`mentions`, which are in chart order, without those that were copied forward from an earlier note."""
    first_note: dict[tuple[str, str, str], str] = {}
    kept = []
    for mention in mentions:
        snippet = plain_text(mention.snippet)
        key = (mention.concept, plain_text(mention.text), snippet)
        if len(snippet) < COPIED_LENGTH or first_note.setdefault(key, mention.note_id) == mention.note_id:
            kept.append(mention)
    return kept


def plain_text(text: str) -> str:
    """Text without its line breaks, runs of blanks and case, so that re-wrapped text is still the same."""
    return " ".join(text.split()).lower()


def is_named(mention: Mention, concepts: Collection[str]) -> bool:
    """Whether `concepts` holds the mention's concept or one of the classes it belongs to."""
    return mention.concept in concepts or any(name in concepts for name in classes(mention))


def classes(mention: Mention) -> tuple[str, ...]:
    """The classes that the lexicon puts the mention's concept in (`rituximab`: `monoclonal_antibody`)."""
    return tuple((mention.attribute("class") or "").split())


def sentence_of(mention: Mention) -> tuple[str, int]:
    """The note and the start of the sentence that the mention stands in."""
    return mention.note_id, mention.sentence_start


def occurrence(mention: Mention) -> DateInterval:
    """When the mention's event happened, so far as its note could know.

    A plan may lie ahead; anything else ends on its note's date at the latest, and with no date at all, or as
    something resolved, it is history: no beginning, ended by the note date.
    """
    when = mention.when
    if is_plan(mention):
        return when if when != DateInterval() else DateInterval(mention.note_date, None)
    if when.earliest is not None and when.earliest > mention.note_date:
        return when
    latest = mention.note_date if when.latest is None else min(when.latest, mention.note_date)
    return DateInterval(None if _is_over(mention) else when.earliest, latest)


def _is_over(mention: Mention) -> bool:
    """Told as past and over without saying when it was: "cured hepatitis C" is not of the day of its note."""
    return mention.attribute("status") in ("resolved", "cured") and not has_own_date(mention)


def is_plan(mention: Mention) -> bool:
    """Whether the mention speaks of something still to come."""
    return mention.assertion.hypothetical or mention.attribute("status") == "planned"


def is_lasting(mention: Mention) -> bool:
    """Whether the whole of `when` is filled ("since 2015", "9/28-9/30", a current drug), not one day somewhere in it."""
    return mention.attribute("lasting") == "yes" or mention.attribute("status") == "current"


def runs_to_its_note(mention: Mention) -> bool:
    """Whether a drug's stated interval ("since 10/2024") goes on to the day of its note.

    Only for drugs: "pneumonia in the last 3 months" ends on its note's day too, and happened on some day of it.
    """
    said = mention.assertion
    if is_lasting(mention):
        return True
    if said.historical or said.negated or is_plan(mention) or mention.attribute("status") in ENDED_STATUSES:
        return False
    if not has_own_date(mention) or mention.when.earliest is None:
        return False
    return mention.when.earliest < mention.note_date == mention.when.latest


def day_of(mention: Mention) -> date:
    """The last day the mention can speak of: what "newest" compares."""
    latest = occurrence(mention).latest
    return mention.note_date if latest is None else latest
