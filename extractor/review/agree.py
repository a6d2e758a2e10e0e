"""Who reviews what, under which bias guards, and how well reviewers agree: the settings of a study and what they show."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, func, select, update

from extractor.review import schema
from extractor.review.charts import StudyView
from extractor.review.database import Database
from extractor.review.faults import BadInput
from extractor.review.log import Actor, Event, append
from extractor.review.sheets import begin

MOST_ASSIGNED = 1_000
"""Charts of one assignment; more are given in several."""


@dataclass(frozen=True, slots=True)
class Line:
    """Agreement on one criterion, or on all: how many verdicts were given twice, how many alike, and the coefficients."""

    name: str
    count: int
    of: int
    kappa: float
    ac1: float


@dataclass(frozen=True, slots=True)
class AgreementView:
    """`charts` were signed off by two reviewers; the first line is of all criteria."""

    charts: int
    lines: tuple[Line, ...]


def unassigned(connection: Connection, study: StudyView) -> int:
    """How many charts nobody was given and nobody has begun."""
    query = select(func.count()).select_from(schema.chart).where(*_free(study))
    return int(connection.execute(query).scalar_one())


def _free(study: StudyView) -> tuple[Any, Any]:
    return schema.chart.c.study_id == study.id, ~exists().where(schema.sheet.c.chart_id == schema.chart.c.id)


def change_settings(database: Database, connection: Connection, actor: Actor, study: StudyView, form: Mapping[str, str]) -> None:
    """New bias guards for sheets begun from now on; raises `BadInput` without a reason."""
    if not form.get("why", "").strip():
        raise BadInput("say why the settings change")
    after = {"is_blind_first": form.get("blind") == "yes", "plain_share": _share(form.get("plain_percent", "0"))}
    before = {"is_blind_first": study.is_blind_first, "plain_share": study.plain_share}
    connection.execute(update(schema.study).where(schema.study.c.id == study.id).values(**after))
    event = Event("settings", study_id=study.id, before=before, after=after, why=form["why"], versions=study.versions)
    append(database, connection, actor, event)


def _share(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1
    if not 0 <= percent <= 100:
        raise BadInput("a share is a number from 0 to 100")
    return percent / 100


def assign(
    database: Database, connection: Connection, actor: Actor, study: StudyView, reviewers: Sequence[str], form: Mapping[str, str]
) -> int:
    """Gives the first `charts` free charts by rank to the reviewers in turn, a share of them to two; returns how many.

    Which charts are read twice, and by whom, is drawn at random. Raises `BadInput`.
    """
    people = _reviewers(connection, reviewers)
    wanted = form.get("charts", "")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= MOST_ASSIGNED:
        raise BadInput(f"give a number of charts from 1 to {MOST_ASSIGNED:,}")
    double = _share(form.get("double_percent", "0"))
    if double > 0 and len(people) < 2:
        raise BadInput("double review needs at least two reviewers")
    charts = connection.execute(
        select(schema.chart).where(*_free(study)).order_by(schema.chart.c.rank).limit(int(wanted))
    ).mappings().all()  # fmt: skip
    chance = random.Random(secrets.randbits(64))
    twice = set(chance.sample(range(len(charts)), round(double * len(charts))))
    for place, chart in enumerate(charts):
        for owner in _turn(people, place, 2 if place in twice else 1):
            begin(database, connection, actor, chart, kind="review", owner_id=owner)
    after = {"charts": len(charts), "double": len(twice), "reviewers": sorted(people)}
    append(database, connection, actor, Event("assign", study_id=study.id, after=after, versions=study.versions))
    return len(charts)


def _reviewers(connection: Connection, given: Sequence[str]) -> list[int]:
    rows = connection.execute(select(schema.account.c.id, schema.account.c.roles).where(schema.account.c.is_active))
    able = {str(number): number for number, roles in rows if "reviewer" in json.loads(roles)}
    if not given or set(given) - set(able):
        raise BadInput("choose one or more active reviewers")
    return [able[number] for number in dict.fromkeys(given)]


def _turn(people: Sequence[int], place: int, count: int) -> list[int]:
    """Whose turn it is; the second reader moves on with every round, so that all pairs meet."""
    first = place % len(people)
    if count == 1 or len(people) == 1:
        return [people[first]]
    step = 1 + (place // len(people)) % (len(people) - 1)
    return [people[first], people[(first + step) % len(people)]]


def agreement_of(connection: Connection, study: StudyView) -> AgreementView | None:
    """Agreement on the charts that two reviewers have signed off; `None` while there are none.

    The coefficients are those of `prescreen agreement`, without its resampled limits, so that the page is live.
    """
    from eval.agreement import chosen, cohen_kappa, gwet_ac1, pair_matrices, unit_rows

    golds, patients = _golds(connection, study)
    if not patients:
        return None
    criteria = [criterion.id for criterion in study.trial.criteria]
    choices = chosen(golds, patients, criteria)
    units = unit_rows(choices)
    parts: list[tuple[str, Any]] = [("all criteria", slice(None)), *((name, [c]) for c, name in enumerate(criteria))]
    lines = []
    for name, some in parts:
        matrix, unit = pair_matrices(choices[:, some]).sum((0, 1)), units[:, some].sum((0, 1))
        kappa, ac1 = float(cohen_kappa(matrix)), float(gwet_ac1(unit))
        lines.append(Line(name, int(unit[-2]), int(unit[-1]), kappa, ac1))
    return AgreementView(len(patients), tuple(lines))


def _golds(connection: Connection, study: StudyView) -> tuple[list[Any], list[str]]:
    """The verdicts of both reviewers as two golds; who is first was drawn with the sheets' letters."""
    from eval.records import Gold, GoldPatient

    sheet, entry, chart = schema.sheet.c, schema.entry.c, schema.chart.c
    query = (
        select(chart.patient_id, sheet.letter, entry.key, entry.value)
        .join(schema.sheet, sheet.chart_id == chart.id)
        .join(schema.entry, entry.sheet_id == sheet.id)
        .where(chart.study_id == study.id, sheet.kind == "review", sheet.state == "done", sheet.owner_id.is_not(None))
        .where(entry.kind == "verdict", entry.value.is_not(None))
    )
    found: dict[str, dict[str, dict[str, str]]] = {}
    for patient_id, letter, key, value in connection.execute(query):
        found.setdefault(patient_id, {}).setdefault(letter, {})[key] = json.loads(value)["verdict"]
    double = {patient: sorted(sheets.items()) for patient, sheets in found.items() if len(sheets) == 2}
    golds = [Gold(tuple(GoldPatient(p, sheets[n][1]) for p, sheets in sorted(double.items()))) for n in (0, 1)]  # type: ignore[arg-type]
    return golds, sorted(double)
