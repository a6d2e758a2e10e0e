"""Which library looks for all terms in one pass: megabytes a second of each, on our terms and real notes."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.benchmarks.environments import environment, outside
from eval.benchmarks.systems import literal_terms
from extractor.records import Note
from extractor.text.rules import TextRules

CHILD = Path(__file__).with_name("scanners_child.py")
PACKAGES = ("ahocorasick-rs>=0.22", "pyahocorasick>=2", "hyperscan>=0.7")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one library did: megabytes a second, a figure a round, and the occurrences in the first notes."""

    name: str
    version: str
    rates: tuple[float, ...]
    found: int


def scan(notes: Sequence[Note], *, rounds: int, cache: Path) -> tuple[int, list[Scanned]]:
    """The number of terms, and every library on the same notes."""
    terms = sorted({term.lower() for term in literal_terms(TextRules.load())})
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch) / "asked.json"
        asked.write_text(json.dumps({"terms": terms, "texts": [note.note_text.lower() for note in notes], "rounds": rounds}))
        command = [str(environment(cache, "scanners", PACKAGES)), str(CHILD), str(asked)]
        said = subprocess.run(command, env=outside(), capture_output=True, text=True, check=True).stdout
    answer: dict[str, Any] = json.loads(said)
    rows = [
        Scanned(name, answer["versions"][name], tuple(rates), answer["found"][name]) for name, rates in answer["rates"].items()
    ]
    return len(terms), rows
