"""The first schema: runs, accounts, sheets and the log, its full-text index and the triggers that keep the log whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SQLITE = (
    "CREATE VIRTUAL TABLE passage_words USING fts5(body, content='passage', content_rowid='id', tokenize='unicode61')",
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
)
POSTGRESQL = (
    "CREATE INDEX passage_words ON passage USING gin (to_tsvector('simple', body))",
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
    "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event EXECUTE FUNCTION refuse_change()",
)
BY_DIALECT = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def upgrade() -> None:
    """Makes everything."""
    _tables()
    for statement in BY_DIALECT[op.get_bind().dialect.name]:
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.String(32), nullable=False, unique=True),
        sa.Column("run_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("trial_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("trial", sa.Text, nullable=False),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("loaded_at", sa.String(40), nullable=False),
        sa.Column("is_blind_first", sa.Boolean, nullable=False),
        sa.Column("plain_share", sa.Float, nullable=False),
    )
    op.create_table(
        "chart",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("study.id"), nullable=False),
        sa.Column("token", sa.String(32), nullable=False, unique=True),
        sa.Column("patient_id", sa.Text, nullable=False),
        sa.Column("sex", sa.String(10)),
        sa.Column("birth_date", sa.String(10)),
        sa.Column("index_date", sa.String(10)),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("failed", sa.Text, nullable=False),
        sa.Column("to_review", sa.Text, nullable=False),
        sa.Column("first_note", sa.String(10)),
        sa.Column("last_note", sa.String(10)),
        sa.Column("draw", sa.Float, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.UniqueConstraint("study_id", "patient_id"),
    )
    op.create_index("chart_rank", "chart", ["study_id", "rank"])
    op.create_index("chart_state", "chart", ["study_id", "state", "rank"])
    op.create_index("chart_status", "chart", ["study_id", "status", "rank"])
    op.create_index("chart_blind", "chart", ["study_id", "token"])
    op.create_table(
        "verdict",
        sa.Column("chart_id", sa.Integer, sa.ForeignKey("chart.id"), primary_key=True),
        sa.Column("criterion_id", sa.String(60), primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("study.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("effect", sa.String(10), nullable=False),
        sa.Column("rationale", sa.Text, nullable=False),
        sa.Column("evidence_ids", sa.Text, nullable=False),
    )
    op.create_index("verdict_effect", "verdict", ["study_id", "criterion_id", "effect", "chart_id"])
    op.create_table(
        "note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.Integer, sa.ForeignKey("study.id"), nullable=False),
        sa.Column("chart_id", sa.Integer, sa.ForeignKey("chart.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("note_id", sa.Text, nullable=False),
        sa.Column("note_date", sa.String(10), nullable=False),
        sa.Column("note_title", sa.Text),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("problem", sa.String(10)),
    )
    op.create_index("note_chart", "note", ["chart_id", "position"])
    op.create_index("note_day", "note", ["study_id", "note_date", "chart_id"])
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("note.id"), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("note_id", "part"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chart_id", sa.Integer, sa.ForeignKey("chart.id"), nullable=False),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("note.id")),
        sa.Column("evidence_id", sa.Text, nullable=False),
        sa.Column("criterion_id", sa.String(60), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("snippet", sa.Text, nullable=False),
        sa.Column("section", sa.Text),
        sa.Column("concept", sa.Text, nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("earliest", sa.String(10)),
        sa.Column("latest", sa.String(10)),
        sa.Column("date_source", sa.String(10)),
        sa.Column("value", sa.Float),
        sa.Column("unit", sa.Text),
    )
    op.create_index("evidence_chart", "evidence", ["chart_id"])
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(40), nullable=False),
        sa.Column("seen_at", sa.String(40), nullable=False),
        sa.Column("view", sa.Text, nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name_sha256", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("attempt_at", "attempt", ["at"])
    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chart_id", sa.Integer, sa.ForeignKey("chart.id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("account.id")),
        sa.Column("is_blind", sa.Boolean, nullable=False),
        sa.Column("is_plain", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("letter", sa.String(1), nullable=False),
    )
    op.create_index("sheet_chart", "sheet", ["chart_id"])
    op.create_index("sheet_owner", "sheet", ["owner_id", "state"])
    op.create_table(
        "entry",
        sa.Column("sheet_id", sa.Integer, sa.ForeignKey("sheet.id"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    )
    op.create_index("entry_account", "entry", ["account_id", "kind"])
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("study_id", sa.Integer),
        sa.Column("chart_id", sa.Integer),
        sa.Column("sheet_id", sa.Integer),
        sa.Column("kind", sa.String(10)),
        sa.Column("key", sa.String(80)),
        sa.Column("version", sa.Integer),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("undoes", sa.Integer),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("event_sheet", "event", ["sheet_id", "seq"])
    op.create_table(
        "chain",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
