"""Chart files become a corpus: quotes become offsets, the text stays as it is, and a bad file is told in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.errors import InputError
from extractor.io.gold.chartfiles import build_corpus
from extractor.io.gold.read import write_corpus
from extractor.io.gold.verify import verify_folder

ANNOTATIONS = Path(__file__).resolve().parents[3] / "annotations"
WITH_CHARTS = sorted(path.parent for path in ANNOTATIONS.glob("*/charts"))
CHART = """
patient_id: P1
sex: female
birth_date: 1980-02-29
index_date: 2025-04-01
notes:
  - note_id: P1-1
    note_date: 2025-01-31
    note_title: Clinic
    note_text: |2
        Fever: none. Fever in her son.

      Last line, two blanks:  \n      - ear
  - {note_id: P1-2, note_date: 2025-02-01, note_text: "Windows\\r\\nline 🙂 \\u2028end"}
verdicts: {C1: met, C2: not_applicable}
evidence:
  - {criterion: C1, note_id: P1-1, quote: Fever, nth: 2, role: rejected, reason: family}
  - {criterion: C1, note_id: P1-2, quote: "🙂 \\u2028end", role: supports}
"""
TEXT = "  Fever: none. Fever in her son.\n\nLast line, two blanks:  \n- ear\n"


def written(folder: Path, content: str = CHART) -> Path:
    (folder / "charts").mkdir(parents=True, exist_ok=True)
    (folder / "charts" / "P1.yaml").write_text(content, encoding="utf-8", newline="")
    return folder / "charts"


def faults_of(charts: Path, out: Path) -> str:
    with pytest.raises(InputError) as caught:
        build_corpus(charts, out)
    return str(caught.value)


def test_quotes_become_offsets_and_text_stays(tmp_path: Path) -> None:
    corpus = build_corpus(written(tmp_path), tmp_path).corpus
    assert [note.note_text for note in corpus.notes] == [TEXT, "Windows\r\nline 🙂 \u2028end"]
    assert [(span.start, span.end, span.role, span.reason) for span in corpus.evidence] == [
        (15, 20, "rejected", "family"),
        (14, 20, "supports", None),
    ]
    assert corpus.charts[0].split is None


@pytest.mark.parametrize("corpus", WITH_CHARTS, ids=lambda path: path.name)
def test_bundled_corpora_are_what_their_charts_say(corpus: Path, tmp_path: Path) -> None:
    files = write_corpus(build_corpus(corpus / "charts", corpus).corpus, tmp_path)
    assert {path.name for path in files} == {"notes.jsonl", "patients.jsonl", "gold.jsonl", "splits.csv"}
    for path in files:
        assert path.read_bytes() == (corpus / path.name).read_bytes(), f"prescreen gold build {corpus}/charts {corpus}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("nth: 2", "nth: 3", "P1.yaml: evidence 1: C1 P1-1: the quote does not stand in the note 3 times"),
        ("note_id: P1-2, quote", "note_id: P1-9, quote", "P1.yaml: evidence 2: C1 P1-9: there is no such note"),
        ("role: supports", "role: support", "P1.yaml gold: evidence.1.role: must be one of supports, refutes, rejected"),
        ("reason: family", "reasn: family", "P1.yaml: evidence 1: no span has the key 'reasn'"),
        ("sex: female", "gender: female", "P1.yaml: no chart has the key 'gender'"),
        ("C1: met", "C1: yes", "P1.yaml gold: verdicts.C1: must be one of met"),
        ("1980-02-29", "1981-02-29", "P1.yaml: holds a date that is no day of the calendar"),
        ("verdicts: {C1", "verdicts: {C1: met, C1", "not valid YAML: DuplicateKeyError"),
        ("sex: female", "sex: [female", "not valid YAML"),
    ],
)  # fmt: skip
def test_faults_of_a_chart_name_file_and_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in CHART
    found = faults_of(written(tmp_path, CHART.replace(old, new)), tmp_path)
    assert fault in found
    assert "Fever" not in found


def test_reading_is_built_on_the_notes_of_its_corpus(folder: Path, tmp_path: Path) -> None:
    second = (
        "patient_id: p1\nverdicts: {C1: met, C2: met}\nevidence: [{criterion: C2, note_id: n2, quote: fever, role: supports}]\n"
    )
    built = build_corpus(written(tmp_path, second), folder / "second")
    assert built.is_reading
    assert [(span.note_id, span.start, span.end) for span in built.corpus.evidence] == [("n2", 3, 8)]
    assert {note.note_id for note in built.corpus.notes} == {"n1", "n2"}


def test_reading_of_nobody_and_elsewhere_is_refused(folder: Path, tmp_path: Path) -> None:
    charts = written(tmp_path, "patient_id: p9\nverdicts: {C1: met}\n")
    assert "gold.jsonl: patient p9 is not in patients.jsonl" in faults_of(charts, folder / "second")
    assert "charts without notes need a folder inside of their corpus" in faults_of(charts, tmp_path / "a" / "b")


def test_folder_without_charts_is_refused(tmp_path: Path) -> None:
    assert "no chart files" in faults_of(tmp_path / "nowhere", tmp_path)


def test_building_writes_what_verifies(tmp_path: Path) -> None:
    write_corpus(build_corpus(written(tmp_path), tmp_path).corpus, tmp_path)
    assert verify_folder(tmp_path) == []
