"""Runs in an environment with the scanning libraries: terms and texts in a JSON file, megabytes a second out, as JSON.

Every library is asked for all occurrences of all terms, overlapping ones too, with their places; the texts are in lower
case already. The libraries take turns, round by round. Imports nothing of this project.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

Scan = Callable[[str], Any]


def main() -> None:
    """Prints the rates of each library, and how many occurrences it found."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    scanners = {name: build(asked["terms"]) for name, build in BUILDERS.items()}
    rates: dict[str, list[float]] = {name: [] for name in scanners}
    found = {name: sum(len(scan(text)) for text in asked["texts"][:50]) for name, scan in scanners.items()}
    size = sum(len(text.encode("utf-8")) for text in asked["texts"]) / 1e6
    for _ in range(asked["rounds"]):
        for name, scan in scanners.items():
            started = time.perf_counter()
            for text in asked["texts"]:
                scan(text)
            rates[name].append(size / (time.perf_counter() - started))
    sys.stdout.write(json.dumps({"rates": rates, "found": found, "versions": {name: version(name) for name in rates}}))


def rust(terms: list[str]) -> Scan:
    """ahocorasick_rs, as the program uses it."""
    library = import_module("ahocorasick_rs")
    automaton = library.AhoCorasick(terms, implementation=library.Implementation.ContiguousNFA)
    return lambda text: automaton.find_matches_as_indexes(text, overlapping=True)


def c(terms: list[str]) -> Scan:
    """pyahocorasick."""
    automaton = import_module("ahocorasick").Automaton()
    for number, term in enumerate(terms):
        automaton.add_word(term, (number, len(term)))
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def vectors(terms: list[str]) -> Scan:
    """hyperscan; it counts bytes, not characters, and its results still have to be turned into places in the text."""
    hyperscan = import_module("hyperscan")
    database = hyperscan.Database()
    database.compile(
        expressions=[re.escape(term).encode("utf-8") for term in terms], ids=list(range(len(terms))), elements=len(terms),
        flags=hyperscan.HS_FLAG_SOM_LEFTMOST,
    )  # fmt: skip
    scratch = hyperscan.Scratch(database)

    def scan(text: str) -> list[tuple[int, int]]:
        hits: list[tuple[int, int]] = []
        database.scan(
            text.encode("utf-8"), match_event_handler=lambda number, start, end, *_: hits.append((number, start)), scratch=scratch
        )
        return hits

    return scan


BUILDERS: dict[str, Callable[[list[str]], Scan]] = {"ahocorasick-rs": rust, "pyahocorasick": c, "hyperscan": vectors}


if __name__ == "__main__":
    main()
