"""What expressions need is the same whether it was kept or is worked out, and a bad file costs time only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor.text import kept_needs
from extractor.text.kept_needs import FEW, FOLDER, KEPT_FILES, cache_folder, needs_of
from extractor.text.lookup import needs_by_view
from extractor.text.needs import Pattern
from extractor.text.rules import TextRules

MANY = [Pattern(rf"(?:sore|red)\s+word{'x' * number}s?", is_bounded=True) for number in range(FEW)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[Pattern]:
    """The expressions that were not taken from a file."""
    seen: list[Pattern] = []

    def counted(pattern: Pattern) -> kept_needs.Needs:
        seen.append(pattern)
        return needs_by_view(pattern)

    monkeypatch.setattr(kept_needs, "needs_by_view", counted)
    return seen


def test_the_needs_of_the_bundled_patterns_come_back_as_they_were(folder: Path, worked_out: list[Pattern]) -> None:
    patterns = [expression.pattern for expression in TextRules.load().concepts.expressions]
    first = needs_of(patterns)
    assert len(worked_out) == len(patterns)
    assert needs_of(patterns) == first
    assert len(worked_out) == len(patterns), "the second time they are read"


def test_another_expression_or_another_flag_is_worked_out_anew(folder: Path, worked_out: list[Pattern]) -> None:
    needs_of(MANY)
    for changed in (Pattern("sore ears"), Pattern(MANY[-1].text, ignore_case=False, is_bounded=True), Pattern(MANY[-1].text)):
        assert needs_of([*MANY[:-1], changed])[-1] == needs_by_view(changed)
    assert len(worked_out) == 4 * FEW


@pytest.mark.parametrize("damage", [b"", b"{", b"0" * 64 + b"\n[]"])
def test_a_damaged_file_is_written_anew(folder: Path, worked_out: list[Pattern], damage: bytes) -> None:
    whole = needs_of(MANY)
    (file,) = folder.iterdir()
    right = file.read_bytes()
    for wrong in (damage, right[:-9], right.replace(b"sore", b"soar")):
        file.write_bytes(wrong)
        assert needs_of(MANY) == whole
        assert file.read_bytes() == right


def test_few_expressions_are_not_kept(folder: Path) -> None:
    assert needs_of(MANY[:5]) == [needs_by_view(pattern) for pattern in MANY[:5]]
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "kept"))
    assert needs_of(MANY)[0] == needs_by_view(MANY[0])
    monkeypatch.setenv(FOLDER, "")
    assert cache_folder() is None
    assert needs_of(MANY)[0] == needs_by_view(MANY[0])


def test_old_files_go(folder: Path) -> None:
    for number in range(KEPT_FILES + 3):
        needs_of([*MANY, Pattern(f"word {number}")])
        for age, file in enumerate(sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)):
            os.utime(file, (1_000_000 - age, 1_000_000 - age))
    assert len(list(folder.iterdir())) == KEPT_FILES


def test_the_users_cache_folder_is_used_when_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "prescreen"
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "prescreen"
