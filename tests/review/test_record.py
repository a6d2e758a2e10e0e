"""The record: what is written cannot be changed unseen, in either database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from extractor.cli.app import main
from extractor.errors import RunError
from extractor.review import schema
from extractor.review.database import Database, open_database
from extractor.review.decide import Desk, decide_verdict
from extractor.review.log import PROGRAM, End, Event, append, read_end
from extractor.review.sheets import open_sheet
from extractor.review.verify import verify

WITHOUT_GUARD = {
    "sqlite": ["DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete"],
    "postgresql": ["ALTER TABLE event DISABLE TRIGGER USER"],
}


def decided(database: Database, tools: Any, count: int = 4) -> None:
    """A few verdicts on one chart."""
    ada, chart = tools.actor(database, "ada"), tools.chart_of(database, "D1-001")
    for criterion in ("I1", "I2", "I3", "E1", "E2")[:count]:
        with database.write() as connection:
            desk = Desk(database, connection, ada, chart, open_sheet(database, connection, ada, chart))
            decide_verdict(desk, criterion, {"verdict": "met", "comment": f"of {criterion}"})


def tamper(database: Database, *statements: str) -> None:
    """What somebody with the database's password, but without the key, could do."""
    with database.write() as connection:
        for statement in (*WITHOUT_GUARD[database.engine.dialect.name], *statements):
            connection.exec_driver_sql(statement)


def test_the_migrations_make_the_tables_that_queries_name(empty: Database) -> None:
    def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
        return not str(name).startswith("passage_words")

    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_opening_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    again = open_database(database.engine.url.render_as_string(hide_password=False), tmp_path / "key")
    assert verify(again).faults == ()
    again.engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE event SET why = 'x'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_the_log(database: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), database.write() as connection:
        connection.execute(text(statement))


def test_a_whole_record_verifies(database: Database, tools: Any) -> None:
    decided(database, tools)
    report = verify(database)
    assert report.faults == ()
    assert report.events == report.end.seq
    with database.read() as connection:
        assert report.end == read_end(database, connection)


@pytest.mark.parametrize("column", ["at", "account", "action", "after", "why", "versions", "key"])
def test_an_edited_row_is_found(database: Database, tools: Any, column: str) -> None:
    decided(database, tools)
    tamper(database, f"UPDATE event SET {column} = 'x' WHERE seq = 7")
    assert "event 7: was edited" in verify(database).faults


def test_a_removed_row_is_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    tamper(database, "DELETE FROM event WHERE seq = 7")
    assert "event 7: missing" in verify(database).faults


@pytest.mark.parametrize("which", ["seq = 1", "seq > 3", "seq > 0"])
def test_the_first_the_last_or_all_rows_removed_are_found(database: Database, tools: Any, which: str) -> None:
    decided(database, tools)
    tamper(database, f"DELETE FROM event WHERE {which}")
    assert verify(database).faults


def test_a_log_taken_away_whole_with_its_end_is_found(database: Database) -> None:
    tamper(database, "DELETE FROM event", "DELETE FROM chain", "DELETE FROM entry", "DELETE FROM sheet")
    assert verify(database).faults == ("the end of the log is missing",)


def test_a_row_put_in_is_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    last = verify(database).end.seq
    columns = ", ".join(column.name for column in schema.event.columns if column.name != "seq")
    tamper(database, f"INSERT INTO event (seq, {columns}) SELECT {last + 1}, {columns} FROM event WHERE seq = {last}")
    assert f"event {last + 1}: was edited" in verify(database).faults


def test_rows_cut_off_at_the_end_are_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    last = verify(database).end.seq
    tamper(database, f"DELETE FROM event WHERE seq = {last}")
    assert f"events {last} to {last}: missing at the end" in verify(database).faults


def test_rows_cut_off_with_the_end_moved_back_are_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    last = verify(database).end.seq
    tamper(
        database,
        f"DELETE FROM event WHERE seq = {last}",
        f"UPDATE chain SET seq = {last - 1}, hash = (SELECT hash FROM event WHERE seq = {last - 1})",
    )
    assert "the end of the log is not sealed with this key" in verify(database).faults


def test_an_end_noted_earlier_exposes_an_older_copy_of_the_whole_database(sqlite: Database, tools: Any, tmp_path: Path) -> None:
    decided(sqlite, tools, 2)
    with sqlite.write() as connection:
        connection.execute(text("SELECT 1"))
    sqlite.engine.dispose()
    shutil.copy(tmp_path / "review.sqlite", tmp_path / "older.sqlite")
    with sqlite.write() as connection:
        append(sqlite, connection, PROGRAM, Event("later"))
        noted = read_end(sqlite, connection)
    older = open_database(f"sqlite:///{tmp_path / 'older.sqlite'}", tmp_path / "key")
    assert verify(older).faults == ()
    assert verify(older, known=noted).faults == (
        f"the log ends at event {noted.seq - 1}; an end at event {noted.seq} was noted earlier",
    )
    older.engine.dispose()


def test_reordered_rows_are_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    tamper(
        database,
        "UPDATE event SET seq = -1 WHERE seq = 7",
        "UPDATE event SET seq = 7 WHERE seq = 8",
        "UPDATE event SET seq = 8 WHERE seq = -1",
    )
    assert {"event 7: was edited", "event 8: was edited"} <= set(verify(database).faults)


def test_a_decision_changed_behind_the_log_is_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    tamper(database, """UPDATE entry SET value = '{"comment":"","nothing_found":false,"verdict":"not_met"}' WHERE key = 'I2'""")
    assert any("verdict I2: what stands is not what the log says" in fault for fault in verify(database).faults)


def test_a_decision_removed_behind_the_log_is_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    tamper(database, "DELETE FROM entry WHERE key = 'I2'")
    assert any("verdict I2: is in the log and no longer stands" in fault for fault in verify(database).faults)


def test_a_chart_signed_off_behind_the_log_is_found(database: Database, tools: Any) -> None:
    decided(database, tools)
    tamper(database, "UPDATE sheet SET state = 'done'")
    assert any("its state is not what the log says" in fault for fault in verify(database).faults)


def test_another_key_does_not_verify(sqlite: Database, tools: Any) -> None:
    decided(sqlite, tools, 1)
    assert "the end of the log is not sealed with this key" in verify(Database(sqlite.engine, b"k" * 64)).faults


def test_versions_and_views_are_recorded(sqlite: Database, meet: Callable[..., Any], tools: Any) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001", "I1")
    ada.decide("I1", "met")
    ada.open_chart(sqlite, "D1-002")
    with sqlite.read() as connection:
        views = connection.execute(select(func.count()).where(schema.event.c.action == "view")).scalar_one()
        versions = connection.execute(select(schema.event.c.versions).where(schema.event.c.key == "I1")).scalar_one()
    assert views == 2
    with sqlite.read() as connection:
        of_view = connection.execute(select(schema.event.c.versions).where(schema.event.c.action == "view").limit(1)).scalar_one()
    assert of_view == versions
    assert set(json.loads(versions)) == {"program", "trial", "trial_sha256", "patterns_sha256", "questions_sha256"}


def test_writers_side_by_side_keep_one_chain(database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def write(number: int) -> None:
        with database.write() as connection:
            append(database, connection, PROGRAM, Event("note", key=str(number)))

    before = verify(database).events
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(write, range(24)))
    report = verify(database)
    assert report.faults == ()
    assert report.events == before + 24


def test_audit_verify_tells_what_is_wrong(
    sqlite: Database, tools: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(sqlite, tools)
    with pytest.raises(SystemExit) as done:
        main(["audit", "verify", str(tmp_path), "--key", str(tmp_path / "key")])
    assert done.value.code == 0
    end = verify(sqlite).end
    assert f"0 faults; the log ends with {end.seq}:{end.hash}" in capsys.readouterr().out
    tamper(sqlite, "UPDATE event SET why = 'x' WHERE seq = 7")
    with pytest.raises(SystemExit) as done:
        main(["audit", "verify", str(tmp_path), "--key", str(tmp_path / "key"), "--known", f"{end.seq}:{'0' * 64}"])
    assert done.value.code == 1
    out = capsys.readouterr().out
    assert "event 7: was edited" in out
    assert f"event {end.seq}: is not the one that was noted earlier" in out


def test_audit_verify_makes_no_record_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["audit", "verify", str(tmp_path)])
    assert done.value.code == 2
    assert "review.sqlite: no such file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://x/y", "mysql is not supported"),
        ("sqlite://", "a record in memory would be lost"),
        ("nonsense", "not a database URL"),
        ("postgresql://nobody@127.0.0.1:9/none", "cannot open the database"),
    ],
)
def test_a_database_that_cannot_serve_is_refused_in_words(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(RunError, match=says):
        open_database(url, tmp_path / "key")


def test_files_of_the_record_are_its_owners(
    sqlite: Database, tmp_path: Path, prepared: Path, run_folder: Path, tools: Any
) -> None:
    made = open_database(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path / "newkey")
    assert (tmp_path / "new.sqlite").stat().st_mode & 0o077 == 0
    assert (tmp_path / "newkey").stat().st_mode & 0o077 == 0
    assert verify(made, known=End(0, "")).faults == ()
    made.engine.dispose()
