"""A real run of the program over a few charts, both databases, and a reviewer without JavaScript.

PostgreSQL and Chromium are Debian's. Where they are missing the tests fail and say what to install.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from sqlalchemy import select

from extractor.review import accounts, load, schema
from extractor.review.app import create_app
from extractor.review.database import Database, open_database
from extractor.review.decide import Desk, decide_verdict
from extractor.review.log import PROGRAM, Actor
from extractor.review.questions import load_questions
from extractor.review.serve import Address, config_of, listen
from extractor.review.sheets import finish, open_sheet
from extractor.review.site import Site
from extractor.spec.trials import load_trial

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("D1-001", "D1-002", "D1-006", "D1-010")
PASSWORD = "correct horse battery"
KEY = b"0123456789abcdef" * 4
HOSTILE = (
    "CLINIC LETTER\r\n<script>document.title='owned'</script><img src=x onerror=\"alert(1)\">\r\n"
    "History: 45 year old woman. </div></main><b>Bold</b> &amp; {{ 7 * 7 }} {% raw %} 🙂 café\r\n"
    "Denies rituximab. Severe pneumonia treated with iv antibiotics last week.\r\n"
    "HIV negative. hepatitis C antibody positive\r\n"
)
PEOPLE = {"ada": ["reviewer"], "ben": ["reviewer"], "cleo": ["adjudicator"], "root": ["admin"]}


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `prescreen run` writes for four charts of the development corpus and one whose note is full of markup."""
    folder = tmp_path_factory.mktemp("study")
    lines, people = ([line for line in _lines(name) if json.loads(line)["patient_id"] in KEPT] for name in ("notes", "patients"))
    hostile = {
        "note_id": "<N>&1", "patient_id": "=H<i>1", "note_date": "2025-06-01", "note_title": "<b>Letter</b>", "note_text": HOSTILE,
    }  # fmt: skip
    (folder / "notes.jsonl").write_text("\n".join([*lines, json.dumps(hostile)]) + "\n", "utf-8")
    people.append(json.dumps({"patient_id": "=H<i>1", "sex": "female", "birth_date": "1980-02-03", "index_date": "2025-06-08"}))
    (folder / "patients.jsonl").write_text("\n".join(people) + "\n", "utf-8")
    words = ["run", str(folder / "notes.jsonl"), "--patients", str(folder / "patients.jsonl"), "--out", "run"]
    words += ["--trial", "rp-low-dose-il2", "--no-report"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "extractor", *words], cwd=folder, env=environment, check=True)
    return folder / "run"


def _lines(name: str) -> list[str]:
    return (ROOT / "annotations" / "rp-dev" / f"{name}.jsonl").read_text("utf-8").splitlines()


def source_of(run_folder: Path, *, notes: Path | None = None) -> load.Source:
    """The run as the command line would load it."""
    run, digest = load.read_run(run_folder)
    trial = load_trial(run["trial_id"])
    inputs = run["inputs"]
    return load.Source(
        run_folder, notes or Path(inputs["notes"]), Path(inputs["patients"]), trial, load_questions(trial), run, digest
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives for these tests, without a database's name."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        pytest.fail("PostgreSQL is not installed: apt-get install -y postgresql")
    binaries = folders[-1].parent
    # Directly in /tmp, since pytest's own folders are closed to the server's user.
    home = Path(tempfile.mkdtemp(prefix="review-pg.", dir="/tmp"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(home, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(home / "data")
    make = [*as_user, str(binaries / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(make, check=True, capture_output=True, cwd=home)
    settings = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={home}", "fsync=off")
    run = [*as_user, str(binaries / "postgres"), "-D", data, *(f"--{one}" for one in settings)]
    server = subprocess.Popen(run, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        stop = [*as_user, str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "-W", "stop"]
        subprocess.run(stop, capture_output=True, cwd=home, check=False)
        server.wait(timeout=20)
        subprocess.run(["sh", "-c", 'rm -rf "$0" &', str(home)], check=True)  # many files: not worth waiting for


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("PostgreSQL did not start within a minute")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def prepared(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the run loaded and the accounts made, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "key").write_bytes(KEY)
    database = open_database(f"sqlite:///{folder / 'review.sqlite'}", folder / "key", clock=Clock())
    filled(database, run_folder).engine.dispose()
    return folder / "review.sqlite"


@pytest.fixture(scope="session")
def prepared_postgres(postgres: str, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same in PostgreSQL: the name of a template."""
    key = tmp_path_factory.mktemp("prepared-pg") / "key"
    key.write_bytes(KEY)
    _create(postgres, "prepared")
    database = open_database(f"{postgres}/prepared", key, clock=Clock())
    filled(database, run_folder).engine.dispose()
    return "prepared"


def _create(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A database with its tables and nothing in it, once in each dialect."""
    url = f"sqlite:///{tmp_path / 'review.sqlite'}"
    if request.param == "postgresql":
        url = _create(request.getfixturevalue("postgres"), f"t{os.urandom(6).hex()}")
    database = open_database(url, tmp_path / "key", clock=clock)
    yield database
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A database with the run loaded and four accounts, once in each dialect."""
    if request.param == "sqlite":
        url = _copied(request.getfixturevalue("prepared"), tmp_path)
    else:
        template = request.getfixturevalue("prepared_postgres")
        url = _create(request.getfixturevalue("postgres"), f"t{os.urandom(6).hex()}", template)
    (tmp_path / "key").write_bytes(KEY)
    database = open_database(url, tmp_path / "key", clock=clock)
    yield database
    database.engine.dispose()


def _copied(prepared: Path, folder: Path) -> str:
    shutil.copy(prepared, folder / "review.sqlite")
    return f"sqlite:///{folder / 'review.sqlite'}"


@pytest.fixture
def sqlite(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """The same in SQLite only, for what does not touch the database's dialect."""
    (tmp_path / "key").write_bytes(KEY)
    database = open_database(_copied(prepared, tmp_path), tmp_path / "key", clock=clock)
    yield database
    database.engine.dispose()


def filled(database: Database, run_folder: Path) -> Database:
    load.load(database, source_of(run_folder), seed=1)
    with database.write() as connection:
        for name, roles in PEOPLE.items():
            accounts.add_account(database, connection, PROGRAM, name, PASSWORD, roles)
    return database


def actor(database: Database, name: str) -> Actor:
    with database.read() as connection:
        row = connection.execute(select(schema.account).where(schema.account.c.name == name)).mappings().one()
    return Actor(row["id"], name, frozenset(json.loads(row["roles"])))


def chart_of(database: Database, patient_id: str) -> Mapping[Any, Any]:
    with database.read() as connection:
        return connection.execute(select(schema.chart).where(schema.chart.c.patient_id == patient_id)).mappings().one()


def review(database: Database, name: str, patient_id: str, verdicts: Mapping[str, str]) -> None:
    """Decides every criterion of a chart, `unknown` where nothing is given, and signs it off, without the page."""
    person, chart = actor(database, name), chart_of(database, patient_id)
    with database.write() as connection:
        desk = Desk(database, connection, person, chart, open_sheet(database, connection, person, chart))
        for one in desk.view().criteria:
            value = {
                "verdict": verdicts.get(one.criterion.id, "unknown"),
                "version": str(one.decision.version if one.decision else 0),
            }
            decide_verdict(desk, one.criterion.id, {**value, "why": "in a test"})
        finish(database, connection, person, chart, desk.sheet)


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as a browser would send them untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms and the title of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.title = ""
        self._open: Form | None = None
        self._in: str | None = None
        self._name = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self.forms.append(Form(given["action"] or ""))
            self._open = self.forms[-1]
        if tag == "option" and "selected" in given and self._open:
            self._open.fields[self._name] = given.get("value") or ""
        if tag == "textarea" or (tag == "title" and not self.title):
            self._in, self._name = tag, given.get("name") or ""
            if tag == "textarea" and self._open:
                self._open.fields[self._name] = ""
        if self._open is None or not given.get("name"):
            return
        name, value = str(given["name"]), given.get("value") or ""
        if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self._open.fields[name] = value
        if tag == "select":
            self._name = name
            self._open.fields.setdefault(name, "")

    def handle_endtag(self, tag: str) -> None:
        self._open = None if tag == "form" else self._open
        self._in = None if tag == self._in else self._in

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title += data
        elif self._in == "textarea" and self._open:
            self._open.fields[self._name] += data.removeprefix("\n")


class Person:
    """A reviewer at a browser without JavaScript: reads pages, sends the forms that are on them."""

    def __init__(self, address: str, name: str) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=True, trust_env=False, timeout=60)
        self.name = name
        self.page = self.client.get("/login")
        self.send("/login", name=name, password=PASSWORD)

    def open(self, address: str) -> str:
        self.page = self.client.get(address)
        return self.page.text

    def open_chart(self, database: Database, patient_id: str, criterion: str = "") -> str:
        query = f"?c={criterion}" if criterion else ""
        return self.open(f"/charts/{chart_of(database, patient_id)['token']}{query}")

    def form(self, part: str) -> Form:
        """The first form whose address holds `part`."""
        found = [form for form in Forms(self.page.text).forms if part in form.action]
        assert found, f"no form to {part} on {self.page.url}"
        return found[0]

    def has(self, part: str) -> bool:
        return any(part in form.action for form in Forms(self.page.text).forms)

    def send(self, part: str, **fields: Any) -> str:
        """Fills the form and sends it; the page that comes back."""
        form = self.form(part)
        self.page = self.client.post(form.action, data={**form.fields, **fields})
        return self.page.text

    def decide(self, criterion: str, verdict: str, **fields: Any) -> str:
        """Decides a criterion of the chart that is open."""
        self.open(f"{self.page.url.path}?c={criterion}")
        return self.send(f"/verdict/{criterion}", verdict=verdict, then="stay", **fields)

    def sign(self, **fields: Any) -> str:
        """Signs off the chart that is open, or stays at the page that says what is still to be decided."""
        self.open("/".join(str(self.page.url.path).split("/")[:3]) + "/sign")
        return self.send("/finish", **{"password": PASSWORD, **fields}) if self.has("/finish") else self.page.text

    def decide_all(self, verdicts: Mapping[str, str]) -> None:
        """Decides what is undecided on the chart that is open, going on from form to form as the page leads."""
        left = dict(verdicts)
        while left:
            form = self.form("/verdict/")
            criterion = form.action.rpartition("/")[2]
            if criterion not in left:
                criterion = next(iter(left))
                self.open(f"{self.page.url.path}?c={criterion}")
            self.send(f"/verdict/{criterion}", verdict=left.pop(criterion), then="next")


class Served:
    """An application on a free port of loopback."""

    def __init__(self, app: Any) -> None:
        self.listening = listen(Address("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.server = uvicorn.Server(config_of(app, Address("127.0.0.1", 0)))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(timeout=10)
        self.listening.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """`serve(database)`: the server over a database, the same one when asked again."""
    running: dict[int, Served] = {}

    def start(database: Database) -> Served:
        if id(database) not in running:
            running[id(database)] = Served(create_app(Site(database, "the-code")))
        return running[id(database)]

    yield start
    for one in running.values():
        one.stop()


@pytest.fixture
def meet(serve: Callable[..., Served]) -> Iterator[Callable[..., Person]]:
    """`meet(database, "ada")`: a person signed in at the server over the database."""
    people: list[Person] = []

    def sign_in(database: Database, name: str) -> Person:
        people.append(Person(serve(database).address, name))
        return people[-1]

    yield sign_in
    for person in people:
        person.client.close()


@pytest.fixture
def tools() -> Any:
    """The names of this file, for tests that are collected apart from it."""
    return SimpleNamespace(**globals())
