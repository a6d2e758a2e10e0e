"""`patterns/cues/*.yaml` in, cue rules out: the words that negate, doubt, plan, date back or give to a relative.

A cue file holds `cues:` and may define `lists:` of words; `words.yaml` holds the lists that all files share and
those that tell where a clause begins. `{name}` in a term stands for each word of that list, `{number}` for any
number and `{year}` for a year from 1900 to 2099. Every example is a test (`tests/text/test_cues.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from extractor.errors import SpecError
from extractor.spec.load import load_yaml

Attribute = Literal["negated", "uncertain", "hypothetical", "historical", "family"]
Scheme = Literal["clinical", "corpus"]
ATTRIBUTES: tuple[Attribute, ...] = ("negated", "uncertain", "hypothetical", "historical", "family")
ANY_NUMBER, ANY_YEAR = "0", "2000"  # what every number and every year is written as before cues are looked for
WORD_LISTS = "words.yaml"
SLOT = re.compile(r"\{([a-z_]+)\}")
CLAUSE_LISTS = (
    "verbs", "list_predicates", "subjects", "openers", "affirming", "stating", "connectors", "determiners", "prepositions",
)  # fmt: skip


class CueRule(BaseModel):
    """Phrases that say the same thing about what stands near them.

    `kind`: a `cue` sets its attributes; a `pseudo` phrase hides the shorter cues inside it; a `terminate` phrase
    ends scopes of its attributes (all when none is named), with `direction: both` those of cues after it too.
    `reach`: how far a cue goes, `item` to the next comma or
    conjunction, `phrase` over an "or" too, `joined` over commas that an "or" closes, `clause` over a list to the next
    clause, `list` over semicolons and colons too, `sentence` to the end; `max_tokens` caps it. `stands`: only as the
    `first` or `last` thing of an item, as a `cell` (an answer behind a column gap, dots or a question mark).
    `needs`: only in a sentence that holds one of these words; `unless`: only
    where none of these is. `sections` and `note_titles` set the attributes of all that stands under them, unless the
    sentence has a terminate phrase that `lifts_section`. `scheme: corpus` cues hold only for annotators of linguistic
    corpora ("consistent with" as a hedge, which a clinician means); `clinical` ones the reverse.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    terms: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    note_titles: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    kind: Literal["cue", "pseudo", "terminate"] = "cue"
    direction: Literal["forward", "backward", "both", "within"] = "forward"
    reach: Literal["item", "phrase", "joined", "clause", "list", "sentence"] = "clause"
    max_tokens: int | None = None
    stands: Literal["anywhere", "first", "last", "alone", "cell"] = "anywhere"
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    scheme: Literal["any", "clinical", "corpus"] = "any"
    lifts_section: bool = False
    examples: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _finds_something(self) -> CueRule:
        if not (self.terms or self.sections or self.note_titles):
            raise ValueError("a cue needs terms, sections or note_titles")
        return self


class CueFile(BaseModel):
    """One YAML file of cues; `attributes` is that of every cue which names none."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    attributes: tuple[Attribute, ...] = ()
    lists: dict[str, tuple[str, ...]] = {}
    cues: tuple[CueRule, ...] = ()


@dataclass(frozen=True, eq=False)
class CueRules:
    """All cues of a folder, slots filled, and the word lists. Compared by identity: it is the key of what is compiled."""

    cues: tuple[CueRule, ...]
    lists: Mapping[str, tuple[str, ...]]


def load_cues(folder: Path, *, scheme: Scheme = "clinical") -> CueRules:
    """The cues of a patterns folder, or of its `cues` folder, that belong to `scheme`.

    Raises `SpecError` with the faults of the first faulty file, and on a slot that no list fills.
    """
    folder = folder / "cues" if (folder / "cues").is_dir() else folder
    shared = _shared_lists(folder)
    cues: list[CueRule] = []
    for path in sorted(folder.glob("*.yaml")):
        content = load_yaml(path, CueFile)
        lists = {**shared, **content.lists}
        cues += [_filled(cue, content.attributes, lists, path) for cue in content.cues if cue.scheme in ("any", scheme)]
    return CueRules(tuple(cues), shared)


def _shared_lists(folder: Path) -> dict[str, tuple[str, ...]]:
    path = folder / WORD_LISTS
    raw = load_yaml(path, CueFile).lists
    missing = [name for name in CLAUSE_LISTS if name not in raw]
    if missing:
        raise SpecError(f"{path}: lists: these are needed and missing: {', '.join(missing)}")
    return {name: tuple(_all_filled(words, raw, str(path))) for name, words in raw.items()}


def _filled(cue: CueRule, attributes: tuple[Attribute, ...], lists: Mapping[str, tuple[str, ...]], path: Path) -> CueRule:
    default = ATTRIBUTES if cue.kind == "terminate" else ()
    chosen = cue.attributes or attributes or default
    if not chosen:
        raise SpecError(f"{path}: cue {list(cue.terms[:2])}: attributes: name at least one of {', '.join(ATTRIBUTES)}")
    terms = tuple(dict.fromkeys(_all_filled(cue.terms, lists, str(path))))
    return cue.model_copy(update={"terms": terms, "attributes": chosen})


def _all_filled(terms: tuple[str, ...], lists: Mapping[str, tuple[str, ...]], where: str) -> Iterator[str]:
    return chain.from_iterable(fill(term, lists, where) for term in terms)


def fill(term: str, lists: Mapping[str, tuple[str, ...]], where: str = "") -> Iterator[str]:
    """`term` with each `{slot}` replaced by every word of its list; raises `SpecError` on a list that is not there.

    >>> list(fill("her {who} {age}", {"who": ("aunt", "uncle"), "age": ("at {number}",)}))
    ['her aunt at 0', 'her uncle at 0']
    """
    slot = SLOT.search(term)
    if slot is None:
        yield term
        return
    name = slot[1]
    words = {"number": (ANY_NUMBER,), "year": (ANY_YEAR,), **lists}.get(name)
    if words is None:
        raise SpecError(f"{where}: term {term!r}: no list {name!r}; there are {', '.join(sorted(lists)) or 'none'}")
    for word in words:
        yield from fill(term[: slot.start()] + word + term[slot.end() :], lists, where)
