"""The tables of the review database, as queries name them. `migrations/` makes them; a test holds the two together.

Times are ISO 8601 text in UTC and days ISO dates, so that a row reads and hashes alike in SQLite and PostgreSQL. JSON is
text with sorted keys. `token` columns are the random names that stand in addresses in place of a patient's id.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("run_sha256", String(64), nullable=False, unique=True),
    Column("trial_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("trial", Text, nullable=False),
    Column("questions", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("loaded_at", String(40), nullable=False),
    Column("is_blind_first", Boolean, nullable=False),
    Column("plain_share", Float, nullable=False),
)
"""One run of one trial. `plain_share` is the share of charts that are read without highlights."""

chart = Table(
    "chart",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", Integer, ForeignKey("study.id"), nullable=False),
    Column("token", String(32), nullable=False, unique=True),
    Column("patient_id", Text, nullable=False),
    Column("sex", String(10)),
    Column("birth_date", String(10)),
    Column("index_date", String(10)),
    Column("rank", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("score", Float, nullable=False),
    Column("failed", Text, nullable=False),
    Column("to_review", Text, nullable=False),
    Column("first_note", String(10)),
    Column("last_note", String(10)),
    Column("draw", Float, nullable=False),
    Column("state", String(12), nullable=False),
    UniqueConstraint("study_id", "patient_id"),
    Index("chart_rank", "study_id", "rank"),
    Index("chart_state", "study_id", "state", "rank"),
    Index("chart_status", "study_id", "status", "rank"),
    Index("chart_blind", "study_id", "token"),
)
"""One candidate. `draw` is a uniform random number that settles whether the chart is read without highlights."""

verdict = Table(
    "verdict",
    metadata,
    Column("chart_id", Integer, ForeignKey("chart.id"), primary_key=True),
    Column("criterion_id", String(60), primary_key=True),
    Column("study_id", Integer, ForeignKey("study.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("effect", String(10), nullable=False),
    Column("rationale", Text, nullable=False),
    Column("evidence_ids", Text, nullable=False),
    Index("verdict_effect", "study_id", "criterion_id", "effect", "chart_id"),
)
"""What the program decided; never written after loading."""

note = Table(
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", Integer, ForeignKey("study.id"), nullable=False),
    Column("chart_id", Integer, ForeignKey("chart.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("note_id", Text, nullable=False),
    Column("note_date", String(10), nullable=False),
    Column("note_title", Text),
    Column("text_sha256", String(64), nullable=False),
    Column("problem", String(10)),
    Index("note_chart", "chart_id", "position"),
    Index("note_day", "study_id", "note_date", "chart_id"),
)
"""A note the run has read. `problem` is null, `missing` (no text was found) or `changed` (another text than the run's)."""

passage = Table(
    "passage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("note_id", Integer, ForeignKey("note.id"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("note_id", "part"),
)
"""A note's text in parts that a full-text index can take; joined in order they are the text."""

evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chart_id", Integer, ForeignKey("chart.id"), nullable=False),
    Column("note_id", Integer, ForeignKey("note.id")),
    Column("evidence_id", Text, nullable=False),
    Column("criterion_id", String(60), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("snippet", Text, nullable=False),
    Column("section", Text),
    Column("concept", Text, nullable=False),
    Column("role", String(10), nullable=False),
    Column("reason", String(20)),
    Column("earliest", String(10)),
    Column("latest", String(10)),
    Column("date_source", String(10)),
    Column("value", Float),
    Column("unit", Text),
    Index("evidence_chart", "chart_id"),
)
"""What the program saw; never written after loading."""

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("roles", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", String(40), nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("view", Text, nullable=False),
)
"""One signed-in browser. `view` holds its filters and searches, so that they stand in no address."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name_sha256", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", String(40), nullable=False),
    Index("attempt_at", "at"),
)
"""Failed sign-ins, for the rate limit."""

sheet = Table(
    "sheet",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chart_id", Integer, ForeignKey("chart.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("owner_id", Integer, ForeignKey("account.id")),
    Column("is_blind", Boolean, nullable=False),
    Column("is_plain", Boolean, nullable=False),
    Column("state", String(6), nullable=False),
    Column("letter", String(1), nullable=False),
    Index("sheet_chart", "chart_id"),
    Index("sheet_owner", "owner_id", "state"),
)
"""The decisions of one reviewer on one chart, of all reviewers where none is assigned, or of the adjudicator.

`letter` stands for the reviewer in adjudication; it is drawn at random.
"""

entry = Table(
    "entry",
    metadata,
    Column("sheet_id", Integer, ForeignKey("sheet.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("value", Text),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Index("entry_account", "account_id", "kind"),
)
"""What stands now: a verdict, a finding, an answer or the state of a sheet. `value` is null once undone.

It is the last word of the log on that key, and `audit verify` checks that it is.
"""

event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("account_id", Integer),
    Column("account", String(60), nullable=False),
    Column("action", String(20), nullable=False),
    Column("study_id", Integer),
    Column("chart_id", Integer),
    Column("sheet_id", Integer),
    Column("kind", String(10)),
    Column("key", String(80)),
    Column("version", Integer),
    Column("before", Text),
    Column("after", Text),
    Column("why", Text),
    Column("undoes", Integer),
    Column("versions", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("event_sheet", "sheet_id", "seq"),
)
"""The log: append-only (triggers refuse anything else) and chained by `hash`."""

chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)
"""One row: how long the log is and how it ends, sealed with the key, so that rows cut off at the end are missed."""
