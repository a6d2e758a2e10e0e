"""Files as tools leave them: added spans, other units, other shapes, and edits that a corpus cannot hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import InputError
from extractor.io.gold.formats import FORMATS, export_corpus, format_module, import_corpus
from extractor.io.gold.read import write_corpus
from extractor.io.gold.records import Corpus, GoldSpan
from extractor.io.gold.verify import verify_folder

ADDED = GoldSpan("C2", "n1", 5, 11, "rejected", "family")
"""The emoji and the word after it: 5..12 in UTF-16 units."""
SECRET = "vertigo"


def exported(corpus: Corpus, folder: Path, name: str, **options: str) -> Path:
    export_corpus(corpus, folder / name, format=name, **options)
    return folder / name


def edit_json(path: Path, edit: Callable[[Any], Any]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(edit(content) or content), encoding="utf-8")


def edit_line(path: Path, number: int, edit: Callable[[Any], Any]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    content = json.loads(lines[number])
    lines[number] = json.dumps(edit(content) or content)
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def faults_of(folder: Path, name: str) -> str:
    with pytest.raises(InputError) as caught:
        import_corpus(folder, format=name)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_brat_writes_fragments_around_line_breaks(corpus: Corpus, tmp_path: Path) -> None:
    lines = (exported(corpus, tmp_path, "brat") / "n1.ann").read_text(encoding="utf-8").split("\n")
    assert "T3\tC1 13 17;18 26\tLeft ear sore" in lines
    assert "T4\tC1 22 27;28 30;31 38\tsore, no vertigo" in lines
    assert "A5\tRole T3 supports" in lines
    assert "A10\tReason T5 uncertain" in lines


def test_brat_span_added_by_hand_is_read(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "brat")
    with (folder / "n1.ann").open("a", encoding="utf-8", newline="") as out:
        out.write("T99\tC2 5 11\t🙂 red.\r\nA98\tRole T99 rejected\nA99\tReason T99 family\n#1\tAnnotatorNotes T99\tsee sister\n")
    imported = import_corpus(folder, format="brat")
    assert ADDED in imported.corpus.evidence
    assert imported.losses == ("note n1: remark #1 is not carried",)


def test_brat_discontinuous_span_is_taken_whole_and_told(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "brat")
    (folder / "n2.ann").write_text("T1\tC1 10 16;21 26\tSister lupus\nA1\tRole T1 supports\n", encoding="utf-8")
    imported = import_corpus(folder, format="brat")
    assert GoldSpan("C1", "n2", 10, 26, "supports") in imported.corpus.evidence
    assert imported.losses == ("note n2: T1: is discontinuous; the whole from its first to its last character is taken",)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("T1\tC1 3 8\tvertigo\nA1\tRole T1 supports", "T1: its words do not stand at its offsets"),
        ("T1\tC1 3 8\tfever", "T1: needs the attribute Role"),
        ("T1\tC1 3 8\tfever\nA1\tRole T1 rejected", "T1: needs the attribute Role"),
        ("T1\tC9 3 8\tfever\nA1\tRole T1 supports", "criterion C9: patient p1 has no verdict for it"),
        ("T1\tC1 3 99\tNo fever. Sister has lupus.\n\nA1\tRole T1 supports", "T1: its words do not stand"),
        ("T1 C1 3 8 fever", "is no text-bound annotation"),
    ],
)
def test_brat_faults_name_the_annotation(corpus: Corpus, tmp_path: Path, line: str, fault: str) -> None:
    folder = exported(corpus, tmp_path, "brat")
    (folder / "n2.ann").write_text(line + "\n", encoding="utf-8")
    assert fault in faults_of(folder, "brat")


def label_studio_region(start: int, end: int, words: str) -> list[dict[str, Any]]:
    shared = {"id": "new", "to_name": "text"}
    value = {"start": start, "end": end, "text": words}
    return [
        {**shared, "from_name": "criterion", "type": "labels", "value": {**value, "labels": ["C2"]}},
        {**shared, "from_name": "role", "type": "choices", "value": {**value, "choices": ["rejected"]}},
        {**shared, "from_name": "reason", "type": "choices", "value": {**value, "choices": ["family"]}},
    ]


@pytest.mark.parametrize("end", [11, 12], ids=["code points", "UTF-16 units"])
def test_label_studio_region_is_read_in_the_unit_that_gives_its_words(corpus: Corpus, tmp_path: Path, end: int) -> None:
    folder = exported(corpus, tmp_path, "label-studio")
    edit_json(
        folder / "tasks.json", lambda tasks: tasks[0]["annotations"][0]["result"].extend(label_studio_region(5, end, "🙂 red."))
    )
    assert ADDED in import_corpus(folder, format="label-studio").corpus.evidence


def test_label_studio_offsets_are_utf16_units_unless_asked(corpus: Corpus, tmp_path: Path) -> None:
    def last(folder: Path) -> tuple[int, int]:
        value = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))[0]["annotations"][0]["result"][-1]["value"]
        return value["start"], value["end"]

    assert last(exported(corpus, tmp_path, "label-studio")) == (41, 51)
    assert last(exported(corpus, tmp_path / "other", "label-studio", offset_unit="codepoint")) == (40, 50)


def test_label_studio_region_elsewhere_is_a_fault(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "label-studio")
    edit_json(folder / "tasks.json", lambda tasks: tasks[0]["annotations"][0]["result"].extend(label_studio_region(0, 7, SECRET)))
    assert "note n1: region new: its words do not stand at its offsets" in faults_of(folder, "label-studio")


def test_label_studio_second_annotation_is_told(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "label-studio")
    edit_json(folder / "tasks.json", lambda tasks: tasks[0]["annotations"].append({"result": []}))
    imported = import_corpus(folder, format="label-studio")
    assert imported.corpus == corpus
    assert imported.losses == ("note n1: has 2 annotations; the first is taken",)


def test_doccano_entities_are_read_as_labels_are(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "doccano")

    def to_entities(row: dict[str, Any]) -> None:
        row["entities"] = [
            {"id": n, "start_offset": s, "end_offset": e, "label": label} for n, (s, e, label) in enumerate(row.pop("label"))
        ]
        row["entities"].append({"id": 99, "start_offset": 5, "end_offset": 12, "label": "C2:rejected:family"})
        row["relations"] = [{"id": 1}]

    edit_line(folder / "doccano.jsonl", 0, to_entities)
    imported = import_corpus(folder, format="doccano")
    assert set(imported.corpus.evidence) == {*corpus.evidence, ADDED}
    assert imported.losses == ("note n1: 1 relations are not carried",)


@pytest.mark.parametrize(
    "label",
    [[5, 6, "C2:supports"], [0, 4, "C2"], [0, 4, "C2:rejected"], [0, 4, "C2:supports:family"], [0, 999, "C2:supports"]],
    ids=str,
)
def test_doccano_label_that_is_no_evidence_is_a_fault(corpus: Corpus, tmp_path: Path, label: list[Any]) -> None:
    folder = exported(corpus, tmp_path, "doccano")
    edit_line(folder / "doccano.jsonl", 0, lambda row: row["label"].insert(0, label))
    assert f"note n1: label 1 at {label[0]}..{label[1]} must have a label CRITERION:ROLE" in faults_of(folder, "doccano")


def test_prodigy_note_that_was_not_accepted_keeps_no_spans(corpus: Corpus, tmp_path: Path) -> None:
    folder = exported(corpus, tmp_path, "prodigy")
    edit_line(folder / "prodigy.jsonl", 0, lambda row: row.update(answer="reject"))
    imported = import_corpus(folder, format="prodigy")
    assert {span.note_id for span in imported.corpus.evidence} == {"n2"}
    assert imported.losses == ("note n1: the answer was reject; its spans are not taken",)


def test_docbin_spans_are_in_the_group_that_spacy_trains_on(corpus: Corpus, tmp_path: Path) -> None:
    import spacy
    from spacy.tokens import DocBin

    folder = exported(corpus, tmp_path, "docbin")
    docs = list(DocBin().from_disk(folder / "notes.spacy").get_docs(spacy.blank("en").vocab))
    assert [(span.text, span.label_) for span in docs[1].spans["sc"]] == [
        ("fever", "C2:refutes"),
        ("Sister has lupus", "C2:rejected:family"),
    ]


def test_inception_file_counts_utf16_units(corpus: Corpus, tmp_path: Path) -> None:
    content = json.loads((exported(corpus, tmp_path, "inception") / "n1.cas.json").read_text(encoding="utf-8"))
    found = [fs for fs in content["%FEATURE_STRUCTURES"] if fs.get("criterion") == "C2"]
    assert [(fs["begin"], fs["end"], fs["role"], fs["reason"]) for fs in found] == [(41, 51, "rejected", "uncertain")]


def test_n2c2_losses_are_listed(corpus: Corpus, tmp_path: Path) -> None:
    losses = export_corpus(corpus, tmp_path / "n2c2", format="n2c2")
    assert losses == [
        "patient p1: 7 spans",
        "patient p1: sex, birth_date, index_date, split",
        "patient p1: titles of 1 notes",
        "patient p1: the ids of notes n1 n2",
        "note n1: 1 characters that XML cannot hold are written as blanks",
        "patient p2: no tag for the verdict unknown: C1",
        "patient p2: no tag for the verdict not_applicable: C2",
        "patient p2: split",
        "patient p2: titles of 1 notes",
        "patient p2: the ids of notes n/3",
    ]
    imported = import_corpus(tmp_path / "n2c2", format="n2c2")
    assert imported.losses == ("patient p2: no tag for C1 C2, so no verdict",)
    write_corpus(imported.corpus, tmp_path / "back")
    assert verify_folder(tmp_path / "back") == ["gold.jsonl:2: patient p2 has no verdict for C1, C2"]


def test_n2c2_file_in_the_shape_of_the_challenge_is_read(tmp_path: Path) -> None:
    rule = "*" * 100
    records = f"\n\nRecord date: 2106-02-12\n\nKnee pain.\n\n\n{rule}\n\n\nRecord date: 2106-11-08\n\nA1c 7.1\n\n{rule}\n"
    tags = '<ABDOMINAL met="not met" />\n<MI-6MOS met="met" />'
    (tmp_path / "100.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<PatientMatching>\n<TEXT><![CDATA[{records}]]></TEXT>\n<TAGS>\n{tags}\n</TAGS>\n</PatientMatching>',
        encoding="utf-8",
    )
    corpus = import_corpus(tmp_path, format="n2c2").corpus
    assert [(n.note_id, n.note_date.isoformat(), n.note_text) for n in corpus.notes] == [
        ("100-1", "2106-02-12", "Knee pain.\n"), ("100-2", "2106-11-08", "A1c 7.1")]  # fmt: skip
    assert corpus.charts[0].verdicts == {"ABDOMINAL": "not_met", "MI-6MOS": "met"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<PatientMatching><TEXT>", "not well-formed XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><PatientMatching><TEXT>&a;</TEXT></PatientMatching>', "has a document type"),
        ("<PatientMatching><TEXT>vertigo</TEXT><TAGS/></PatientMatching>", "record 1 does not begin with 'Record date"),
        ('<PatientMatching><TEXT/><TAGS><A met="perhaps"/></TAGS></PatientMatching>', "tag A: met must be one of met, not met"),
    ],
)
def test_n2c2_file_of_another_shape_is_a_fault(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "1.xml").write_text(content, encoding="utf-8")
    assert fault in faults_of(tmp_path, "n2c2")


TEXT_FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "brat": ("n2.txt", lambda path: path.write_text("No fever.", encoding="utf-8") and None),
    "label-studio": ("tasks.json", lambda path: edit_json(path, lambda tasks: tasks[1]["data"].update(text="No fever."))),
    "doccano": ("doccano.jsonl", lambda path: edit_line(path, 1, lambda row: row.update(text="No fever. Sister has lupus. "))),
    "prodigy": ("prodigy.jsonl", lambda path: edit_line(path, 1, lambda row: row.update(text="No fever. Sister has lupus. "))),
}


@pytest.mark.parametrize("name", TEXT_FILES)
def test_changed_text_is_refused(corpus: Corpus, tmp_path: Path, name: str) -> None:
    folder = exported(corpus, tmp_path, name)
    file, change = TEXT_FILES[name]
    change(folder / file)
    assert "note n2: the text is not the one that was exported" in faults_of(folder, name)


@pytest.mark.parametrize("name", ["brat", "inception"])
def test_missing_note_is_refused(corpus: Corpus, tmp_path: Path, name: str) -> None:
    folder = exported(corpus, tmp_path, name)
    for path in folder.glob("n2.*"):
        path.unlink()
    assert "note n2: 0 documents, expected one" in faults_of(folder, name)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "n2c2"])
def test_folder_without_its_sidecar_is_refused(corpus: Corpus, tmp_path: Path, name: str) -> None:
    folder = exported(corpus, tmp_path, name)
    (folder / "corpus.json").write_text("[]", encoding="utf-8")
    assert "not as the export wrote it" in faults_of(folder, name)
    (folder / "corpus.json").unlink()
    assert "no corpus.json" in faults_of(folder, name)


def test_unknown_format_and_unit_are_refused_with_the_choices(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--format conll: one of brat, label-studio"):
        format_module("conll")
    with pytest.raises(InputError, match="for label-studio and doccano only"):
        export_corpus(corpus, tmp_path / "x", format="brat", offset_unit="utf16")
