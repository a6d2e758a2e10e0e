"""Notes made from the examples of the patterns, put together and spoilt at random: what a fast path must not trip over.

Every example sentence holds something for a rule to find. They are joined into notes with headings, lists and tables,
and then changed: case, line breaks, spaces lost and doubled, characters whose lower case has another length, NULs, cuts
in the middle of a word, one very long line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from extractor.records import Note
from extractor.spec.load import patterns_folder
from extractor.spec.rules import load_concepts

_MARKED = re.compile(r"\[([^\]]+)\]\([^)]*\)")
STRANGE = tuple("\x00\x1c\u2028\u0085\xa0\u200b\u0301\U0001f642\u0130\u0131\u017f\u212a\u03a3\u0660\u00df\u00b5\u2019\u2013\f\v")
"""NUL, separators, accents, an emoji; letters whose other case surprises; a digit of another script; quotes and dashes."""
HEADINGS = (
    "PMH:", "Family History:", "ALLERGIES:", "Medications:", "Assessment and Plan:", "ROS", "Denies:", "LABS 02/04/2025", "HPI",
)  # fmt: skip
JOINTS = [" ", "  ", "\n", "\n", "\n\n", "\r\n", "\n- ", "\n1. ", ", ", "; ", " | ", "\t", ". ", ""]
CUES = (
    "no", "denies", "family history of", "? ", "r/o", "will consider", "s/p", "mother had", "since 2019", "3 weeks ago",
    "(-)", ": negative", "was", "not",
)  # fmt: skip


def sentences(patterns: Path | None = None) -> list[str]:
    """The examples of all concepts without their marks."""
    found = (example for rule in load_concepts(patterns_folder(patterns)) for example in rule.examples)
    return sorted({_MARKED.sub(r"\1", example) for example in found})


def notes(seed: int, count: int, source: Sequence[str]) -> Iterator[Note]:
    """`count` notes that `seed` alone decides."""
    for number in range(count):
        chance = Random(f"{seed}/{number}")
        day = date(2025, 6, 16) - timedelta(days=chance.randrange(2000))
        title = chance.choice([None, "Clinic letter", "CXR", "Nursing note"])
        yield Note(f"g{number}", f"p{number}", day, text(chance, source), title)


def text(chance: Random, source: Sequence[str]) -> str:
    """One note."""
    pieces: list[str] = []
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.25:
            pieces += [chance.choice(HEADINGS), chance.choice(["\n", " ", "\n- "])]
        if chance.random() < 0.3:
            pieces += [chance.choice(CUES), " "]
        pieces += [chance.choice(source), chance.choice(JOINTS)]
        if chance.random() < 0.15:
            pieces += [chance.choice(CUES)]
    made = "".join(pieces)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        made = chance.choice(MUTATIONS)(chance, made)
    return made


def _upper(chance: Random, made: str) -> str:
    return made.upper()


def _lower(chance: Random, made: str) -> str:
    return made.lower()


def _mixed(chance: Random, made: str) -> str:
    return "".join(char.swapcase() if chance.random() < 0.2 else char for char in made)


def _strange(chance: Random, made: str) -> str:
    place = chance.randint(0, len(made))
    return made[:place] + chance.choice(STRANGE) + made[place:]


DOUBLES = (("s", "\u017f"), ("k", "\u212a"), ("i", "\u0131"), ("I", "\u0130"), ("'", "\u2019"), ("-", "\u2013"))


def _swapped(chance: Random, made: str) -> str:
    """Letters for their doubles: the same to a case-blind reader, or nearly."""
    return made.replace(
        *chance.choice([("s", "\u017f"), ("k", "\u212a"), ("i", "\u0131"), ("I", "\u0130"), ("'", "\u2019"), ("-", "\u2013")])
    )


def _wrapped(chance: Random, made: str) -> str:
    return "".join(
        chance.choice(["\n", "\r\n", "  ", " \n "]) if char == " " and chance.random() < 0.2 else char for char in made
    )


def _glued(chance: Random, made: str) -> str:
    return made.replace(" ", "") if chance.random() < 0.3 else "".join(c for c in made if c != " " or chance.random() < 0.9)


def _cut(chance: Random, made: str) -> str:
    return made[chance.randint(0, len(made)) :][: chance.randint(1, 400)]


def _long(chance: Random, made: str) -> str:
    return made.replace("\n", " ") * chance.randint(2, 12)


def _unbroken(chance: Random, made: str) -> str:
    return made + "x" * chance.choice((50, 2100, 5000)) + made


MUTATIONS: tuple[Callable[[Random, str], str], ...] = (
    _upper, _lower, _mixed, _strange, _strange, _swapped, _wrapped, _glued, _cut, _long, _unbroken,
)  # fmt: skip
