"""What goes out to an annotation tool comes back, and what does not is listed: for every format, any text, any spans."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.io.gold.formats import FORMATS, WITH_UNIT, export_corpus, import_corpus
from extractor.io.gold.offsets import TextOffsets
from extractor.io.gold.prodigy import tokens_of
from extractor.io.gold.read import read_corpus, write_corpus
from extractor.io.gold.records import REASONS, VERDICTS, Corpus, GoldChart, GoldSpan, in_order
from extractor.records import Note, Patient

NASTY = ["a", "b", " ", "  ", ".", "_", "7", "\n", "\r\n", "\r", "\t", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029",
         "🙂", "👩🏽\u200d⚕️", "e\u0301", "é", "ß", "中", "\ufeff", "\u200b", "]]>", "<&\"'", "don't", "\x00", "\ufffe"]  # fmt: skip
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
NOT_XML = dict.fromkeys(map(ord, "\x00\x0b\x0c\x1c\ufffe"), " ")
texts = st.lists(st.sampled_from(NASTY), max_size=14).map("".join)
some = settings(max_examples=60, deadline=None)


@st.composite
def spans(draw: st.DrawFn, notes: list[Note], criteria: list[str]) -> GoldSpan:
    note = draw(st.sampled_from(notes))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(note.note_text))] * 2)))
    reason = draw(st.none() | st.sampled_from(REASONS))
    role = "rejected" if reason else draw(st.sampled_from(["supports", "refutes"]))
    return GoldSpan(draw(st.sampled_from(criteria)), note.note_id, start, end, role, reason)  # type: ignore[arg-type]


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Odd texts, spans anywhere: nested, overlapping, empty, cut through accents and line ends; charts judged in part."""
    criteria = draw(st.lists(st.sampled_from(["C1", "C2", "a.b_c", "A-1"]), min_size=1, max_size=3, unique=True))
    charts, notes = [], []
    is_partial = draw(st.booleans())
    for number in range(draw(st.integers(1, 2))):
        patient_id = f"p{number}"
        own = [
            Note(f"{patient_id}-{n}", patient_id, date(2020, 1, n), draw(texts), draw(st.none() | texts))
            for n in range(1, draw(st.integers(1, 3)) + 1)
        ]
        judged = [criteria[number % len(criteria)]] if is_partial else criteria
        verdicts = {criterion: draw(st.sampled_from(VERDICTS)) for criterion in judged}
        evidence = draw(st.lists(spans(own, judged), max_size=5, unique_by=lambda s: (s.criterion, s.note_id, s.start, s.end)))
        patient = Patient(
            patient_id, draw(st.sampled_from(["female", "male", None])), draw(st.none() | st.just(date(1999, 12, 31)))
        )
        charts.append(
            GoldChart(
                patient,
                verdicts,
                tuple(evidence),
                draw(st.sampled_from(["dev", "test"])),
                draw(st.sampled_from([(), ("C1: 🙂 or not",)])),
            )
        )
        notes += own
    return in_order(Corpus(tuple(charts), tuple(notes)))


def round_trip(corpus: Corpus, name: str, unit: str | None = None) -> tuple[Corpus, list[str], tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        losses = export_corpus(corpus, Path(folder), format=name, offset_unit=unit)
        imported = import_corpus(Path(folder), format=name)
    return imported.corpus, losses, imported.losses


def held(corpus: Corpus, hold: dict[GoldSpan, GoldSpan | None]) -> Corpus:
    """The corpus with each span as a format holds it; `None` is not at all."""
    charts = (
        replace(chart, evidence=tuple(kept for span in chart.evidence if (kept := hold.get(span, span))))
        for chart in corpus.charts
    )
    return in_order(replace(corpus, charts=tuple(charts)))


def place(span: GoldSpan) -> str:
    return f"note {span.note_id}: {span.criterion} {span.start}..{span.end}"


@some
@given(corpus=corpora())
def test_files_of_a_corpus_hold_all_of_it(corpus: Corpus) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(corpus, Path(folder))
        assert read_corpus(Path(folder)) == corpus


@pytest.mark.parametrize("unit", ["utf16", "codepoint"])
@pytest.mark.parametrize("name", WITH_UNIT)
@some
@given(corpus=corpora())
def test_json_of_javascript_tools_holds_all(name: str, unit: str, corpus: Corpus) -> None:
    assert round_trip(corpus, name, unit) == (corpus, [], ())


@some
@given(corpus=corpora())
def test_uima_cas_holds_all(corpus: Corpus) -> None:
    assert round_trip(corpus, "inception") == (corpus, [], ())


@some
@given(corpus=corpora())
def test_brat_holds_all_but_line_breaks_at_an_end_and_empty_spans(corpus: Corpus) -> None:
    texts = {note.note_id: note.note_text for note in corpus.notes}
    cut: dict[GoldSpan, GoldSpan | None] = {}
    for span in corpus.evidence:
        words = texts[span.note_id][span.start : span.end]
        start, end = span.end - len(words.lstrip(BREAKS)), span.start + len(words.rstrip(BREAKS))
        if start >= end or (start, end) != (span.start, span.end):
            cut[span] = replace(span, start=start, end=end) if start < end else None
    back, losses, told = round_trip(corpus, "brat")
    assert back == held(corpus, cut)
    assert sorted(loss.split(": ")[1] for loss in losses) == sorted(place(span).split(": ")[1] for span in cut)
    assert told == ()


@some
@given(corpus=corpora())
def test_prodigy_holds_all_but_empty_spans(corpus: Corpus) -> None:
    empty: dict[GoldSpan, GoldSpan | None] = {span: None for span in corpus.evidence if span.start == span.end}
    back, losses, told = round_trip(corpus, "prodigy")
    assert back == held(corpus, empty)
    assert len(losses) == len(empty)
    assert told == ()


@some
@given(corpus=corpora())
def test_docbin_lists_each_span_that_it_leaves_out(corpus: Corpus) -> None:
    back, losses, told = round_trip(corpus, "docbin")
    listed: dict[GoldSpan, GoldSpan | None] = {
        span: None for span in corpus.evidence if any(loss.startswith(f"{place(span)}: ") for loss in losses)
    }
    assert back == held(corpus, listed)
    assert len(losses) == len(listed)
    assert told == ()


@some
@given(corpus=corpora())
def test_n2c2_holds_texts_dates_and_what_is_met_or_not(corpus: Corpus) -> None:
    back, losses, _ = round_trip(corpus, "n2c2")
    texts = [(n.patient_id, n.note_date, n.note_text.translate(NOT_XML)) for n in corpus.notes]
    assert [(n.patient_id, n.note_date, n.note_text) for n in back.notes] == texts
    decided = [{c: v for c, v in chart.verdicts.items() if v in ("met", "not_met")} for chart in corpus.charts]
    assert [chart.verdicts for chart in back.charts] == decided
    unheld = [
        (chart.patient.patient_id, verdict)
        for chart in corpus.charts
        for verdict in set(chart.verdicts.values()) - {"met", "not_met"}
    ]
    assert all(
        any(loss.startswith(f"patient {patient}: no tag for the verdict {verdict}: ") for loss in losses)
        for patient, verdict in unheld
    )


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("n2c2", "docbin")])
def test_bundled_charts_survive_every_format(name: str) -> None:
    corpus = in_order(read_corpus(Path(__file__).resolve().parents[3] / "annotations" / "rp-dev"))
    assert round_trip(corpus, name) == (corpus, [], ())


@some
@given(text=texts)
def test_units_and_code_points_are_each_other_s_inverse(text: str) -> None:
    offsets = TextOffsets.of(text)
    units = [len(text[:place].encode("utf-16-le", "surrogatepass")) // 2 for place in range(len(text) + 1)]
    assert [offsets.to_units(place, "utf16") for place in range(len(text) + 1)] == units
    back = {unit: place for place, unit in enumerate(units)}
    assert [offsets.to_code_point(unit, "utf16") for unit in range(-1, units[-1] + 3)] == [
        back.get(unit) for unit in range(-1, units[-1] + 3)
    ]


@some
@given(corpus=corpora())
def test_tokens_join_to_the_text_and_spans_end_with_tokens(corpus: Corpus) -> None:
    for note in corpus.notes:
        found = [span for span in corpus.evidence if span.note_id == note.note_id and span.start < span.end]
        tokens = tokens_of(note.note_text, found)
        assert "".join(token["text"] + " " * token["ws"] for token in tokens) == note.note_text
        assert {span.start for span in found} <= {token["start"] for token in tokens}
        assert {span.end for span in found} <= {token["end"] for token in tokens}
