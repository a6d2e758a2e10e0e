"""`patterns/trials/*.yaml` in, a frozen `Trial` out: its criteria beside the protocol's own sentences.

A trial names concepts by id and holds no phrase. Whatever is wrong with a file is told at once, with its line; names
that must exist (`ref`, criterion ids) are checked here, that concepts exist is checked by `extractor/spec/lint.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from extractor.errors import SpecError
from extractor.spec.load import load_yaml, patterns_folder
from extractor.spec.nodes import Applies, Clearance, Dose, Measure, Node, Response, Rule, SetAside, not_empty

Kind = Literal["inclusion", "exclusion"]


class PersonConcepts(Node):
    """The concepts that say who the patient is, where no table does; `weight` is in kg."""

    age: str
    birth_date: str
    sex: str
    weight: str


class Silence(Node):
    """What a criterion that the notes never speak of means for the order of candidates; never for a verdict.

    `presume: pass` takes silence as harmless, `review` as an open question.
    """

    presume: Literal["pass", "review"] = "review"


class Criterion(Node):
    """One inclusion or exclusion statement. `protocol` is its sentence as registered."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")
    kind: Kind
    title: str
    protocol: str
    note: str = ""
    applies_to: Applies | None = None
    rule: Rule
    set_aside: tuple[SetAside, ...] = ()
    temporary: bool = False
    silence: Silence = Silence()
    weight: float = Field(default=1.0, ge=0)


class Source(Node):
    """Where the protocol's wording was read."""

    name: str
    note: str = ""


class Trial(Node):
    """A trial as it is judged."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str
    registry_id: str | None = None
    sources: tuple[Source, ...] = ()
    person: PersonConcepts
    define: dict[str, Rule] = {}
    criteria: Annotated[tuple[Criterion, ...], AfterValidator(not_empty)]

    @model_validator(mode="after")
    def _names_exist(self) -> Trial:
        faults = _repeated([criterion.id for criterion in self.criteria]) + self._bad_references()
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _bad_references(self) -> list[str]:
        faults = []
        for where, rule in [*self.define.items(), *((c.id, c.rule) for c in self.criteria)]:
            for name in _references(rule):
                if name not in self.define:
                    known = ", ".join(self.define) or "none"
                    faults.append(f"{where}: ref: {name} is not under `define` (there are: {known})")
        return faults + [f"define: {name} refers to itself" for name in self.define if self._reaches(name, name)]

    def _reaches(self, start: str, goal: str) -> bool:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for name in _references(self.define[waiting.pop()]):
                if name == goal:
                    return True
                if name in self.define and name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return False

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion of that id; raises `SpecError` naming those that exist."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        known = ", ".join(criterion.id for criterion in self.criteria)
        raise SpecError(f"{self.id}: no criterion {criterion_id!r}; there are {known}")


def _repeated(ids: list[str]) -> list[str]:
    return [f"criterion id {name} is used more than once" for name in sorted({i for i in ids if ids.count(i) > 1})]


def _references(model: BaseModel) -> Iterator[str]:
    for node in nodes_of(model):
        if isinstance(node, Rule) and node.ref is not None:
            yield node.ref


def nodes_of(model: BaseModel) -> Iterator[BaseModel]:
    """`model` and every model inside it, depth first."""
    yield model
    for name in type(model).model_fields:
        yield from _inside(getattr(model, name))


def _inside(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield from nodes_of(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _inside(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _inside(part)


def concepts_of(trial: Trial) -> frozenset[str]:
    """Every concept or class that the trial names."""
    names: set[str] = set()
    for node in nodes_of(trial):
        names.update(_named(node))
    return frozenset(names)


def _named(node: BaseModel) -> Iterator[str]:
    if isinstance(node, PersonConcepts):
        yield from (node.age, node.birth_date, node.sex, node.weight)
    elif isinstance(node, Clearance):
        yield from (node.creatinine, node.stated, node.egfr, *node.dialysis, *node.normal)
    elif isinstance(node, Measure):
        yield from (node.analyte, *node.normal)
    elif isinstance(node, Dose):
        yield from (*node.equal_doses, *node.unnamed, *node.peak_statements)
    elif isinstance(node, Response):
        yield from (*node.drugs, *node.inadequate, *node.flares, *node.controlled, *node.signs, *node.naive, *node.intolerance)
    else:
        yield from getattr(node, "concepts", ())


def trial_files(folder: Path | None = None) -> dict[str, Path]:
    """The bundled trials by id, which is the file's name."""
    return {path.stem: path for path in sorted((patterns_folder(folder) / "trials").glob("*.yaml"))}


def load_trial(name_or_path: str | Path, *, folder: Path | None = None) -> Trial:
    """A bundled trial by its id, or a YAML file by its path.

    Raises `SpecError` with every fault of the file and its line, or with the ids that exist.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        bundled = trial_files(folder)
        if str(name_or_path) not in bundled:
            known = ", ".join(bundled) or "none"
            raise SpecError(f"no trial {str(name_or_path)!r}: give the path of a YAML file or one of {known}")
        path = bundled[str(name_or_path)]
    return load_yaml(path, Trial)
