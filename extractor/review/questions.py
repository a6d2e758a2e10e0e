"""What only people can answer, as YAML in and frozen models out, and how an answer joins the verdict on a criterion.

Consent, contraception and the investigator's judgement are often not in the notes. Each question belongs to a criterion
of the trial, or is a criterion of its own; its answer is a truth of `extractor/logic.py` and is combined there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from extractor.errors import SpecError
from extractor.logic import Truth, all_of, any_of, negate
from extractor.spec.load import load_yaml
from extractor.spec.nodes import Node
from extractor.spec.trials import Trial

FOLDER = Path(__file__).parent / "questions"
Answer = Literal["yes", "no", "cannot_say"]
ANSWERS: dict[str, Truth] = {"yes": Truth.TRUE, "no": Truth.FALSE, "cannot_say": Truth.UNKNOWN}
TRUTHS: dict[str, Truth] = {"met": Truth.TRUE, "not_met": Truth.FALSE, "unknown": Truth.UNKNOWN}
WORDS = {truth: word for word, truth in TRUTHS.items()}


class Question(Node):
    """One question, asked so that "yes" means that the condition of its criterion holds.

    `criterion`: the criterion that it belongs to; without one, it is a criterion of its own of the given `kind`.
    `sex`: only asked of such patients. `combine`: `decides`, a known answer stands in place of the verdict;
    `any_of`, either suffices; `all_of`, both are needed.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    ask: str
    why: str = ""
    criterion: str | None = None
    kind: Literal["inclusion", "exclusion"] | None = None
    sex: Literal["female", "male"] | None = None
    combine: Literal["decides", "any_of", "all_of"] = "decides"

    @model_validator(mode="after")
    def _has_a_criterion(self) -> Question:
        if (self.criterion is None) == (self.kind is None):
            raise ValueError("give either the criterion that it belongs to, or the kind of criterion that it is")
        return self


class Questions(Node):
    """The questions of one trial, in the order in which they are asked."""

    trial: str
    questions: tuple[Question, ...] = ()


def load_questions(trial: Trial, path: Path | None = None) -> Questions:
    """The questions of a file, else those bundled for the trial, else none.

    Raises `SpecError` when the file is of another trial or names a criterion that the trial lacks.
    """
    bundled = FOLDER / f"{trial.id}.yaml"
    if path is None and not bundled.is_file():
        return Questions(trial=trial.id)
    questions = load_yaml(path or bundled, Questions)
    if questions.trial != trial.id:
        raise SpecError(f"{path or bundled}: these are questions of {questions.trial}, the trial is {trial.id}")
    for question in questions.questions:
        if question.criterion is not None:
            trial.criterion(question.criterion)
    return questions


def asked_of(questions: Iterable[Question], criterion_id: str | None, sex: str | None) -> tuple[Question, ...]:
    """The questions of one criterion (of none: those that stand alone) for a patient of that sex; null may be either."""
    return tuple(q for q in questions if q.criterion == criterion_id and (q.sex is None or sex is None or q.sex == sex))


def combined(verdict: str, questions: Iterable[Question], answers: Mapping[str, str]) -> str:
    """The verdict on a criterion once its questions are answered. What does not apply stays so.

    >>> consent = Question(id="consent", ask="Signed?", criterion="consent")
    >>> combined("unknown", [consent], {"consent": "yes"}), combined("unknown", [consent], {})
    ('met', 'unknown')
    """
    if verdict == "not_applicable":
        return verdict
    truth = TRUTHS[verdict]
    given = [(question, ANSWERS[answers.get(question.id, "cannot_say")]) for question in questions]
    decided = any_of(answer for question, answer in given if question.combine == "decides")
    if decided is not Truth.UNKNOWN and any(question.combine == "decides" for question, _ in given):
        truth = decided
    for question, answer in given:
        if question.combine == "any_of":
            truth = any_of([truth, answer])
        elif question.combine == "all_of":
            truth = all_of([truth, answer])
    return WORDS[truth]


def passes(kind: str, verdict: str) -> Truth:
    """Whether a criterion lets the patient in: a met inclusion, an exclusion that is not met, one that does not apply."""
    if verdict == "not_applicable":
        return Truth.TRUE
    truth = TRUTHS[verdict]
    return truth if kind == "inclusion" else negate(truth)


def status_of(criteria: Iterable[tuple[str, str]]) -> str:
    """Eligible when every (kind, verdict) passes, ineligible when one fails, review while that is open."""
    truth = all_of([passes(kind, verdict) for kind, verdict in criteria])
    return {Truth.TRUE: "eligible", Truth.FALSE: "ineligible"}.get(truth, "review")
