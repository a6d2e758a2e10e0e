"""What leaves the review is gold that the scorer takes, and says where it comes from."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from eval.read import read_gold
from extractor.cli.app import main
from extractor.io.gold.read import read_corpus
from extractor.io.gold.verify import verify_folder
from extractor.review import schema
from extractor.review.database import Database
from extractor.review.log import End
from extractor.review.verify import verify

Meet = Callable[..., Any]


def reviewed(person: Any, database: Database, tools: Any) -> None:
    """The hostile chart, all decided, with evidence accepted, rejected, and added, then signed off."""
    page = person.open_chart(database, "=H<i>1", "E6")
    note = re.search(r'data-note="(\d+)"', page)
    assert note is not None
    person.send("/accept/E6")
    person.send(
        "/add/E6", note=note[1], text="treated with iv antibiotics last week", role="supports", comment="given in the ward"
    )
    person.send("/answer/investigator", answer="no")
    tools.review(database, person.name, "=H<i>1", {"E6": "met", "E8": "met", "I4": "nothing_found"})
    assert "is signed off" in person.open_chart(database, "=H<i>1")


def download(person: Any, part: str) -> bytes:
    form = person.form(part)
    answer = person.client.post(form.action, data=form.fields)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    return bytes(answer.content)


def test_the_archive_is_a_gold_folder_that_the_scorer_reads(database: Database, meet: Meet, tmp_path: Path, tools: Any) -> None:
    reviewed(meet(database, "ada"), database, tools)
    root = meet(database, "root")
    root.open("/")
    root.open(f"{root.page.url.path}/export")
    content = download(root, "/export/annotations")
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "gold")
    assert verify_folder(tmp_path / "gold") == []
    gold = read_gold(tmp_path / "gold")
    assert [patient.patient_id for patient in gold.patients] == ["=H<i>1"]
    patient = gold.patients[0]
    assert patient.verdicts["E6"] == "met"
    assert patient.verdicts["I4"] == "unknown"
    added = [span for span in patient.evidence if span.text == "treated with iv antibiotics last week"]
    assert len(added) == 1
    assert all(span.criterion == "E6" for span in patient.evidence)
    assert len(patient.evidence) > 1
    row = json.loads((tmp_path / "gold" / "gold.jsonl").read_text("utf-8"))
    assert row["provenance"]["verdicts"]["E6"]["by"] == "ada"
    assert row["provenance"]["answers"] == {"investigator": "no"}
    log = row["provenance"]["log"]
    assert verify(database, known=End(log["events"], log["hash"])).faults == ()


def test_what_is_not_signed_off_is_not_gold(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("E6", "met")
    root = meet(sqlite, "root")
    root.open("/")
    assert "0 charts are signed off" in root.open(f"{root.page.url.path}/export")
    content = zipfile.ZipFile(io.BytesIO(download(root, "/export/annotations")))
    assert content.read("gold.jsonl") == b""


def test_the_archive_holds_both_readings_and_what_settled_them(
    database: Database, meet: Meet, tmp_path: Path, tools: Any
) -> None:
    """What `prescreen gold verify` asks of a corpus that was read twice, and `prescreen agreement` reads."""
    root, ada, ben, cleo = (meet(database, name) for name in ("root", "ada", "ben", "cleo"))
    root.open("/")
    study = root.page.url.path
    root.open(f"{study}/settings")
    root.send(
        "/assign", reviewers=re.findall(r'name="reviewers" value="(\d+)"', root.page.text), charts="5", double_percent="100"
    )
    for person, verdict in ((ada, "met"), (ben, "not_met")):
        person.open_chart(database, "=H<i>1", "E6")
        person.send("/accept/E6")
        person.open_chart(database, "=H<i>1", "I5")
        person.send("/answer/consent", answer="yes" if person is ada else "cannot_say")
        for patient in ("=H<i>1", "D1-001"):
            tools.review(database, person.name, patient, {"E6": verdict, "I5": "met"} if patient == "=H<i>1" else {})
    cleo.open_chart(database, "=H<i>1", "E6")
    cleo.decide("E6", "met", comment="iv antibiotics are in the letter")
    assert "Adjudicated" in cleo.sign()
    root.open(f"{study}/export")
    zipfile.ZipFile(io.BytesIO(download(root, "/export/annotations"))).extractall(tmp_path / "gold")
    assert verify_folder(tmp_path / "gold") == []
    charts = [chart for name in ("first", "second") for chart in read_corpus(tmp_path / "gold" / name).charts]
    given = [(chart.patient.patient_id, chart.verdicts["E6"]) for chart in charts]
    assert sorted(given) == [("=H<i>1", "met"), ("=H<i>1", "not_met"), ("D1-001", "unknown"), ("D1-001", "unknown")]
    settled = json.loads((tmp_path / "gold" / "adjudications.jsonl").read_text("utf-8"))
    assert (settled["criterion"], settled["final"]) == ("E6", "met")
    assert settled["why"] == "Adjudicator: iv antibiotics are in the letter"
    rows = {row["patient_id"]: row for row in map(json.loads, (tmp_path / "gold" / "gold.jsonl").read_text("utf-8").splitlines())}
    provenance = rows["=H<i>1"]["provenance"]
    assert provenance["answers"] == {"consent": "yes"}, "who cannot say leaves the word to who can"
    assert [(one["as"], one["by"]) for one in provenance["signed"]][-1] == ("adjudication", "cleo")
    assert {one["by"] for one in provenance["signed"]} == {"ada", "ben", "cleo"}


def test_a_note_after_the_index_date_gives_no_gold(tmp_path: Path, sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    with sqlite.write() as connection:
        connection.execute(update(schema.chart).values(index_date="2025-05-01"))
    page = ada.open_chart(sqlite, "=H<i>1", "E6")
    assert "after the index date: not used" in page
    note = re.search(r'data-note="(\d+)"', page)
    assert note is not None
    page = ada.send("/add/E6", note=note[1], text="iv antibiotics", role="supports")
    assert ada.page.status_code == 422
    assert "written after the index date" in page


def test_an_adjudicated_chart_gives_the_adjudicators_word(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, ben, cleo = (meet(sqlite, name) for name in ("root", "ada", "ben", "cleo"))
    root.open("/")
    study = root.page.url.path
    root.open(f"{study}/settings")
    ids = re.findall(r'name="reviewers" value="(\d+)"', root.page.text)
    root.send("/assign", reviewers=ids, charts="5", double_percent="100")
    for person, verdict in ((ada, "met"), (ben, "not_met")):
        tools.review(sqlite, person.name, "D1-001", {"E6": verdict})
    cleo.open_chart(sqlite, "D1-001")
    cleo.decide("E6", "not_applicable", comment="neither")
    cleo.sign()
    root.open(f"{study}/export")
    content = zipfile.ZipFile(io.BytesIO(download(root, "/export/annotations")))
    row = json.loads(content.read("gold.jsonl"))
    assert row["verdicts"]["E6"] == "not_applicable"
    assert row["verdicts"]["I1"] == "unknown"
    assert row["provenance"]["verdicts"]["E6"]["by"] == "cleo"
    assert row["provenance"]["adjudicated"] is True
    assert row["provenance"]["reviewers"] == 2


def test_the_worklist_is_csv_that_no_spreadsheet_runs(sqlite: Database, meet: Meet, tools: Any) -> None:
    root = meet(sqlite, "root")
    root.open("/")
    root.open(f"{root.page.url.path}/export")
    rows = list(csv.DictReader(io.StringIO(download(root, "/export/worklist").decode("utf-8"))))
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4, 5]
    assert "'=H<i>1" in {row["patient_id"] for row in rows}


def test_the_signed_page_stands_alone_and_escapes(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    reviewed(ada, sqlite, tools)
    page = download(ada, "/signed").decode("utf-8")
    assert "=H&lt;i&gt;1" in page
    assert "<i>1" not in page
    assert "treated with iv antibiotics last week" in page
    assert "nothing found in the notes" in page
    assert "src=" not in page
    assert "href=" not in page
    assert "who reviewed the chart, with their password on" in page
    assert "the patient is: <strong>ineligible</strong>" in page
    end = re.search(r"--known (\d+):([0-9a-f]{64})", page)
    assert end is not None
    assert verify(sqlite, known=End(int(end[1]), end[2])).faults == ()


def test_exports_are_recorded(sqlite: Database, meet: Meet, tools: Any) -> None:
    root = meet(sqlite, "root")
    root.open("/")
    root.open(f"{root.page.url.path}/export")
    download(root, "/export/worklist")
    assert "export" in root.open("/record")
    assert "each as it was written" in root.send("/record/verify")


def test_the_command_writes_the_same_gold(
    sqlite: Database, meet: Meet, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], tools: Any
) -> None:
    reviewed(meet(sqlite, "ada"), sqlite, tools)
    database = ["--db", f"sqlite:///{tmp_path / 'review.sqlite'}", "--key", str(tmp_path / "key")]
    with pytest.raises(SystemExit) as done:
        main(["review-export", str(run_folder), *database, "--out", str(tmp_path / "gold")])
    assert done.value.code == 0
    assert "1 signed-off charts" in capsys.readouterr().out
    assert read_gold(tmp_path / "gold").patients[0].verdicts["E8"] == "met"
    assert (tmp_path / "gold" / "worklist.csv").read_text("utf-8").startswith("rank,patient_id")
