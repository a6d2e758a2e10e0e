"""What must always hold of a judgement, whatever the chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.criteria.evaluate import judge
from extractor.records import Assertion, DateInterval, Mention, Patient
from extractor.spec.trials import concepts_of, load_trial

TRIAL = load_trial("rp-low-dose-il2")
CONCEPTS = sorted(concepts_of(TRIAL))
INDEX = date(2025, 6, 16)
PATIENT = Patient("P1", "female", date(1981, 4, 9), INDEX)
ATTRIBUTES = {
    "status": ["current", "stopped", "planned", "signed", "declined", "resolved"],
    "severity": ["severe", "stable", "uncontrolled"],
    "result": ["positive", "negative", "indeterminate"],
    "side": ["left", "right", "bilateral"],
    "nyha": ["2", "3"],
    "duration_days": ["5", "40"],
    "lasting": ["yes"],
    "last_dose": ["yes"],
    "scope": ["other"],
}
days = st.integers(min_value=0, max_value=2500).map(lambda n: INDEX - timedelta(days=n))
flags = st.builds(Assertion, *([st.sampled_from([False, False, False, True])] * 5))
attributes = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in ATTRIBUTES.items()})


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    note_date = draw(days)
    first = draw(st.none() | days)
    last = draw(st.none() | days)
    if first is not None and last is not None and last < first:
        first, last = last, first
    start = draw(st.integers(min_value=0, max_value=5000))
    concept = draw(st.sampled_from(CONCEPTS))
    return Mention(
        note_id=note_date.isoformat(),
        patient_id="P1",
        note_date=note_date,
        concept=concept,
        start=start,
        end=start + 8,
        text=concept,
        snippet=f"{concept} {start}",
        assertion=draw(flags),
        when=DateInterval(first, last),
        date_source="explicit",
        value=draw(st.none() | st.floats(min_value=0.1, max_value=500)),
        unit=draw(st.sampled_from([None, "mg/d", "mg/kg/d", "U/L", "mg/dL", "kg"])),
        attributes=tuple(sorted(draw(attributes).items())),
    )


charts = st.lists(mentions(), max_size=12)


@settings(max_examples=60, deadline=None)
@given(charts, st.randoms())
def test_order_of_mentions_changes_nothing(chart, random):
    shuffled = list(chart)
    random.shuffle(shuffled)
    assert judge(TRIAL, PATIENT, shuffled) == judge(TRIAL, PATIENT, chart)


@settings(max_examples=60, deadline=None)
@given(charts)
def test_judging_twice_gives_the_same(chart):
    assert judge(TRIAL, PATIENT, chart) == judge(TRIAL, PATIENT, chart)


@settings(max_examples=60, deadline=None)
@given(charts, mentions())
def test_an_unrelated_mention_changes_nothing(chart, other):
    unrelated = replace(other, concept="hobby", start=9000, end=9005, attributes=())
    assert judge(TRIAL, PATIENT, [*chart, unrelated]) == judge(TRIAL, PATIENT, chart)


@settings(max_examples=60, deadline=None)
@given(charts, mentions())
def test_text_after_the_index_date_changes_nothing(chart, other):
    later = replace(other, note_date=INDEX + timedelta(days=1), note_id="later")
    assert judge(TRIAL, PATIENT, [*chart, later]) == judge(TRIAL, PATIENT, chart)


@settings(max_examples=60, deadline=None)
@given(charts)
def test_every_criterion_has_a_verdict_and_every_id_an_evidence_row(chart):
    judgement = judge(TRIAL, PATIENT, chart)
    assert [v.criterion_id for v in judgement.verdicts] == [c.id for c in TRIAL.criteria]
    ids = [e.evidence_id for e in judgement.evidence]
    assert len(ids) == len(set(ids))
    assert {i for v in judgement.verdicts for i in v.evidence_ids} <= set(ids)


@settings(max_examples=60, deadline=None)
@given(charts)
def test_only_what_is_set_aside_has_a_reason(chart):
    for entry in judge(TRIAL, PATIENT, chart).evidence:
        assert (entry.reason is not None) == (entry.role == "rejected")


@settings(max_examples=40, deadline=None)
@given(charts)
def test_a_family_members_mentions_decide_nothing(chart):
    """Partners are asked about in E12 and E13; no other verdict may rest on somebody else."""
    relatives = [replace(m, assertion=replace(m.assertion, family=True)) for m in chart]
    silent = {v.criterion_id: v.verdict for v in judge(TRIAL, PATIENT, []).verdicts}
    for verdict in judge(TRIAL, PATIENT, relatives).verdicts:
        if verdict.criterion_id not in ("E12", "E13"):
            assert verdict.verdict == silent[verdict.criterion_id]


def test_judging_leaves_the_trial_as_it_was():
    before = TRIAL.model_dump()
    judge(TRIAL, PATIENT, [])
    assert TRIAL.model_dump() == before
