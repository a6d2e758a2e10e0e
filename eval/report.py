"""The error report: one HTML page that needs no network, with every disagreement shown in the note, or by offsets alone.

Comes in: gold, scores, disagreements and plots. Goes out: the page's text. Everything that came from a file is escaped by the
template engine; a content security policy forbids the page to run or fetch anything. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.counts import PREDICTED_VERDICTS
from eval.errors import CAUSES, Cause, Disagreement, cause_counts, fault_counts
from eval.excerpts import Excerpt, excerpt, windows
from eval.format import limits_text, short_text, tally_text, value_text
from eval.records import VERDICTS, Gold, Note, Span
from eval.scores import Scores

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pane:
    """One stretch of a note twice: with gold's marks, and with the run's."""

    title: str
    gold: Excerpt
    predicted: Excerpt


@dataclass(frozen=True, slots=True)
class Case:
    """A disagreement and the stretches of notes it is about; `wrong` are the spans that differ."""

    case: Disagreement
    panes: tuple[Pane, ...]
    wrong: frozenset[Span]


@dataclass(frozen=True, slots=True)
class CauseLine:
    """A line of the table of causes."""

    name: str
    verdicts: int
    spans: int


def error_report(
    gold: Gold,
    scores: Scores,
    found: Sequence[Disagreement],
    *,
    baselines: Sequence[Scores] = (),
    plots: Sequence[tuple[str, str]] = (),
    with_text: bool = True,
) -> str:
    """The page. Wrong verdicts come before right ones with differing spans, each in order of patient and criterion.

    Without text neither a note, nor a span's text, nor a rationale is on the page: ids, offsets, roles and counts only.
    """
    ordered = sorted(found, key=lambda one: one.cause is None)
    return (
        environment()
        .get_template("errors.html")
        .render(
            scores=scores,
            baselines=baselines,
            verdict_words=(VERDICTS, PREDICTED_VERDICTS),
            gold_sha256=gold.sha256,
            with_text=with_text,
            plots=[(name, Markup(drawing)) for name, drawing in plots],
            causes=cause_lines(found),
            cases=[case_of(gold, one, with_text=with_text) for one in ordered],
        )
    )


def environment() -> Environment:
    """Templates that escape everything and fail on any name that is not given."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(
        value=value_text,
        limits=limits_text,
        tally=tally_text,
        short=short_text,
        words=words,
        place=place,
        colour=colour,
        any_in=any_in,
        label=label,
    )

    def show(shown: Excerpt, wrong: frozenset[Span]) -> Markup:
        return Markup(made.get_template("excerpt.html").render(excerpt=shown, wrong=wrong).strip())

    made.globals["show"] = show
    return made


def cause_lines(found: Iterable[Disagreement]) -> list[CauseLine]:
    """Causes in pipeline order that have a wrong verdict or a span."""
    disagreements = list(found)
    verdicts, spans = cause_counts(disagreements), fault_counts(disagreements)
    return [CauseLine(words(c), verdicts.get(c, 0), spans.get(c, 0)) for c in CAUSES if c in verdicts or c in spans]


def case_of(gold: Gold, one: Disagreement, *, with_text: bool) -> Case:
    """A disagreement with its panes; without text it has none."""
    wrong = frozenset(span for fault in one.faults for span in (fault.gold, fault.predicted) if span is not None)
    note_ids = dict.fromkeys(span.note_id for span in (*one.gold_spans, *one.predicted_spans))
    notes = [gold.notes[note_id] for note_id in note_ids if note_id in gold.notes] if with_text else []
    return Case(one, tuple(pane for note in notes for pane in panes_of(note, one)), wrong)


def panes_of(note: Note, one: Disagreement) -> list[Pane]:
    """The stretches of a note near any span of either side."""
    wanted = [span for span in one.gold_spans if span.note_id == note.note_id]
    said = [span for span in one.predicted_spans if span.note_id == note.note_id]
    title = " ".join(part for part in (note.note_id, note.note_date, note.note_title) if part)
    return [
        Pane(title, excerpt(note.note_text, start, end, wanted), excerpt(note.note_text, start, end, said))
        for start, end in windows(len(note.note_text), [*wanted, *said])
    ]


def words(cause: Cause) -> str:
    """A cause as it is read.

    >>> words("missed_concept")
    'missed concept'
    """
    return cause.replace("_", " ")


def place(span: Span | None) -> str:
    """Where a span lies and what it does; – where there is none."""
    return "–" if span is None else f"{span.start}–{span.end} {label(span)}"


def label(span: Span) -> str:
    """Role, and the reason where it was set aside."""
    return span.role if span.reason is None else f"{span.role}: {span.reason}"


def colour(spans: Sequence[Span]) -> str:
    """CSS class of a marked stretch: the role, or that several roles lie over it."""
    roles = {span.role for span in spans}
    return next(iter(roles)) if len(roles) == 1 else "several"


def any_in(spans: Iterable[Span], wrong: Collection[Span]) -> bool:
    """Is one of the spans among those that differ?"""
    return any(span in wrong for span in spans)
