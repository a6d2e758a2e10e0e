"""Scores of a whole run: what gold says is perfect, what is missing is wrong, and order and names change nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from eval import counts
from eval.baselines import majority_run, majority_verdicts
from eval.figures import Figure, Resampling
from eval.read import read_run
from eval.records import Gold, GoldPatient, PredictedCandidate, Run, Span, kinds_of
from eval.scores import Scores, score

QUICK = Resampling(replicates=200)
HARM = ("wrong exclusions", "false passes", "patients wrongly excluded")


def scored(gold: Gold, run: Run, kinds: dict[str, Any]) -> Scores:
    return score(gold, run, kinds, resampling=QUICK)


def values(figures: Any) -> list[float]:
    return [round(figure.value, 9) for figure in figures]


def renamed(gold: Gold, run: Run) -> tuple[Gold, Run]:
    """The same with other patient ids, in another order of ids."""
    name = {f"S{n}": f"Z{9 - n}" for n in range(1, 9)}
    notes = {key: dataclasses.replace(note, patient_id=name[note.patient_id]) for key, note in gold.notes.items()}
    patients = [dataclasses.replace(p, patient_id=name[p.patient_id]) for p in gold.patients]
    return dataclasses.replace(gold, patients=tuple(patients), notes=notes), Run(
        run.name,
        {(name[p], c): row for (p, c), row in run.verdicts.items()},
        {name[p]: spans for p, spans in run.evidence.items()},
        {name[p]: candidate for p, candidate in run.candidates.items()},
    )


def doubled(gold: Gold, run: Run) -> tuple[Gold, Run]:
    """Every patient twice, under two ids, with notes of their own."""
    patients, notes = list(gold.patients), dict(gold.notes)
    verdicts, evidence, candidates = dict(run.verdicts), dict(run.evidence), dict(run.candidates)
    for patient in gold.patients:
        twin = patient.patient_id + "twin"
        patients.append(dataclasses.replace(patient, patient_id=twin))
        notes |= {
            key + "twin": dataclasses.replace(note, note_id=key + "twin", patient_id=twin)
            for key, note in gold.notes.items()
            if note.patient_id == patient.patient_id
        }
        patients[-1] = dataclasses.replace(patients[-1], evidence=moved(patient.evidence))
        verdicts |= {(twin, c): row for (p, c), row in run.verdicts.items() if p == patient.patient_id}
        evidence[twin] = moved(run.evidence.get(patient.patient_id, ()))
        candidates[twin] = run.candidates[patient.patient_id]
    return dataclasses.replace(gold, patients=tuple(patients), notes=notes), Run(run.name, verdicts, evidence, candidates)


def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(dataclasses.replace(span, note_id=span.note_id + "twin") for span in spans)


def test_run_that_says_what_gold_says_is_perfect(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    found = scored(gold, perfect, kinds)
    for figure in found.headline:
        expected = 0.0 if figure.name in HARM else 43 / 56 if figure.name.startswith("coverage") else 1.0
        assert figure.value == pytest.approx(expected), figure.name
    assert all(figure.value == 1 or np.isnan(figure.value) for figure in found.levels)
    assert np.array_equal(found.matrix[:, :4], np.diag(found.matrix[:, :4].diagonal()))
    assert all(figure.interval.low < 1 for figure in found.headline if figure.name == "verdict accuracy")


def test_flawed_run_has_the_faults_that_were_made(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    found = scored(gold, flawed, kinds)
    assert found.figure("verdict accuracy").counts == {"count": 45, "of": 56}
    wrong = [
        (p.patient_id, c)
        for p in gold.patients
        for c, effect in counts.gold_effects(p, kinds).items()
        if effect != "fail" and flawed.verdicts[p.patient_id, c].effect == "fail"
    ]
    assert found.figure("wrong exclusions").counts["count"] == len(wrong) > 0
    assert all(0 <= f.interval.low <= f.value <= f.interval.high <= 1 for f in found.headline)


def test_level_counts_of_the_flawed_run_add_up(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    by_name = {(figure.level, figure.name): figure for figure in scored(gold, flawed, kinds).levels}
    spans = sum(len(patient.evidence) for patient in gold.patients)
    strict, exact, overlap = (by_name["span", f"{mode}, recall"] for mode in ("strict", "exact", "overlap"))
    assert strict.counts["of"] == exact.counts["of"] == overlap.counts["of"] == spans
    assert strict.value < exact.value
    assert strict.value < overlap.value < 1
    role = by_name["assertion of paired spans", "role"]
    assert role.counts["of"] == spans - spans // 6
    notes = by_name["note × criterion", "sensitivity"].counts["of"] + by_name["note × criterion", "specificity"].counts["of"]
    assert notes == len(gold.notes) * len(gold.criteria)


@pytest.mark.parametrize("change", [renamed, doubled], ids=["other ids", "every patient twice"])
def test_value_does_not_depend_on(
    change: Callable[[Gold, Run], tuple[Gold, Run]], gold: Gold, flawed: Run, kinds: dict[str, Any]
) -> None:
    before, after = scored(gold, flawed, kinds), scored(*change(gold, flawed), kinds)
    assert values(after.headline) == values(before.headline)
    assert [str(f.value) for f in after.levels] == [str(f.value) for f in before.levels]


def test_value_does_not_depend_on_the_order_of_rows(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    backwards = Run(
        flawed.name,
        dict(list(flawed.verdicts.items())[::-1]),
        {p: spans[::-1] for p, spans in list(flawed.evidence.items())[::-1]},
        flawed.candidates,
    )
    before, after = scored(gold, flawed, kinds), scored(gold, backwards, kinds)
    assert after.headline == before.headline
    assert [f.interval for f in after.levels if f.value == f.value] == [f.interval for f in before.levels if f.value == f.value]


def test_missing_verdict_is_wrong_even_where_gold_is_unknown(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    less = dataclasses.replace(
        perfect,
        verdicts={key: row for key, row in perfect.verdicts.items() if key[0] != "S8"},
        candidates={p: c for p, c in perfect.candidates.items() if p != "S8"},
    )
    found = scored(gold, less, kinds)
    assert found.figure("verdict accuracy").counts == {"count": 49, "of": 56}
    assert len(found.missing) == 7
    assert found.matrix[:, 4].sum() == 7
    look = next(f for f in found.levels if f.name == "worth a look: sensitivity")
    assert look.counts == {"count": 2, "of": 3}


def test_run_with_nothing_scores_nothing_and_undefined_stays_undefined(gold: Gold) -> None:
    found = scored(gold, Run("empty", {}), {})
    assert found.figure("verdict accuracy").value == 0
    assert np.isnan(found.figure("wrong exclusions").value)
    assert np.isnan(found.figure("accuracy when decided").value)
    assert found.figure("evidence recall, right role").value == 0


def test_effect_of_the_run_counts_and_not_the_verdict_behind_it(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    """A trial may presume silence harmless: the verdict stays unknown, the effect passes."""
    presuming = dataclasses.replace(
        perfect,
        verdicts={key: dataclasses.replace(row, effect="pass") for key, row in perfect.verdicts.items()},
        candidates={},
    )
    found = scored(gold, presuming, kinds)
    assert found.figure("verdict accuracy").value == 1
    assert found.figure("false passes").value == 1
    assert found.figure("wrong exclusions").value == 0


def test_candidate_row_decides_the_status_before_the_effects(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    turned_away = {**perfect.candidates, "S1": PredictedCandidate("ineligible")}
    found = scored(gold, dataclasses.replace(perfect, candidates=turned_away), kinds)
    assert found.figure("patients wrongly excluded").counts == {"count": 1, "of": 3}


def test_each_figure_keeps_its_interval_whatever_stands_beside_it(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    fewer = Gold(gold.patients, gold.notes, gold.criteria[:3])
    whole, part = scored(gold, flawed, kinds), scored(fewer, flawed, kinds)
    assert part.criteria[0].binary == whole.criteria[0].binary


def test_majority_answers_the_commonest_verdict_of_each_criterion(gold: Gold, kinds: dict[str, Any]) -> None:
    chosen = majority_verdicts(gold)
    assert (chosen["I1"], chosen["I4"], chosen["E3"]) == ("met", "not_applicable", "not_met")
    found = scored(gold, majority_run(gold, kinds), kinds)
    by_hand = sum(
        max(list(row).count(v) for v in set(row)) for row in zip(*(p.verdicts.values() for p in gold.patients), strict=True)
    )
    assert found.figure("verdict accuracy").counts["count"] == by_hand


def test_evidence_of_the_wrong_role_note_or_criterion_does_not_count(gold: Gold, kinds: dict[str, Any]) -> None:
    span = Span("I1", "N1", 0, 5, "supports")
    one = Gold((GoldPatient("P", {"I1": "met"}, (span,)),), criteria=("I1", "E1"))
    for changed, recall in (
        ({}, 1.0),
        ({"end": 2}, 1.0),
        ({"role": "refutes"}, 0.0),
        ({"note_id": "N2"}, 0.0),
        ({"criterion": "E1"}, 0.0),
        ({"start": 5, "end": 9}, 0.0),
    ):
        run = Run("r", {}, {"P": (dataclasses.replace(span, **changed),)})
        assert scored(one, run, kinds).figure("evidence recall, right role").value == recall, changed


def test_one_prediction_answers_one_gold_span_only(kinds: dict[str, Any]) -> None:
    gold = Gold(
        (GoldPatient("P", {"I1": "met"}, tuple(Span("I1", "N", a, a + 4, "supports") for a in (0, 5, 10))),), criteria=("I1",)
    )
    run = Run("r", {}, {"P": (Span("I1", "N", 0, 20, "supports"),)})
    assert scored(gold, run, kinds).figure("evidence recall, right role").counts == {"count": 1, "of": 3}


def test_kinds_come_from_the_run(perfect: Run) -> None:
    assert kinds_of(perfect) == {
        c: "inclusion" if c[0] == "I" else "exclusion" for c in ("I1", "I2", "I4", "E1", "E3", "E8", "E9")
    }


def test_scores_from_parts_and_from_one_file_are_the_same(
    gold: Gold, kinds: dict[str, Any], make_run: Callable[..., Path], faults: Any
) -> None:
    one, parts = (scored(gold, read_run(make_run(faults(), form=form)), kinds) for form in ("parquet", "parts"))
    assert one.headline == parts.headline
    assert isinstance(one.headline[0], Figure)


def test_levels_of_a_chart_counted_by_hand(gold: Gold, kinds: dict[str, Any]) -> None:
    """Two notes, two criteria; the rejected span decides nothing, so one place of four is positive."""
    wanted = (Span("I1", "S1-1", 0, 5, "supports"), Span("E1", "S1-1", 10, 15, "rejected", "family"))
    said = (Span("I1", "S1-1", 0, 5, "supports"), Span("I1", "S1-1", 20, 25, "supports"), Span("E1", "S1-2", 0, 3, "refutes"))
    notes = {key: gold.notes[key] for key in ("S1-1", "S1-2")}
    one = Gold((GoldPatient("S1", {"I1": "met", "E1": "unknown"}, wanted),), notes, ("I1", "E1"))
    by_name = {(f.level, f.name): f.counts for f in scored(one, Run("r", {}, {"S1": said}), kinds).levels}
    assert by_name["span", "strict, recall"] == {"count": 1, "of": 2}
    assert by_name["span", "strict, precision"] == {"count": 1, "of": 3}
    assert by_name["note × criterion", "sensitivity"] == {"count": 1, "of": 1}
    assert by_name["note × criterion", "specificity"] == {"count": 2, "of": 3}
    assert by_name["note × criterion", "PPV"] == {"count": 1, "of": 2}
    assert by_name["note × criterion", "NPV"] == {"count": 2, "of": 2}


def test_averages_over_criteria_are_those_of_scikit_learn(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    found = scored(gold, flawed, kinds)
    truth = {c: [p.verdicts[c] == "met" for p in gold.patients] for c in gold.criteria}
    said = {c: [flawed.verdicts[p.patient_id, c].verdict == "met" for p in gold.patients] for c in gold.criteria}
    pooled = [sum(some.values(), []) for some in (truth, said)]
    for name, measure, options in (
        ("sensitivity", oracle.recall_score, {}),
        ("specificity", oracle.recall_score, {"pos_label": False}),
        ("PPV", oracle.precision_score, {"zero_division": np.nan}),
        ("F1", oracle.f1_score, {"zero_division": np.nan}),
    ):
        each = [measure(truth[c], said[c], **options) for c in gold.criteria]
        assert found.micro[name].value == pytest.approx(measure(*pooled, **options)), name
        assert found.macro[name].value == pytest.approx(np.nanmean(each)), name
        assert found.macro[name].counts == {"criteria": np.count_nonzero(~np.isnan(each)), "of": 7}


def test_macro_average_leaves_out_what_is_undefined_and_says_of_how_many(kinds: dict[str, Any]) -> None:
    gold = Gold((GoldPatient("P", {"I1": "met", "I2": "not_met"}),), criteria=("I1", "I2"))
    found = scored(gold, majority_run(gold, kinds), kinds)
    assert found.macro["sensitivity"].value == 1
    assert found.macro["sensitivity"].counts == {"criteria": 1, "of": 2}
    assert np.isnan(found.macro["balanced accuracy"].value)
