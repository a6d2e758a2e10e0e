"""`python -m eval.benchmarks.review`: how long the review server takes, on a worklist of 100,000 patients and a 1 MB note.

Writes a synthetic run (random words, no patient), loads it as `prescreen review` would, starts the real server on
loopback, and asks for each page many times. Prints medians and 95th percentiles of the whole answer as a client gets it,
and exits with 1 when a median is above the limit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from eval.benchmarks.machine import machine
from extractor.io.schema import TABLES
from extractor.io.tables import write_rows, write_table
from extractor.review import accounts, load, schema
from extractor.review.app import create_app
from extractor.review.database import Database, open_database
from extractor.review.log import PROGRAM
from extractor.review.questions import load_questions
from extractor.review.serve import Address, config_of, listen
from extractor.review.site import Site
from extractor.spec.trials import Trial, load_trial

LIMIT_MS = 200.0
PASSWORD = "only for this benchmark"
INDEX_DATE = date(2025, 6, 1)
PART = 100_000
SENTENCES = (
    "patient seen today and stable on prednisone and methotrexate", "without fever or cough, rash denied", "chest pain resolved",
    "recurrent ear swelling with a tender nasal bridge", "audiogram normal", "creatinine and liver enzymes normal",
    "hepatitis serology negative", "influenza vaccine last autumn",
)  # fmt: skip
LONG_NOTE_BYTES = 1_000_000
LONG_NOTE_EVIDENCE = 600
NOTES_A_PATIENT = 2
EVIDENCE_A_PATIENT = 4


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of one kind of request, in the order asked, and how large an answer is.

    `computing` is the processor time of server and client together, without the database's where that is another
    process: what other work on the machine does not lengthen.
    """

    name: str
    milliseconds: tuple[float, ...]
    computing: tuple[float, ...]
    kilobytes: float

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return sorted(self.milliseconds)[max(0, -(-95 * len(self.milliseconds) // 100) - 1)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark; returns the exit status."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        trial = load_trial("rp-low-dose-il2")
        source = write_run(Path(folder), trial, options.patients)
        started = time.perf_counter()
        database = open_database(options.db or f"sqlite:///{folder}/review.sqlite", Path(folder) / "key")
        load.load(database, source, seed=0)
        dialect = database.engine.dialect.name
        about = machine()
        place = f"{about['system']}, {about['cores']} cores, Python {about['python']}"
        print(f"{place}; {dialect}; {options.patients:,} patients loaded in {time.perf_counter() - started:.0f} s\n")
        with database.write() as connection:
            accounts.add_account(database, connection, PROGRAM, "clock", PASSWORD, list(accounts.ROLES))
        rows = measure(database, options.requests)
        database.engine.dispose()
    print(f"{'request':<34}{'median':>10}{'95 %':>10}{'computing':>12}{'answer':>12}")
    for row in rows:
        computing = statistics.median(row.computing)
        print(f"{row.name:<34}{row.median:>7.0f} ms{row.high:>7.0f} ms{computing:>9.0f} ms{row.kilobytes:>9,.0f} kB")
    return 1 if max(row.median for row in rows) > LIMIT_MS else 0


def write_run(folder: Path, trial: Trial, patients: int) -> load.Source:
    """A run folder as `prescreen run` writes it, for patients of random words; the first has a note of 1 MB."""
    chance = random.Random(0)
    notes = [note for number in range(patients) for note in _notes(number, chance)]
    with (folder / "notes.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(note) + "\n" for note in notes)
    hashed = ({**note, "text_sha256": hashlib.sha256(note["note_text"].encode()).hexdigest()} for note in notes)
    write_table(folder, "notes", [{**row, "note_date": date.fromisoformat(row["note_date"])} for row in hashed])
    write_table(folder, "candidates", [_candidate(number, trial, chance) for number in range(patients)])
    _write_parts(folder, "verdicts", (row for number in range(patients) for row in _verdicts(number, trial, chance)))
    _write_parts(folder, "evidence", (row for number in range(patients) for row in _evidence(number, trial, notes, chance)))
    run = {"program": {"version": "benchmark"}, "trial_id": trial.id, "inputs": {}}
    (folder / "run.json").write_text(json.dumps(run))
    read, digest = load.read_run(folder)
    return load.Source(folder, folder / "notes.jsonl", None, trial, load_questions(trial), read, digest)


def _write_parts(folder: Path, name: str, rows: Iterator[dict[str, Any]]) -> None:
    (folder / name).mkdir()
    number = 0
    while part := list(islice(rows, PART)):
        write_rows(folder / name / f"part-{number:04}.parquet", part, TABLES[name], format="parquet")
        number += 1


def _notes(number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for note in range(NOTES_A_PATIENT):
        size = LONG_NOTE_BYTES if number == note == 0 else 900
        lines = [". ".join(chance.choices(SENTENCES, k=2)) for _ in range(size // 80)]
        text = "HISTORY:\n" + "\n".join(lines) + f"\nmarker{number}\n"
        text += "\nAddendum: nothing new." * ((size - len(text)) // 23 + 1) if size == LONG_NOTE_BYTES else ""
        day = INDEX_DATE - timedelta(days=chance.randrange(1, 900))
        yield {
            "note_id": f"n{number}-{note}", "patient_id": f"p{number:06}", "note_date": day.isoformat(),
            "note_title": "Clinic", "note_text": text,
        }  # fmt: skip


def _candidate(number: int, trial: Trial, chance: random.Random) -> dict[str, Any]:
    status = chance.choice(("eligible", "review", "ineligible"))
    ids = [criterion.id for criterion in trial.criteria]
    return {
        "patient_id": f"p{number:06}", "trial_id": trial.id, "status": status, "score": round(chance.random(), 4),
        "rank": number + 1, "failed": chance.sample(ids, 3) if status == "ineligible" else [], "to_review": chance.sample(ids, 5),
    }  # fmt: skip


def _verdicts(number: int, trial: Trial, chance: random.Random) -> Iterator[dict[str, Any]]:
    for criterion in trial.criteria:
        verdict, effect = chance.choice((("met", "pass"), ("not_met", "fail"), ("unknown", "review")))
        yield {
            "patient_id": f"p{number:06}", "trial_id": trial.id, "criterion_id": criterion.id, "kind": criterion.kind,
            "verdict": verdict, "effect": effect, "rationale": "Drawn at random for a benchmark.", "evidence_ids": [],
        }  # fmt: skip


def _evidence(number: int, trial: Trial, notes: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[dict[str, Any]]:
    note = notes[number * NOTES_A_PATIENT]
    for piece in range(LONG_NOTE_EVIDENCE if number == 0 else EVIDENCE_A_PATIENT):
        start = chance.randrange(len(note["note_text"]) - 60)
        end = start + chance.randrange(5, 60)
        day = date.fromisoformat(note["note_date"])
        yield {
            "evidence_id": f"{number}/{piece}", "patient_id": note["patient_id"], "trial_id": trial.id,
            "criterion_id": chance.choice(trial.criteria).id, "note_id": note["note_id"], "note_date": day,
            "start": start, "end": end, "text": note["note_text"][start:end], "snippet": note["note_text"][start:end],
            "section": "history", "concept": "drawn", "role": chance.choice(("supports", "refutes", "rejected")), "reason": None,
            "earliest": day, "latest": day, "date_source": "note", "value": None, "unit": None,
            **dict.fromkeys(("negated", "uncertain", "hypothetical", "historical", "family"), False),
        }  # fmt: skip


def measure(database: Database, requests: int) -> list[Timed]:
    """Asks a running server for every page; the first answer of each kind is not counted."""
    with database.read() as connection:
        tokens = (
            connection.execute(select(schema.chart.c.token).order_by(schema.chart.c.rank).limit(requests + 2)).scalars().all()
        )
        study = connection.execute(select(schema.study.c.token)).scalar_one()
    with listen(Address("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config_of(create_app(Site(database, "")), Address("127.0.0.1", 0)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=120, trust_env=False) as client:
            rows = list(_all_pages(client, study, tokens, requests))
        server.should_exit = True
        thread.join()
    return rows


def _all_pages(client: httpx.Client, study: str, tokens: Sequence[str], requests: int) -> Iterator[Timed]:
    client.post("/login", data={"name": "clock", "password": PASSWORD})
    home = f"/studies/{study}"
    csrf = _csrf(client.get(home))
    yield _time("worklist, first page", lambda _: client.get(home), requests)
    yield _time("worklist, a page in the middle", lambda n: client.get(f"{home}?page={900 + n}"), requests)
    filters: dict[str, dict[str, str]] = {
        "status": {"status": "review"}, "criterion to review": {"criterion": "E6"}, "reviewer": {"reviewer": "1"},
        "note date": {"since": "2024-01-01", "until": "2024-02-01"}, "rare words": {"words": "marker4711"},
        "frequent words": {"words": "prednisone methotrexate"},
    }  # fmt: skip
    for name, form in filters.items():
        client.post(f"{home}/filter", data={"csrf": csrf, **form})
        yield _time(f"worklist by {name}", lambda _: client.get(home), requests)
    client.post(f"{home}/filter", data={"csrf": csrf, "clear": "yes"})
    yield _time("progress", lambda _: client.get(f"{home}/progress"), requests)
    yield _time("chart", lambda n: client.get(f"/charts/{tokens[n + 1]}"), requests)
    yield _time("chart with a note of 1 MB", lambda _: client.get(f"/charts/{tokens[0]}"), requests)
    yield _time("a verdict", lambda n: client.post(f"/charts/{tokens[n + 1]}/verdict/I1", data=_verdict(csrf)), requests)
    yield _time("a verdict beside a note of 1 MB", lambda n: _save_long(client, tokens[0], csrf, n), requests)


def _verdict(csrf: str) -> dict[str, str]:
    return {"csrf": csrf, "verdict": "met", "version": "0", "comment": "for the benchmark"}


def _save_long(client: httpx.Client, token: str, csrf: str, number: int) -> httpx.Response:
    """A new word on the same criterion each time, as a reviewer who changes their mind."""
    form = {**_verdict(csrf), "version": str(number), "comment": f"time {number}", "why": "for the benchmark"}
    return client.post(f"/charts/{token}/verdict/I1", data=form)


def _csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None, "the page has no form: sign-in failed"
    return found[1]


def _time(name: str, ask: Callable[[int], httpx.Response], requests: int) -> Timed:
    taken, computing, size = [], [], 0
    for number in range(requests + 1):
        started, begun = time.perf_counter(), time.process_time()
        answer = ask(number)
        taken.append(1000 * (time.perf_counter() - started))
        computing.append(1000 * (time.process_time() - begun))
        assert answer.status_code in (200, 303), f"{name}: status {answer.status_code}"
        size = len(answer.content)
    return Timed(name, tuple(taken[1:]), tuple(computing[1:]), size / 1000)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Server time of the review page.")
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=30, help="counted requests of each kind")
    parser.add_argument("--db", help="an empty database to use in place of SQLite, as postgresql://USER@HOST/NAME")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
