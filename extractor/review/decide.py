"""What a form says in, a recorded decision out: a verdict, a word on a piece of evidence, a span of one's own, an answer.

Spans are checked against the note before they are recorded, so that every span of the record slices to its words.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection

from extractor.records import Reason, Role, VerdictValue
from extractor.review.charts import ChartNote, ChartView, Item, view_chart
from extractor.review.database import Database
from extractor.review.entries import REST, Change, Place, put, undo
from extractor.review.faults import BadInput, NotAllowed
from extractor.review.log import Actor
from extractor.review.questions import ANSWERS
from extractor.review.sheets import Sheet, place_of, refresh

VERDICTS: tuple[str, ...] = get_args(VerdictValue)
ROLES: tuple[str, ...] = get_args(Role)
REASONS: tuple[str, ...] = get_args(Reason)
MOST_WORDS_CHARACTERS = 2_000


@dataclass(frozen=True)
class Desk:
    """One reviewer at one chart inside one write transaction: what every decision needs."""

    database: Database
    connection: Connection
    actor: Actor
    chart: Mapping[Any, Any]
    sheet: Sheet

    @property
    def place(self) -> Place:
        return place_of(self.connection, self.chart, self.sheet)

    def view(self) -> ChartView:
        """The chart as it stands now."""
        return view_chart(self.connection, self.chart, self.sheet)

    def record(self, change: Change, *, action: str = "write") -> int | None:
        """Records a change; raises `NotAllowed` on a signed-off sheet."""
        if self.sheet.state == "done":
            raise NotAllowed("this chart is signed off; reopen it to change a decision")
        seq = put(self.database, self.connection, self.actor, self.place, change, action=action)
        refresh(self.connection, self.chart["id"])
        return seq


@dataclass(frozen=True, slots=True)
class Words:
    """A span as a form gives it: by offsets (a selection), or by its exact words and which of their occurrences is meant."""

    text: str
    start: int | None = None
    end: int | None = None
    occurrence: int = 1


def decide_verdict(desk: Desk, criterion_id: str, form: Mapping[str, str]) -> int | None:
    """A verdict with its comment; the word `nothing_found` is `unknown` because the notes are silent, and says so."""
    word = form.get("verdict", "")
    if word not in (*VERDICTS, "nothing_found"):
        raise BadInput("choose a verdict")
    desk.view().criterion(criterion_id)
    value = {
        "verdict": "unknown" if word == "nothing_found" else word,
        "nothing_found": word == "nothing_found",
        "comment": form.get("comment", "").strip(),
    }
    return desk.record(Change("verdict", criterion_id, value, version_of(form), form.get("why", "")))


def judge_item(desk: Desk, key: str, form: Mapping[str, str]) -> int | None:
    """Accepts, rejects or corrects a piece of evidence, or withdraws one's own."""
    view = desk.view()
    item = view.item(key)
    action = form.get("action", "")
    value = _judged(view, item, action, form)
    return desk.record(Change("finding", key, value, version_of(form), form.get("why", "")))


def _judged(view: ChartView, item: Item, action: str, form: Mapping[str, str]) -> dict[str, Any] | None:
    comment = {"comment": form.get("comment", "").strip()}
    if action == "withdraw" and item.action == "added":
        return None
    if action == "accept" and item.action != "added":
        return {"action": "accepted", **comment}
    if action == "reject" and item.action != "added":
        return {"action": "rejected", "reason": _reason(form), **comment}
    if action == "correct":
        return {
            "action": "added" if item.action == "added" else "corrected",
            "criterion": item.criterion_id,
            **_role(form),
            **_placed(view, item.note_id, _words(form), near=item.start),
            **comment,
        }
    raise BadInput("choose what to do with the evidence")


def accept_rest(desk: Desk, criterion_id: str) -> int:
    """Accepts every piece of evidence of a criterion on which nothing is said yet; returns how many. One undo takes all back."""
    waiting = [item for item in desk.view().criterion(criterion_id).items if item.action is None]
    accepted, why = {"action": "accepted", "comment": ""}, f"accepted with the rest of {criterion_id}"
    for item in waiting:
        desk.record(Change("finding", item.key, accepted, item.version, why), action=REST)
    return len(waiting)


def add_item(desk: Desk, criterion_id: str, form: Mapping[str, str]) -> int | None:
    """Evidence that the program has not seen; `None` when the reviewer has added the same already."""
    view = desk.view()
    criterion = view.criterion(criterion_id)
    value = {
        "action": "added",
        "criterion": criterion_id,
        **_role(form),
        **_placed(view, _number(form.get("note", ""), "choose the note"), _words(form)),
        "comment": form.get("comment", "").strip(),
    }
    if any(view.entries["finding", item.key].value == value for item in criterion.items if item.action == "added"):
        return None
    return desk.record(Change("finding", f"a{secrets.token_hex(6)}", value, 0))


def answer(desk: Desk, question_id: str, form: Mapping[str, str]) -> int | None:
    """The answer to a question that only people answer."""
    if question_id not in {question.id for question in desk.view().study.questions}:
        raise BadInput("there is no such question")
    if form.get("answer") not in ANSWERS:
        raise BadInput("choose an answer")
    value = {"answer": form["answer"], "comment": form.get("comment", "").strip()}
    return desk.record(Change("answer", question_id, value, version_of(form), form.get("why", "")))


def take_back(desk: Desk) -> Change | None:
    """Undoes one's last decision on the chart."""
    if desk.sheet.state == "done":
        raise NotAllowed("this chart is signed off; reopen it to change a decision")
    change = undo(desk.database, desk.connection, desk.actor, desk.place)
    refresh(desk.connection, desk.chart["id"])
    return change


def version_of(form: Mapping[str, str]) -> int:
    """The version that the page showed."""
    return _number(form.get("version") or "0", "the form is incomplete; open the page again")


def _number(text: str, message: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text):
        raise BadInput(message)
    return int(text)


def _reason(form: Mapping[str, str]) -> str:
    if form.get("reason") not in REASONS:
        raise BadInput("a rejection needs its reason")
    return form["reason"]


def _role(form: Mapping[str, str]) -> dict[str, str | None]:
    role = form.get("role", "")
    if role not in ROLES:
        raise BadInput("say whether the span supports or refutes the condition, or is set aside")
    return {"role": role, "reason": _reason(form) if role == "rejected" else None}


def _words(form: Mapping[str, str]) -> Words:
    start, end = form.get("start", ""), form.get("end", "")
    text = form.get("text", "")
    if not text.strip():
        raise BadInput("give the exact words of the note, or select them in it")
    if len(text) > MOST_WORDS_CHARACTERS:
        raise BadInput(f"a span has at most {MOST_WORDS_CHARACTERS:,} characters")
    if start and end:
        return Words(text, _number(start, "the selection is damaged; select again"), _number(end, "the selection is damaged"))
    return Words(text, occurrence=_number(form.get("occurrence") or "1", "the occurrence is a number"))


def _placed(view: ChartView, number: int | None, words: Words, *, near: int | None = None) -> dict[str, Any]:
    """Note, offsets and exact text of a span; raises `BadInput` when the note does not have these words there."""
    if number is None:
        raise BadInput("the run does not know the note of this evidence, so its span cannot be corrected")
    note = view.note(number)
    if view.is_after_index(note):
        raise BadInput("the note was written after the index date, so it is not used")
    start, end = place_words(note, words, near=near)
    assert note.text is not None
    return {"note": number, "start": start, "end": end, "text": note.text[start:end]}


def place_words(note: ChartNote, words: Words, *, near: int | None = None) -> tuple[int, int]:
    """Where the words stand: at their offsets, else at their occurrence, else at the one nearest to `near`.

    White space matches any white space, since a form sends line ends in its own way. Raises `BadInput`.
    """
    if note.text is None:
        raise BadInput("the text of this note is not at hand, so no span can be set in it")
    pattern = re.compile(r"\s+".join(map(re.escape, words.text.split())))
    if words.start is not None and words.end is not None:
        if pattern.fullmatch(note.text, words.start, words.end):
            return words.start, words.end
        raise BadInput("the note has other words at the selection; select again")
    found = [match.span() for match in pattern.finditer(note.text)]
    if near is not None and found and words.occurrence == 1:
        return min(found, key=lambda span: abs(span[0] - near))
    if not 1 <= words.occurrence <= len(found):
        raise BadInput(
            f"the note has these words {len(found)} times, letter for letter" if found else "the note does not have these words"
        )
    return found[words.occurrence - 1]
