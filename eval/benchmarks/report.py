"""`python -m eval.benchmarks.report NOTES`: every benchmark in one run, then `docs/benchmarks.md` and its pictures.

What was measured is kept in a JSON file (`--results`), from which the page is written; `--only` measures some parts
again, `--page` measures none. `--short` is for trying the program out, not for figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from eval.benchmarks import growth, memory, plots, readers, scanners, whole_runs
from eval.benchmarks.corpus import evenly, load
from eval.benchmarks.machine import machine
from eval.benchmarks.page import SECTIONS, page
from eval.benchmarks.stopwatch import spread
from extractor.records import Note

ROOT = Path(__file__).resolve().parent.parent.parent
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    sample: int
    scanned: int
    rounds: int
    few: int
    many: int
    run_rounds: int
    lengths: tuple[int, ...]
    terms: tuple[int, ...]
    term_notes: int
    memory: tuple[int, ...]


FULL = Scale(100, 1_000, 5, 500, 4_000, 3, growth.LENGTHS, growth.TERMS, 300, (10_000, 100_000))
SHORT = Scale(12, 50, 2, 50, 300, 1, growth.LENGTHS[:3], growth.TERMS[:2], 30, (500,))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures what is asked for and writes the page."""
    options = _parser().parse_args(arguments)
    notes = load(options.notes)
    results = _read(options.results)
    results |= {"machine": machine(), "corpus": _corpus(notes)}
    scale = SHORT if options.short else FULL
    for name in [] if options.page else options.only or PARTS:
        print(f"{name} …", flush=True)
        about = {"load": round(os.getloadavg()[0], 1), "commit": _commit(), "day": _day()}
        results["parts"][name] = PARTS[name](notes, options, scale) | about
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print("\n".join(SECTIONS[name](results["parts"][name])) + "\n", flush=True)
    options.docs.mkdir(parents=True, exist_ok=True)
    _draw(results["parts"], options.docs / "img")
    (options.docs / "benchmarks.md").write_text(page(results), encoding="utf-8")
    print(f"written: {options.docs / 'benchmarks.md'}")
    return 0


def _systems(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    sample = evenly(notes, scale.sample)
    sampled = {note.note_id for note in sample}
    others = evenly([note for note in notes if note.note_id not in sampled], readers.WARM_UP_FAST)
    found = readers.compare(sample, others, rounds=scale.rounds, cache=options.cache)
    paces = [{"name": pace.name, **spread(pace.processor), "clock": spread(pace.clock)} for pace in found.paces]
    return asdict(found) | {"paces": paces, "rounds": scale.rounds}


def _scanners(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    some = evenly(notes, scale.scanned)
    terms, rows = scanners.scan(some, rounds=scale.rounds, cache=options.cache)
    libraries = [{"name": row.name, "version": row.version, "found": row.found, **spread(row.rates)} for row in rows]
    return {"notes": len(some), "terms": terms, "rounds": scale.rounds, "libraries": libraries}


def _engines(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    found = whole_runs.engines(notes, few=scale.few, many=scale.many, rounds=scale.run_rounds)
    rows = [
        {
            "name": one.name,
            **spread(one.paces("clock")),
            "processor": spread(one.paces("processor")),
            "seconds": statistics.median(taken.clock for taken in one.many_seconds),
        }
        for one in found
    ]
    return {"few": scale.few, "many": scale.many, "rounds": scale.run_rounds, "engines": rows}


def _start_up(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    taken = whole_runs.start_up(notes, rounds=scale.rounds)
    processor = spread([one.processor for one in taken])
    return {"rounds": scale.rounds, **spread([one.clock for one in taken]), "processor": processor}


def _length(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    return {"costs": [asdict(cost) for cost in growth.by_length(notes, scale.lengths)]}


def _terms(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    some = evenly(notes, scale.term_notes)
    return {"notes": len(some), "costs": [asdict(cost) for cost in growth.by_terms(some, scale.terms)]}


def _memory(notes: Sequence[Note], options: argparse.Namespace, scale: Scale) -> Part:
    runs = [memory.measure(options.notes, count) for count in scale.memory]
    return memory.results(runs)


PARTS: Mapping[str, Callable[[Sequence[Note], argparse.Namespace, Scale], Part]] = {
    "systems": _systems, "scanners": _scanners,
    "engines": _engines, "start_up": _start_up, "length": _length, "terms": _terms, "memory": _memory,
}  # fmt: skip


def _draw(parts: Mapping[str, Any], folder: Path) -> None:
    if "systems" in parts:
        plots.bars(folder / "benchmark-systems.svg", parts["systems"]["paces"])
    if "length" in parts:
        plots.growth(
            folder / "benchmark-length.svg", parts["length"]["costs"], xlabel="characters", ylabel="seconds", is_linear_shown=True
        )  # fmt: skip
    if "terms" in parts:
        label = f"seconds for {parts['terms']['notes']:,} notes"
        plots.growth(folder / "benchmark-terms.svg", parts["terms"]["costs"], xlabel="terms", ylabel=label, is_linear_shown=False)
    if "memory" in parts:
        plots.memory(folder / "benchmark-memory.svg", parts["memory"]["runs"][-1])


def _corpus(notes: Sequence[Note]) -> dict[str, int]:
    lengths = [len(note.note_text) for note in notes]
    return {"notes": len(notes), "characters": sum(lengths), "median": round(statistics.median(lengths))}


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _day() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"parts": {}}
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Every benchmark, and the page of them.")
    parser.add_argument("notes", type=Path, help="notes as prescreen run reads them")
    parser.add_argument("--short", action="store_true", help="little of everything, to try the program out")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="parts to measure (again); the others stay")
    parser.add_argument("--page", action="store_true", help="only write the page from the results")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmark-out" / "results.json")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "prescreen-benchmarks")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
