"""The language in which a criterion is written: one frozen model per kind of node.

A rule is a YAML mapping with one key, the kind: `find: {...}`, `any_of: [...]`. What each kind means is told for
authors in docs/trial-language.md and computed in `extractor/criteria/`; here is only its form. Attributes and
concepts are named by their ids of docs/concepts.md; nothing here knows any of them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from extractor.records import Reason, Sex


class Node(BaseModel):
    """Frozen, and refusing every key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, int)) and not isinstance(value, bool) else value


def _as_strings(value: Any) -> Any:
    return tuple(str(part) for part in _as_list(value)) if isinstance(value, (str, int, list, tuple)) else value


def not_empty(value: Any) -> Any:
    """Checked after the parts, so that a faulty part is told once and not as an empty list too."""
    if value is not None and not value:
        raise ValueError("give at least one")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Values = Annotated[tuple[str, ...], BeforeValidator(_as_strings)]


class Window(Node):
    """How far back from the index date, both ends included; exactly one length."""

    days: float | None = Field(default=None, gt=0)
    months: float | None = Field(default=None, gt=0)
    years: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_length(self) -> Window:
        if sum(length is not None for length in (self.days, self.months, self.years)) != 1:
            raise ValueError("give exactly one of days, months, years")
        return self


class Beside(Node):
    """What the same note must affirm as well: one of the concepts, without the attributes of `unless`."""

    concepts: Names = Field(min_length=1)
    unless: dict[str, Values] = {}


class Item(Node):
    """Mentions that count in one way: which concepts, with which attributes, in which window.

    `exact`: the concept itself, not the members of a class of that name.
    `where`: each attribute has one of the values; the word `missing` allows that it is not given. `unless`: a mention
    with one of these values is not meant. `value_over`, `value_under`: limits on the mention's number, exclusive.
    `window` replaces the node's. `negated`: what a denial of it does. `hypothetical`, `family`: whether a plan, or
    somebody else's, counts for this item. `beside`: what the same note must affirm as well. `denies`: a denial of it
    speaks against these concepts only, where it is held against an earlier event. `historical`: whether history
    without a date counts (`counts_in_lists`: only what a list of past illnesses names without calling it past: "PMH:
    severe COPD"). `shown: false` uses the mention but lists no evidence for it. `only_beside`: it counts where a
    mention of another item says the same, and alone decides nothing ("HbA1c 11 %" beside "poorly controlled
    diabetes"). `dated_by`: concepts whose date an undated mention takes (a mastectomy that of the cancer), unless the
    same words have a date elsewhere. `ended_by`: a later firm mention of the same illness with one of these attributes
    makes it history ("well controlled"); `lapses`: so does its own date, when it lies before this window;
    `cancelled_by`: so does, of a plan, a later denial of its own concept or of one of these concepts.
    """

    concepts: Names = Field(min_length=1)
    exact: bool = False
    where: dict[str, Values] = {}
    unless: dict[str, Values] = {}
    value_over: float | None = None
    value_under: float | None = None
    window: Window | Literal["ever"] | None = None
    negated: Literal["set_aside", "refutes", "supports", "contradicts", "ignore"] = "set_aside"
    hypothetical: Literal["set_aside", "counts"] = "set_aside"
    family: Literal["set_aside", "counts"] = "set_aside"
    historical: Literal["counts", "set_aside", "counts_in_lists"] = "counts"
    beside: Beside | None = None
    denies: Names = ()
    shown: bool = True
    firm: bool = False
    only_beside: bool = False
    dated_by: Names = ()
    ended_by: dict[str, Values] = {}
    lapses: Window | None = None
    cancelled_by: Names = ()


class SetAside(Item):
    """Mentions that look like evidence and are not, with the reason that is shown.

    `undecided_only`: shown only when nothing else decided the criterion, or when the mention itself is in doubt.
    """

    reason: Reason = "not_the_concept"
    negated: Literal["set_aside", "refutes", "supports", "contradicts", "ignore"] = "ignore"
    undecided_only: bool = False


def _item(value: Any) -> Any:
    return {"concepts": [value]} if isinstance(value, str) else value


Items = tuple[Annotated[Item, BeforeValidator(_item)], ...]
AsideItems = tuple[Annotated[SetAside, BeforeValidator(_item)], ...]


class Courses(Node):
    """How the mentions of one drug make a course, by the `status` of each: see docs/trial-language.md, "Courses"."""

    ended_statuses: Values = ("stopped", "completed", "failed")
    undated_past_statuses: Values = ("stopped", "completed", "failed", "had")
    not_given_statuses: Values = ("held", "declined")
    exposed_before_note_statuses: Values = ("allergic",)
    ongoing_statuses: Values = ("current", "started")


class Find(Node):
    """Look for mentions that affirm, deny or leave open one statement.

    `policy: ever`: one firm mention in the window suffices; `newest`: the newest firm mention decides. `outside`: what
    it means when all mentions lie surely before the window, `exempt` what when all are excused by the
    protocol. `refutes_in_window`: denials must lie in it too.
    `uncertain: stands`: a doubtful mention keeps the answer open against a denial. `contradiction`: what a later
    denial does that reaches back over the event. `older`, `older_denials`, `denials_when_met`: roles of evidence that
    was overtaken. `voided_by`: firm mentions that take
    every support away. `undated: takes_dated`: an undated mention is the event of a dated one of the same concept and
    the same `same_event` attributes. `bare: takes_dated`: so is one that only its note dates ("PMH 1. RP 2. breast
    cancer"), unless it has one of the attributes `ongoing`. `silent`: what silence means inside a combination; never
    for a whole criterion.
    """

    supports: Items = ()
    refutes: Items = ()
    undecided: Items = ()
    set_aside: AsideItems = ()
    voided_by: Items = ()
    window: Window | None = None
    policy: Literal["ever", "newest"] = "ever"
    outside: Literal["refutes", "nothing"] = "nothing"
    exempt: Literal["refutes", "nothing"] = "nothing"
    refutes_in_window: bool = False
    uncertain: Literal["yields", "stands"] = "yields"
    contradiction: Literal["unknown", "supports"] = "unknown"
    older: Literal["historical", "same_side"] = "same_side"
    older_denials: Literal["refutes", "historical"] = "refutes"
    denials_when_met: Literal["refutes", "set_aside"] = "refutes"
    same_event: Names = ("site",)
    undated: Literal["takes_dated", "stands"] = "takes_dated"
    bare: Literal["takes_dated", "stands"] = "stands"
    ongoing: dict[str, Values] = {}
    courses: Courses | None = None
    silent: Literal["unknown", "false", "true"] = "unknown"
    label: str | None = None


class Age(Node):
    """Completed years at the index date, both ends included."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


class Measure(Node):
    """The newest value of an analyte against a limit, or a multiple of its upper limit of normal.

    `limits` are upper limits by unit, used where the note prints no range; `limit` is in the unit `unit`.
    `normal`: statements that the analyte is normal.
    """

    analyte: str
    is_: Literal["above", "at_least", "below", "at_most"] = Field(default="above", alias="is")
    times_upper_limit: float | None = Field(default=None, gt=0)
    upper_limits: dict[str, float] = {}
    limit: float | None = None
    unit: str | None = None
    normal: Names = ()
    window: Window | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Measure:
        if (self.limit is None) == (self.times_upper_limit is None):
            raise ValueError("give either limit and unit, or times_upper_limit")
        if self.limit is not None and self.unit is None:
            raise ValueError("a limit needs its unit")
        return self


class Clearance(Node):
    """Creatinine clearance in mL/min against a limit: stated, else Cockcroft-Gault, else what an eGFR allows."""

    at_most: float
    creatinine: str
    stated: str
    egfr: str
    dialysis: Names = ()
    normal: Names = ()
    egfr_met_at_most: float
    egfr_refuted_from: float
    weight_range_kg: tuple[float, float] = (30.0, 200.0)


class Dose(Node):
    """The daily dose per kilogram of a family of drugs, in equivalents of one of them.

    `equal_doses`: mg of each drug concept that equal 5 mg of prednisone. `unnamed`: words for the family without a
    drug. `pulse`: attribute values that mean a dose above the limit at any weight. `when: window` asks whether any day
    of the window exceeds the limit, `when: current` whether the newest known dose does.
    """

    equal_doses: dict[str, float] = Field(min_length=1)
    unnamed: Names = ()
    over_mg_per_kg: float = Field(gt=0)
    when: Literal["window", "current"] = "window"
    window: Window | None = None
    local: dict[str, Values] = {}
    pulse: dict[str, Values] = {}
    peak_statements: Names = ()
    weight_range_kg: tuple[float, float] = (30.0, 200.0)
    label: str = "dose"

    @model_validator(mode="after")
    def _window_is_given(self) -> Dose:
        if (self.when == "window") != (self.window is not None):
            raise ValueError("give a window with `when: window`, and none with `when: current`")
        return self


class Response(Node):
    """Whether treatment of a minimum length went with an inadequate response."""

    drugs: Names = Field(min_length=1)
    at_least_days: int = Field(gt=0)
    inadequate: Names = Field(min_length=1)
    flares: Names = ()
    controlled: Names = ()
    signs: Names = ()
    naive: Names = ()
    intolerance: Names = ()
    local: dict[str, Values] = {}
    dose_cap: Dose | None = None


class AnyOf(Node):
    """At least one part holds. `ignore_silent`: a part of which the notes say nothing does not keep it unknown."""

    of: Annotated[tuple[Rule, ...], AfterValidator(not_empty)]
    ignore_silent: bool = False


class AtLeast(Node):
    """At least `k` parts hold."""

    k: int = Field(ge=1)
    of: Annotated[tuple[Rule, ...], AfterValidator(not_empty)]


class Overruled(Node):
    """A rule that a later statement can deny as a whole.

    `by`: statements that it does not hold; `denial_of`: statements whose denial says so; `agree`: statements that it
    holds. An item marked `firm` wins over older statements of `agree`; the others leave them in disagreement.
    """

    rule: Rule
    by: Items = ()
    denial_of: Items = ()
    agree: Items = ()


class Reading(Node):
    """One way to read an ambiguous sentence of the protocol."""

    name: str
    means: str
    rule: Rule


class Readings(Node):
    """The readings of an ambiguous sentence; the first is the guideline's and decides."""

    of: Annotated[tuple[Reading, ...], AfterValidator(not_empty)]


def _of(value: Any) -> Any:
    return {"of": value} if isinstance(value, (list, tuple)) else value


class Rule(Node):
    """One node: exactly one of the kinds."""

    all_of: Annotated[tuple[Rule, ...] | None, AfterValidator(not_empty)] = None
    any_of: Annotated[AnyOf, BeforeValidator(_of)] | None = None
    at_least: AtLeast | None = None
    not_: Rule | None = Field(default=None, alias="not")
    find: Find | None = None
    age: Age | None = None
    measure: Measure | None = None
    clearance: Clearance | None = None
    dose: Dose | None = None
    treatment_response: Response | None = None
    overruled: Overruled | None = None
    readings: Annotated[Readings, BeforeValidator(_of)] | None = None
    ref: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            kinds = ", ".join(field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"a rule has exactly one kind; found {', '.join(given) or 'none'}, known are {kinds}")
        return self

    @property
    def kind(self) -> str:
        """The name of its kind as it is written in YAML."""
        name = next(name for name in type(self).model_fields if getattr(self, name) is not None)
        return type(self).model_fields[name].alias or name

    @property
    def spec(self) -> Any:
        """What stands under that name."""
        return getattr(self, "not_" if self.kind == "not" else self.kind)


class Applies(Node):
    """Whom a criterion is about. `unless`: statements that take a patient out, and how they show as evidence."""

    sex: Sex | None = None
    unless: Items = ()
    role: Literal["refutes", "rejected"] = "rejected"


for _model in (AnyOf, AtLeast, Overruled, Reading, Readings, Rule):
    _model.model_rebuild()
