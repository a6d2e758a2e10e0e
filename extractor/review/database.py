"""A database address in, read and write transactions out: SQLite in WAL mode by default, PostgreSQL by URL.

Every write transaction takes the lock of the log first, so that writers queue and the chain has one end. Statement
parameters never reach an error message or a log: they may hold note text.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from extractor.errors import RunError
from extractor.review import schema

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 15_000
KEY_BYTES = 32
DIALECTS = ("sqlite", "postgresql")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of the record; never used to judge a patient."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Database:
    """An engine, the key that seals the log, and the clock that dates it."""

    engine: Engine
    key: bytes
    clock: Clock = utc_now

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self.engine.connect() as connection:
            if self.is_postgresql:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; no other one runs beside it."""
        with self.engine.connect().execution_options(is_writing=True) as connection, connection.begin():
            if self.is_postgresql:  # SQLite has one writer by itself
                connection.execute(text("LOCK TABLE chain IN EXCLUSIVE MODE"))
            yield connection

    @property
    def is_postgresql(self) -> bool:
        """Which of the two dialects it speaks."""
        return self.engine.dialect.name == "postgresql"

    def now(self) -> str:
        """The clock's time as text, to the microsecond."""
        return self.clock().astimezone(timezone.utc).isoformat(timespec="microseconds")


def open_database(url: str, key_file: Path, *, clock: Clock = utc_now) -> Database:
    """The database, made or brought up to date; raises `RunError` when it cannot be reached or is of another kind."""
    database = Database(_engine(url), _key(key_file), clock)
    try:
        upgrade(database.engine)
    except OperationalError as error:
        raise RunError(f"{_shown(url)}: cannot open the database: {type(error.orig).__name__}") from None
    return database


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise RunError("--db: not a database URL; write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if address.get_backend_name() not in DIALECTS:
        raise RunError(f"--db: {address.get_backend_name()} is not supported; use {' or '.join(DIALECTS)}")
    if address.get_backend_name() == "sqlite":
        return _sqlite(url, address.database)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(address, hide_parameters=True, pool_pre_ping=True)


def _sqlite(url: str, file: str | None) -> Engine:
    if file is None or file == ":memory:":
        raise RunError("--db: a record in memory would be lost; write sqlite:///FILE")
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    if not Path(file).exists():
        Path(file).touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Leaves transactions to us: the driver's own would begin too late for a version check."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _key(path: Path) -> bytes:
    """The key that seals the log, made at first use and readable by its owner only."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = secrets.token_hex(KEY_BYTES).encode("ascii")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(found)
    if len(found.strip()) < KEY_BYTES:
        raise RunError(f"{path}: too short for the key of a log; restore the file that the record was sealed with")
    return found.strip()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def upgrade(engine: Engine) -> None:
    """Applies the migrations that the database lacks, all or none."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: object) -> Any:
        return script._upgrade_revs("head", revision)

    with engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        environment = EnvironmentContext(config, script, fn=steps, destination_rev="head")
        with environment:
            environment.configure(connection=connection, target_metadata=schema.metadata)
            environment.run_migrations()
