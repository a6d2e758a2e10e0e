"""The error report shows text in its place, escapes all of it, fetches nothing, and can do without any text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.calibration import reliability
from eval.errors import disagreements
from eval.excerpts import excerpt, windows
from eval.figures import Figure, Resampling
from eval.intervals import UNDEFINED
from eval.plots import forest_svg, matrix_svg, recall_svg, reliability_svg
from eval.ranking import ranking_score
from eval.records import Gold, Run, Span
from eval.report import error_report
from eval.scores import Scores, score

QUICK = Resampling(replicates=100)


@pytest.fixture(scope="module")
def scores(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> Scores:
    return score(gold, flawed, kinds, resampling=QUICK)


@pytest.fixture(scope="module")
def plots(gold: Gold, flawed: Run, scores: Scores, kinds: dict[str, Any]) -> list[tuple[str, str]]:
    ranking = ranking_score(gold, flawed, kinds, resampling=QUICK)
    honest = reliability(np.array([0.1, 0.4, 0.9]), np.array([False, True, True]), resampling=QUICK)
    return [
        ("matrix", matrix_svg(scores.matrix)),
        ("forest", forest_svg([(one.criterion, one.binary["F1"]) for one in scores.criteria])),
        ("reliability", reliability_svg(honest)),
        ("recall", recall_svg(ranking)),
    ]


@pytest.fixture(scope="module")
def page(gold: Gold, flawed: Run, scores: Scores, plots: list[tuple[str, str]]) -> str:
    return error_report(gold, scores, disagreements(gold, flawed), plots=plots)


@pytest.fixture(scope="module")
def bare_page(gold: Gold, flawed: Run, scores: Scores, plots: list[tuple[str, str]]) -> str:
    return error_report(gold, scores, disagreements(gold, flawed), plots=plots, with_text=False)


class Parsed(HTMLParser):
    """Counts tags, collects ids, and checks that what opens is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_well_formed_and_ids_are_unique(page: str) -> None:
    parsed = Parsed(page)
    assert parsed.open == []
    assert parsed.ids
    assert len(set(parsed.ids)) == len(parsed.ids)
    assert parsed.tags.count("svg") == 4


def test_page_runs_and_fetches_nothing(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert not re.search(r"url\((?!#|['\"]?#)|@import", page)
    assert "default-src 'none'" in page


def test_references_inside_a_plot_point_to_its_own_ids(page: str) -> None:
    ids = set(Parsed(page).ids)
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page))
    assert references
    assert {one or other for one, other in references} <= ids


def test_text_of_a_note_is_shown_escaped(page: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "ICU note &lt;b&gt;draft&lt;/b&gt; &amp; addendum" in page


def test_both_columns_show_the_same_text_with_their_own_marks(page: str) -> None:
    plain = [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    assert plain
    assert plain[::2] == plain[1::2]
    assert re.search(r'<mark class="rejected[^"]*" title="rejected: negated">', page)


def test_every_disagreement_is_on_the_page_wrong_verdicts_first(page: str, gold: Gold, flawed: Run) -> None:
    found = disagreements(gold, flawed)
    assert page.count("<details") == len(found)
    assert page.count("<details open>") == sum(one.cause is not None for one in found)
    assert page.rindex("<details open>") < page.index("<details>")


def test_page_without_text_has_offsets_and_not_one_phrase_of_a_note(bare_page: str, gold: Gold) -> None:
    assert re.search(r"\d+–\d+ supports", bare_page)
    assert "said to be" not in bare_page, "a rationale may quote"
    shown = unescape(bare_page)
    for note in gold.notes.values():
        words = re.findall(r"\S+ \S+ \S+", note.note_text)
        assert not [phrase for phrase in words if phrase in shown]
        assert note.note_title not in shown
    for patient in gold.patients:
        assert not [span.text for span in patient.evidence if len(span.text) > 8 and span.text in shown]


def test_perfect_run_has_an_empty_report(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    page = error_report(gold, score(gold, perfect, kinds, resampling=QUICK), disagreements(gold, perfect))
    assert "None: run and gold agree" in page
    assert "<details" not in page


def test_same_run_gives_the_same_bytes(page: str, gold: Gold, flawed: Run, scores: Scores, plots: list[tuple[str, str]]) -> None:
    assert error_report(gold, scores, disagreements(gold, flawed), plots=plots) == page
    assert matrix_svg(scores.matrix) == plots[0][1]


def test_plots_write_their_words_and_counts_as_text(plots: list[tuple[str, str]], scores: Scores) -> None:
    matrix, forest = plots[0][1], plots[1][1]
    assert all(word in matrix for word in ("not_applicable", "missing", "predicted"))
    assert f">{scores.matrix[0, 0]:g}<" in matrix
    assert all(one.criterion in forest for one in scores.criteria)


def test_criterion_without_a_value_shows_a_dash() -> None:
    assert "–" in forest_svg([("E1", Figure("F1", UNDEFINED, {}))])


@given(
    text=st.text(min_size=1, max_size=60),
    data=st.data(),
)
def test_segments_join_to_the_text_and_cut_at_every_mark(text: str, data: st.DataObject) -> None:
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = [Span("E1", "N", a, b, "supports") for a, b in data.draw(st.lists(places, max_size=4))]
    for start, end in windows(len(text), spans, context=5):
        shown = excerpt(text, start, end, spans)
        assert "".join(segment.text for segment in shown.segments) == text[start:end]
    covered = {i for start, end in windows(len(text), spans, context=5) for i in range(start, end)}
    assert {i for span in spans for i in range(span.start, span.end)} <= covered


def test_span_beyond_the_note_is_cut_off() -> None:
    assert windows(10, [Span("E1", "N", 8, 99, "supports")], context=3) == ((5, 10),)
    assert windows(10, [Span("E1", "N", 50, 99, "supports")], context=3) == ()
