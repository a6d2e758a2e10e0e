"""`python -m eval.benchmarks.memory NOTES --counts 10000 100000`: memory of a run and of its worker, from beginning to end.

Each count is a real `prescreen annotate --workers 1` over so many notes, watched from outside through `/proc` (Linux).
Prints the peaks, and what the worker gained between the first tenth of the run and its end; `--out` keeps the curve.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.benchmarks.corpus import load, repeated, write

EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Notes read so far, and the memory in MB that the worker and the process that feeds it have in use."""

    notes: int
    worker_mb: float
    parent_mb: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A run of `notes` notes: its peaks (as the system counted them) and its moments, in order."""

    notes: int
    seconds: float
    worker_peak_mb: float
    parent_peak_mb: float
    moments: tuple[Moment, ...]

    @property
    def gained_mb(self) -> float:
        """What the worker has at the end above what it had when a tenth of the notes were read."""
        early = next(moment for moment in self.moments if moment.notes >= self.notes / 10)
        return self.moments[-1].worker_mb - early.worker_mb


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark; returns the exit status."""
    options = _parser().parse_args(arguments)
    runs = [measure(options.notes, count) for count in options.counts]
    for run in runs:
        print(
            f"{run.notes:>9,} notes in {run.seconds:,.0f} s: worker {run.worker_peak_mb:,.0f} MB at most, "
            f"{run.gained_mb:+,.0f} MB after the first tenth; parent {run.parent_peak_mb:,.0f} MB at most"
        )
    if options.out:
        options.out.write_text(json.dumps(results(runs)) + "\n", encoding="utf-8")
    return 0


def results(runs: Sequence[Watched]) -> dict[str, Any]:
    """The runs as the report keeps them."""
    return {"runs": [asdict(run) | {"gained_mb": run.gained_mb} for run in runs]}


def measure(notes: Path, count: int) -> Watched:
    """One run over `count` notes, made of those of the file."""
    with tempfile.TemporaryDirectory() as scratch:
        source = write(Path(scratch) / "notes.jsonl", repeated(load(notes), count))
        out = Path(scratch) / "out"
        command = [sys.executable, "-m", "extractor", "annotate", str(source), "--out", str(out), "--workers", "1"]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        moments, peaks = [], (0.0, 0.0)
        for now, worker_peak, parent_peak in _moments(process, out):
            moments.append(now)
            peaks = max(peaks[0], worker_peak), max(peaks[1], parent_peak)
        if process.returncode:
            raise RuntimeError(f"the run ended with status {process.returncode}")
        return Watched(count, time.perf_counter() - started, *peaks, tuple(moments))


def _moments(process: subprocess.Popen[bytes], out: Path) -> Iterator[tuple[Moment, float, float]]:
    """Moment after moment with the peaks of worker and parent, until the worker ends."""
    peak = 0.0
    while process.poll() is None:
        time.sleep(EVERY_SECONDS)
        parent = _memory(process.pid)
        worker = max((_memory(pid) for pid in _children(process.pid)), default=(0.0, 0.0), key=lambda one: one[1])
        if parent[0] and worker[1] >= max(peak, 1):  # a lower peak is of another process: the worker has ended
            peak = worker[1]
            yield Moment(_notes_read(out), worker[0], parent[0]), worker[1], parent[1]


def _notes_read(out: Path) -> int:
    try:
        return int(json.loads((out / "status.json").read_text(encoding="utf-8"))["notes"])
    except FileNotFoundError:
        return 0


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _memory(pid: int) -> tuple[float, float]:
    """Memory in use now and at most (VmRSS, VmHWM) of a process in MB; zeros when it has ended."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(lines["VmRSS"].split()[0]) / 1000, int(lines["VmHWM"].split()[0]) / 1000
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return 0.0, 0.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Memory of a run and its worker.")
    parser.add_argument("notes", type=Path, help="notes as prescreen run reads them")
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--out", type=Path, help="JSON file for the curves")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
