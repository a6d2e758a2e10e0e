"""Whole runs from the command line, timed from outside: on one process, on two, on Spark, and on ten notes from cold.

A run of a few notes and one of many are timed in turn; what the many took longer, over how many more they are, is the
pace without starting up, which is given apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks.corpus import repeated, write
from eval.benchmarks.stopwatch import Seconds, of_children, stopwatch
from extractor.records import Note

TRIAL = "rp-low-dose-il2"
ENGINES: Mapping[str, tuple[str, ...]] = {
    "1 process": ("--workers", "1"),
    "2 processes": ("--workers", "2"),
    "Spark local[2]": ("--engine", "spark", "--master", "local[2]"),
}


@dataclass(frozen=True, slots=True)
class EngineTimes:
    """What the runs of few and of many notes took, a figure a round."""

    name: str
    few: int
    many: int
    few_seconds: tuple[Seconds, ...]
    many_seconds: tuple[Seconds, ...]

    def paces(self, which: str) -> tuple[float, ...]:
        """Notes a second once started, a figure a round; `which` is `clock` or `processor` (all cores together)."""
        pairs = zip(self.few_seconds, self.many_seconds, strict=True)
        return tuple((self.many - self.few) / getattr(many - few, which) for few, many in pairs)


def engines(
    notes: Sequence[Note], *, few: int, many: int, rounds: int, names: Sequence[str] = tuple(ENGINES)
) -> list[EngineTimes]:
    """Every engine on the same notes, round by round; one whose programs are missing is left out."""
    names = [name for name in names if not name.startswith("Spark") or shutil.which("java")]
    times: dict[str, tuple[list[Seconds], list[Seconds]]] = {name: ([], []) for name in names}
    with tempfile.TemporaryDirectory() as scratch:
        sources = [write(Path(scratch) / f"{count}.jsonl", repeated(notes, count)) for count in (few, many)]
        for _ in range(rounds):
            for name in names:
                for place, source in enumerate(sources):
                    times[name][place].append(timed(source, ENGINES[name], Path(scratch)))
    return [EngineTimes(name, few, many, tuple(a), tuple(b)) for name, (a, b) in times.items()]


def start_up(notes: Sequence[Note], *, rounds: int) -> list[Seconds]:
    """Seconds of `prescreen run` on ten notes, process by process; the first, which fills caches of the system, is not told."""
    with tempfile.TemporaryDirectory() as scratch:
        source = write(Path(scratch) / "ten.jsonl", repeated(notes, 10))
        return [timed(source, (), Path(scratch)) for _ in range(rounds + 1)][1:]


def timed(source: Path, words: Sequence[str], scratch: Path) -> Seconds:
    """What one `prescreen run` took, report and all."""
    out = scratch / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "extractor", "run", str(source), "--trial", TRIAL, "--out", str(out), *words]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("PYSPARK_PYTHON", sys.executable)
    environment["PYTHONPYCACHEPREFIX"] = str(scratch / "bytecode")  # as an installed package has its own
    with stopwatch(of_children) as seconds:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr[-500:]}")
    return seconds
