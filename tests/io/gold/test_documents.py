"""The guideline is the one that the corpora were annotated by, and the documents name every command, format and figure rightly."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from extractor.cli.gold import gold_app
from extractor.io.gold.formats import FORMATS
from extractor.io.gold.read import read_corpus
from extractor.io.gold.schema import TABLES

ROOT = Path(__file__).resolve().parents[3]
ANNOTATIONS = ROOT / "annotations"


def test_guideline_is_the_one_of_the_readme() -> None:
    named = re.search(r"guideline\.md sha256 ([0-9a-f]{64})", (ANNOTATIONS / "README.md").read_text(encoding="utf-8"))
    assert named is not None
    assert named[1] == hashlib.sha256((ANNOTATIONS / "guideline.md").read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["rp-dev", "rp-charts"])
def test_readme_counts_are_those_of_the_corpus(name: str) -> None:
    corpus = read_corpus(ANNOTATIONS / name)
    row = f"| [{name}]({name}/README.md) | {len(corpus.charts)} | {len(corpus.notes)} | {len(corpus.evidence):,} |"
    assert row in (ANNOTATIONS / "README.md").read_text(encoding="utf-8")
    assert f"{len(corpus.evidence):,} evidence spans" in (ANNOTATIONS / name / "README.md").read_text(encoding="utf-8")


def test_test_split_is_every_third_chart_of_a_group() -> None:
    held_out = [chart.patient.patient_id for chart in read_corpus(ANNOTATIONS / "rp-charts").charts if chart.split == "test"]
    assert held_out == [f"H{group}-{number:03}" for group in range(1, 5) for number in range(3, 13, 3)]


def test_every_command_and_format_is_documented() -> None:
    text = (ROOT / "docs" / "annotation.md").read_text(encoding="utf-8")
    for command in gold_app.registered_commands:
        assert f"prescreen gold {command.name} " in text
    for name in FORMATS:
        assert f"| `{name}` |" in text


def test_every_table_has_its_schema_and_no_other_is_there() -> None:
    assert {path.name for path in (ANNOTATIONS / "schema").iterdir()} == {f"{table}.schema.json" for table in TABLES}
